/* A pcapsink that plays in a harness, with a folder and a bus of its own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

G_BEGIN_DECLS

#define PACKETS "application/x-packet, link-type=(int)1"
#define PCAPNG "application/x-pcapng"
#define PCAP "raw/x-pcap"

extern gchar *folder;
extern GstElement *sink;
extern GstBus *bus;
extern GstHarness *harness;

/* Fixtures. */
void    sink_run_setup          (void);
void    sink_run_teardown       (void);

/* Of @name in the folder; @caps: NULL for none, and then there is a segment only. */
void    sink_run_play           (const gchar    *name,
                                 const gchar    *properties,
                                 const gchar    *caps);

/* The sink to NULL, and away. */
void    sink_run_stop           (void);

/* In pieces of @size bytes, all of which are taken. */
void    sink_run_push           (const guint8   *data,
                                 gsize           length,
                                 gsize           size);

void    sink_run_push_eos       (void);

/* The next file has another location. */
void    sink_run_rotate_to      (const gchar    *name);

guint64 sink_run_get_stat       (const gchar    *field);

/* Those that are there by now; forgets all others. */
guint   sink_run_count_messages (GstMessageType  type);

gchar * sink_run_path_of        (const gchar    *name);

gboolean sink_run_has_text      (const gchar    *name,
                                 const gchar    *text);

/* Checks the packets of a file, which are those of put_packet() from @first on, and
 * their link types, each of @types in turn, if that is not 0; how many there are. */
guint   sink_run_check_packets  (const gchar    *name,
                                 guint           first,
                                 guint           types);

G_END_DECLS
