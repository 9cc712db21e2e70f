/* gst-afring: filters over what an index knows of packets (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapindexshape.h"

#include <linux/filter.h>

G_BEGIN_DECLS

/* Whether there may be a packet with a key. */
typedef gboolean (*GstPcapRunAsk) (guint64  key,
                                   gpointer user_data);

/* A program, and what it takes to run it. */
typedef struct _GstPcapRun GstPcapRun;

/* @program: as gst_bpf_run() takes it; of length 0 it accepts all. It is copied. */
GST_AFRING_API
GstPcapRun * gst_pcap_run_new  (const struct sock_filter *program,
                                guint                     length);

GST_AFRING_API
void     gst_pcap_run_free     (GstPcapRun               *self);

/* FALSE if no packet of that shape can be accepted, whatever else is in it, as long as no
 * packet has a key for which @ask is FALSE. */
GST_AFRING_API
gboolean gst_pcap_run_accepts  (GstPcapRun               *self,
                                const GstPcapShape       *shape,
                                GstPcapRunAsk             ask,
                                gpointer                  user_data);

G_END_DECLS
