/* gst-afring: a flow, and what is known of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow.h"

void
flow_free (Flow * self)
{
  slot_list_clear (&self->waiting);
  g_clear_object (&self->source);
  g_clear_pointer (&self->streams, rtp_streams_free);
  g_clear_pointer (&self->tcp, flow_tcp_free);
  g_free (self);
}

static const gchar *
get_kind_name (const Flow * self)
{
  switch (self->kind) {
    case RTP_PROBE_RTP:
      return "rtp";
    case RTP_PROBE_RTCP:
      return "rtcp";
    case RTP_PROBE_UNDECIDED:
      return "undecided";
    case RTP_PROBE_OTHER:
    default:
      return "other";
  }
}

/* Of several streams each has its own SSRC, and they can have one payload type. */
static void
describe_rtp (const Flow * self, GstStructure * structure)
{
  const RtpStreamStats *first =
      self->streams != NULL ? rtp_streams_get_first (self->streams) : NULL;

  if (first == NULL)
    return;
  if (rtp_streams_count (self->streams) == 1)
    gst_structure_set (structure,
        "ssrc", G_TYPE_UINT, rtp_stream_stats_get_ssrc (first), NULL);
  if (rtp_streams_are_alike (self->streams))
    gst_structure_set (structure, "payload", G_TYPE_INT,
        (gint) rtp_stream_stats_get_payload_type (first), NULL);
}

GstStructure *
flow_describe (const Flow * self)
{
  GstStructure *structure = gst_structure_new_empty ("application/x-flow");

  flow_key_describe (&self->key, structure);
  gst_structure_set (structure,
      "kind", G_TYPE_STRING, get_kind_name (self), NULL);
  if (self->kind == RTP_PROBE_RTP)
    describe_rtp (self, structure);
  return structure;
}

GstStructure *
flow_make_structure (const Flow * self)
{
  GstStructure *structure = flow_describe (self);

  gst_structure_set (structure,
      "packets", G_TYPE_UINT64, self->packets,
      "bytes", G_TYPE_UINT64, self->bytes,
      "first-time", G_TYPE_UINT64, self->first_time,
      "last-time", G_TYPE_UINT64, self->last_time, NULL);
  if (self->streams != NULL)
    rtp_streams_describe (self->streams, structure);
  if (self->tcp != NULL)
    flow_tcp_describe (self->tcp, structure);
  if (self->pad != NULL)
    gst_structure_set (structure,
        "pad", G_TYPE_STRING, GST_PAD_NAME (flow_pad_get_pad (self->pad)), NULL);
  return structure;
}
