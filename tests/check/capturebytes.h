/* Capture streams made from scratch, in either byte order.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define START (G_GUINT64_CONSTANT (1700000000000000000))

/* pcapng blocks */
#define NAMES 4
#define SECRETS 10
#define CUSTOM 0xbad
#define CUSTOM_NOT_COPIED 0x40000bad

/* Where all of these append, and whether in the other byte order. */
extern GByteArray *out;
extern gboolean swapped;

/* With a length of the section, which a file that ends elsewhere must not have. */
void put_section    (void);

/* With nanoseconds. */
void put_interface  (guint16      link_type);

/* Its number is its time, from START on, and its first bytes; 60 bytes on the wire. */
void put_packet     (guint        interface,
                     guint        n);

void put_names      (const gchar *name);
void put_secrets    (const gchar *secrets);
void put_custom     (guint32      type,
                     const gchar *text);
void put_statistics (guint32      dropped);

/* A classic file with such packets, or a section of one interface. */
void put_classic    (guint        first,
                     guint        n);
void put_kind       (gboolean     classic,
                     guint        first,
                     guint        n);

G_END_DECLS
