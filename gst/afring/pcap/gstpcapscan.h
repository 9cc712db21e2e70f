/* gst-afring: how much of a capture file is whole (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapcompression.h"
#include "gstpcapindex.h"
#include "gstpcapseektable.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* Of a file from its beginning on. */
typedef struct
{
  guint64 size;                 /* of the file */
  guint64 end;                  /* in it, of the last whole record, or frame of them */
  guint64 packets;              /* up to there */
  GstClockTime last_time;
  gboolean torn;                /* it ends in the middle of one */
  gboolean native;              /* pcapng in the byte order of this machine */
  guint n_interfaces;
  GstPcapCompression compression;
  GstPcapSeekTable *frames;     /* of zstd, or NULL */
  GstPcapIndexBuilder *index;   /* of all up to there, but for what has one; or NULL */
} GstPcapScan;

/* Reads all of it, up to where it makes no sense any more. @indexed: makes its index. FALSE
 * with an error if it cannot be read. */
GST_AFRING_API
gboolean gst_pcap_scan_init    (GstPcapScan   *self,
                                int            fd,
                                gboolean       indexed,
                                GCancellable  *cancellable,
                                GError       **error);

GST_AFRING_API
void     gst_pcap_scan_clear   (GstPcapScan   *self);

/* Only what never was whole may go: TRUE if there is nothing else behind @end. */
GST_AFRING_API
gboolean gst_pcap_scan_may_cut (GstPcapScan   *self,
                                int            fd);

G_END_DECLS
