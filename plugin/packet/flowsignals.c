/* gst-afring: the signals of flowdemux
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowsignals.h"

enum
{
  SIGNAL_NEW_FLOW,
  SIGNAL_FLOW_REMOVED,
  SIGNAL_REQUEST_PT_MAP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
flow_signals_install (GObjectClass * klass)
{
  /**
   * GstFlowDemux::new-flow:
   * @pad: its pad
   * @flow: what is known of it, as in `stats`. Not changed any more; the element
   *   keeps it until there have been 4096 others, or it goes
   *
   * A flow has got its pad. Emitted on the streaming thread.
   */
  signals[SIGNAL_NEW_FLOW] = g_signal_new ("new-flow",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_TYPE_PAD,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * GstFlowDemux::flow-removed:
   * @pad: its pad, which has had EOS and is about to be removed
   * @flow: what is known of it, as in `stats`
   *
   * A flow has ended. Emitted on the streaming thread.
   */
  signals[SIGNAL_FLOW_REMOVED] = g_signal_new ("flow-removed",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_TYPE_PAD,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * GstFlowDemux::request-pt-map:
   * @ssrc: an SSRC of an RTP flow
   * @payload: a payload type that it has
   *
   * Asks what an RTP flow carries, once for each payload type. Emitted on the streaming thread.
   *
   * Returns: (transfer full) (nullable): caps with the fields that the flow's caps
   *   are to have, each with one value
   */
  signals[SIGNAL_REQUEST_PT_MAP] = g_signal_new ("request-pt-map",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      GST_TYPE_CAPS, 2, G_TYPE_UINT, G_TYPE_UINT);
}

void
flow_records_init (FlowRecords * self)
{
  g_queue_init (&self->records);
}

void
flow_records_clear (FlowRecords * self)
{
  g_queue_clear_full (&self->records, (GDestroyNotify) gst_structure_free);
}

static void
emit (GstElement * element, guint signal, const FlowPad * pad,
    GstStructure * record, FlowRecords * records)
{
  g_signal_emit (element, signals[signal], 0, flow_pad_get_pad (pad), record);
  g_queue_push_tail (&records->records, record);
  if (g_queue_get_length (&records->records) > FLOW_RECORDS_KEPT)
    gst_structure_free (g_queue_pop_head (&records->records));
}

void
flow_signals_emit_new (GstElement * element, const FlowPad * pad,
    GstStructure * record, FlowRecords * records)
{
  emit (element, SIGNAL_NEW_FLOW, pad, record, records);
}

void
flow_signals_emit_removed (GstElement * element, const FlowPad * pad,
    GstStructure * record, FlowRecords * records)
{
  emit (element, SIGNAL_FLOW_REMOVED, pad, record, records);
}

GstCaps *
flow_signals_ask_pt_map (GstElement * element, guint32 ssrc,
    guint8 payload_type)
{
  GstCaps *caps = NULL;

  g_signal_emit (element, signals[SIGNAL_REQUEST_PT_MAP], 0, ssrc,
      (guint) payload_type, &caps);
  return caps;
}
