/* gst-afring: many capture files as one timeline, inside
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findrun.h"
#include "gstpcapsrc.h"

G_BEGIN_DECLS

struct _GstPcapSrc
{
  GstElement parent;

  GstPad *src_pad;
  PcapTimeline *timeline;       /* stream lock */
  FindCounts counts;            /* of the run */

  /* Object lock. */
  FindSettings settings;

  /* Made and freed while the pad is not active. */
  FindRun *run;
  gboolean negotiated;          /* stream lock */

  /* Waiting for what is written next. */
  GMutex lock;
  GCond cond;
  gboolean woken;
  gboolean end_wanted;          /* an EOS was sent to the element */

  /* One seek comes by many ways, if many branches are behind the element. */
  GMutex seek_lock;
  guint32 seek_seqnum;
  gboolean seek_done;
};

void     gst_pcap_src_loop        (gpointer    data);

/* The streaming thread comes back soon, or (FALSE) goes on. */
void     gst_pcap_src_interrupt   (GstPcapSrc *self,
                                   gboolean    interrupt);

/* What downstream is to get, once in a run. With the stream lock. */
void     gst_pcap_src_negotiate   (GstPcapSrc *self);

gboolean gst_pcap_src_query       (GstPad     *pad,
                                   GstObject  *parent,
                                   GstQuery   *query);

gboolean gst_pcap_src_event       (GstPad     *pad,
                                   GstObject  *parent,
                                   GstEvent   *event);

gboolean gst_pcap_src_handle_event (GstPcapSrc *self,
                                   GstEvent   *event);

/* pcap:// */
void     gst_pcap_src_uri_handler_init (gpointer g_iface,
                                   gpointer    iface_data);

G_END_DECLS
