/* gst-afring: what each file of a pcapng section begins with
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stream of pcapng that is recorded block by block has its own section header and
 * interfaces, and blocks that say something of the whole section: names, secrets to
 * decrypt it with, custom ones in front of the packets. Each file begins with them.
 * Bytes are in the byte order of the section. */
typedef struct _PcapSection PcapSection;

/* @max_size: of a file, 0: any. Blocks are not to fill it. */
PcapSection * pcap_section_new            (guint64        max_size);
void          pcap_section_free           (PcapSection   *self);

/* TRUE from a section header on. */
gboolean      pcap_section_is_known       (PcapSection   *self);

/* No stream is recorded as it is, any more. */
void          pcap_section_forget         (PcapSection   *self);

/* The next block of the stream, before it is in a file if @begun is FALSE. TRUE if the
 * start of a file would have it in its place: the header and interfaces. */
gboolean      pcap_section_take           (PcapSection   *self,
                                           const guint8  *block,
                                           gsize          length,
                                           gboolean       begun);

/* The next block is a packet. TRUE if it is right for the file as it is: all interfaces
 * are in it under their own numbers. */
gboolean      pcap_section_take_packet    (PcapSection   *self);

/* The blocks, GBytes, of a section whose packets come one by one, in place of those
 * before. Appends those that are new. */
void          pcap_section_set_blocks     (PcapSection   *self,
                                           GPtrArray     *blocks,
                                           GByteArray    *added);

/* What a file begins with, and the blocks of that alone. */
void          pcap_section_append_start   (PcapSection   *self,
                                           const gchar *const *comments,
                                           GByteArray    *out);
void          pcap_section_append_blocks  (PcapSection   *self,
                                           GByteArray    *out);

/* How long the start of a file would be now. */
gsize         pcap_section_get_start_size (PcapSection   *self,
                                           const gchar *const *comments);

/* TRUE if the section has one interface, so that what is said of a capture is said of
 * it, and is in the byte order of this machine. */
gboolean      pcap_section_has_one        (PcapSection   *self);

/* The next file: no interface is described in it. */
void          pcap_section_restart        (PcapSection   *self);

/* The description of the interface that @block is of, if it is not in the file: its
 * length, and the description, which is in the file then. Of many interfaces a file
 * does not begin with all. */
gsize         pcap_section_get_missing    (PcapSection   *self,
                                           const guint8  *block,
                                           gsize          length);
void          pcap_section_append_missing (PcapSection   *self,
                                           const guint8  *block,
                                           gsize          length,
                                           GByteArray    *out);

/* Makes a copy of a block right for the file: gives it the number that its interface
 * has there. */
void          pcap_section_adapt          (PcapSection   *self,
                                           guint8        *block,
                                           gsize          length);

/* How many blocks are too much to be repeated in each file. */
guint64       pcap_section_get_left_out   (PcapSection   *self);

G_END_DECLS
