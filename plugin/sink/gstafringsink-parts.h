/* gst-afring: what the parts of the sender share
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringsink.h"
#include "sinkoffload.h"
#include "sinkpacing.h"
#include "sinksettings.h"

G_BEGIN_DECLS

struct _GstAfringSink
{
  GstBaseSink parent;

  SinkSettings settings;        /* object lock */
  SinkCounters *counters;
  GstPadChainFunction chain;    /* of GstBaseSink */
  GstPadChainListFunction chain_list;

  /* Of the streaming thread, from start() to stop(). */
  SinkSender *sender;
  SinkFraming framing;
  SinkOffload offload;
  SinkPacing pacing;
  GstClockTime batch_due;       /* of the first packet in the batch, by the clock */
};

/* gstafringsinkrender.c: packets, from the pad to the sender. */

GstFlowReturn gst_afring_sink_render      (GstBaseSink   *sink,
                                           GstBuffer     *buffer);

GstFlowReturn gst_afring_sink_render_list (GstBaseSink   *sink,
                                           GstBufferList *list);

/* Has all that comes in through the pad counted. */
void          gst_afring_sink_watch_pad   (GstAfringSink *self);

G_END_DECLS
