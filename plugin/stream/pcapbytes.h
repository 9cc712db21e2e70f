/* gst-afring: the bytes of a capture file, at any place
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Where the bytes are: as gst_pad_pull_range() does, also less than @size at the end. */
typedef struct
{
  gboolean      (*get_size) (guint64     *size,
                             gpointer     user_data);
  GstFlowReturn (*read)     (guint64      offset,
                             guint        size,
                             GstBuffer  **buffer,
                             gpointer     user_data);
} PcapBytesFuncs;

/* A file, as one behind a pad in pull mode. One that is compressed in frames and has a table of
 * them (GstPcapSeekTable) is what it holds: places and sizes are of that. Thread-safe. */
typedef struct _PcapBytes PcapBytes;

PcapBytes *   pcap_bytes_new      (GstPad       *pad);

PcapBytes *   pcap_bytes_new_full (const PcapBytesFuncs *funcs,
                                   gpointer      user_data);

void          pcap_bytes_free     (PcapBytes    *self);

/* The next file may be another one. */
void          pcap_bytes_reset    (PcapBytes    *self);

/* FALSE if it is not known. */
gboolean      pcap_bytes_get_size (PcapBytes    *self,
                                   guint64      *size);

/* @size bytes, or those up to the end; GST_FLOW_EOS: there is none. GST_FLOW_ERROR with
 * an error: it is compressed, and corrupt. */
GstFlowReturn pcap_bytes_pull     (PcapBytes    *self,
                                   guint64       offset,
                                   guint         size,
                                   GstBuffer   **buffer,
                                   GError      **error);

/* The same, or what is at hand at once: at least one byte. */
GstFlowReturn pcap_bytes_read     (PcapBytes    *self,
                                   guint64       offset,
                                   guint         size,
                                   GstBuffer   **buffer,
                                   GError      **error);

G_END_DECLS
