/* gst-afring: a capture stream to packets, inside
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapdec.h"
#include "pcapgate.h"
#include "pcapreading.h"

G_BEGIN_DECLS

struct _GstPcapDec
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  PcapReading *reading;         /* stream lock */
  PcapTimeline *timeline;       /* its; likewise */
  PcapGate gate;                /* live */
  guint32 segment_seqnum;       /* push mode: of the last one that came */

  /* One seek comes by many ways, if many branches are behind the element. */
  GMutex seek_lock;
  guint32 seek_seqnum;
  gboolean seek_done;
  gint seeking;                 /* atomic: somebody waits for the stream lock */

  /* Object lock. */
  gboolean pulling;
  GstClockTime duration;
  gboolean is_live;
  GstClockTime latency;
};

/* Of the sink pad's task, in pull mode. */
void     gst_pcap_dec_loop      (gpointer   data);

/* Of the source pad. */
gboolean gst_pcap_dec_src_query (GstPad    *pad,
                                 GstObject *parent,
                                 GstQuery  *query);

gboolean gst_pcap_dec_src_event (GstPad    *pad,
                                 GstObject *parent,
                                 GstEvent  *event);

G_END_DECLS
