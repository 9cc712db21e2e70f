/* gst-afring: blocks of other files as blocks of one (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* Whatever a file has (either byte order, any resolution of times, classic pcap) is made a
 * block as gstpcapngwriter.h has them, and keeps its options. Blocks come from
 * GstPcapDecoder, which has looked at their lengths. */

/* TRUE if @record, that a packet was read from, is an enhanced packet block in the byte
 * order of this machine, and all of it: only its number and its time can be others. */
GST_AFRING_API
gboolean gst_pcapng_is_packet        (const guint8              *record,
                                      gsize                      length);

/* Whether such a block has this interface and this time, which a packet that has none is
 * written with as 0. */
GST_AFRING_API
gboolean gst_pcapng_packet_is_of     (const guint8              *block,
                                      guint32                    interface,
                                      GstClockTime               time);

/* Has it them. */
GST_AFRING_API
void     gst_pcapng_packet_renumber  (guint8                    *block,
                                      guint32                    interface,
                                      GstClockTime               time);

/* Makes one of any record. */
GST_AFRING_API
void     gst_pcapng_append_packet_of (GByteArray                *out,
                                      const guint8              *record,
                                      gsize                      length,
                                      const GstPcapPacket       *packet);

/* Describes @iface with what @block (or NULL), its description, says beyond that. */
GST_AFRING_API
void     gst_pcapng_append_interface_of (GByteArray             *out,
                                      const GstCaptureInterface *iface,
                                      const guint8              *block,
                                      gsize                      length);

/* The comments of a section's header; NULL if there are none. */
GST_AFRING_API
gchar ** gst_pcapng_get_comments     (const guint8              *block,
                                      gsize                      length);

G_END_DECLS
