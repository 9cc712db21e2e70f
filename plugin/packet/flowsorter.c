/* gst-afring: packets into their flows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowsorter.h"

struct _FlowSorter
{
  FlowSet *flows;               /* borrowed */
  PacketDissector *dissector;
  PacketParts *parts;
  gboolean makes_parts;         /* of the packets at hand */
  guint64 not_matched;
};

FlowSorter *
flow_sorter_new (FlowSet * flows)
{
  FlowSorter *self = g_new0 (FlowSorter, 1);

  self->flows = flows;
  self->dissector = packet_dissector_new (TRUE);
  self->parts = packet_parts_new ();
  return self;
}

void
flow_sorter_free (FlowSorter * self)
{
  packet_parts_free (self->parts);
  packet_dissector_free (self->dissector);
  g_free (self);
}

gboolean
flow_sorter_set_link_type (FlowSorter * self, guint32 link_type)
{
  return packet_dissector_set_link_type (self->dissector, link_type);
}

void
flow_sorter_clear (FlowSorter * self)
{
  packet_dissector_clear (self->dissector);
}

void
flow_sorter_get_counts (FlowSorter * self, PacketCounts * counts)
{
  packet_dissector_get_stats (self->dissector, &counts->dissected);
  counts->not_matched = self->not_matched;
}

/* The flow of a packet, or NULL if it has none. */
static Flow *
find_flow (FlowSorter * self, const FlowRules * rules,
    const DissectedPacket * packet, GstFlowReturn * ret)
{
  FlowKey key;

  if (!packet_protocol_matches (rules->protocol, &packet->headers)
      && !(rules->reassembles
          && packet->headers.protocol == GST_IP_PROTOCOL_TCP)) {
    self->not_matched++;
    return NULL;
  }
  flow_key_init (&key, &packet->headers,
      packet_dissector_get_link (self->dissector, packet));
  return flow_set_find (self->flows, &key, dissected_packet_get_time (packet),
      rules, ret);
}

/* Of a flow that is put together. Takes apart what @buffer has. */
static GstFlowReturn
sort_segment (FlowSorter * self, const FlowRules * rules, Flow * flow,
    DissectedPacket * packet, GstBuffer * buffer, gboolean in_place)
{
  const GstPacketHeaders *headers = &packet->headers;
  GstFlowReturn ret = GST_FLOW_OK;
  GstBuffer *data = NULL;
  GstTcpSegment segment;

  gst_tcp_segment_read (&segment, packet->map.data, packet->map.size, headers);
  segment.time = dissected_packet_get_time (packet);
  if (G_UNLIKELY (flow_tcp_is_over (flow->tcp, &segment)))
    flow = flow_set_replace (self->flows, flow, rules, &ret);
  if (flow != NULL && segment.captured > 0) {
    data = packet_dissector_cut (self->dissector, packet, headers->payload,
        headers->payload + segment.captured, in_place);
    if (data == buffer)
      gst_buffer_ref (data);
  } else {
    packet_dissector_finish (self->dissector, packet);
  }
  if (flow != NULL)
    flow_set_add_segment (self->flows, flow, &segment, data, rules);
  return ret;
}

static GstFlowReturn
sort_packet (FlowSorter * self, const FlowRules * rules, GstBuffer * buffer,
    gboolean in_place)
{
  GstFlowReturn ret = GST_FLOW_OK;
  DissectedPacket packet;
  SlotList *list;
  GstBuffer *payload;
  PayloadPart part;
  gsize start;
  Flow *flow;

  if (G_UNLIKELY (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)))
    flow_set_note_discont (self->flows);
  if (!packet_dissector_start (self->dissector, buffer, &packet))
    return GST_FLOW_OK;
  flow = find_flow (self, rules, &packet, &ret);
  if (flow == NULL) {
    packet_dissector_finish (self->dissector, &packet);
    return ret;
  }
  if (flow->tcp != NULL)
    return sort_segment (self, rules, flow, &packet, buffer, in_place);
  /* of a flow that was there before TCP was put together */
  if (G_UNLIKELY (packet.headers.end > packet.map.size)) {
    packet_dissector_finish_truncated (self->dissector, &packet);
    return GST_FLOW_OK;
  }
  part = flow_set_look (self->flows, flow, &packet);
  start = packet.headers.payload + part.offset;
  list = self->makes_parts ? flow_set_get_list (self->flows, flow) : NULL;
  if (list != NULL) {
    if (flow->source == NULL)
      flow->source = g_object_ref (packet_dissector_get_source (self->dissector,
              &packet));
    packet.source = flow->source;
    flow_set_note_added (self->flows, flow, packet_parts_add (self->parts,
            list, self->dissector, &packet, start, start + part.size));
    return GST_FLOW_OK;
  }
  payload = packet_dissector_cut (self->dissector, &packet, start,
      start + part.size, in_place);
  if (payload == buffer)
    gst_buffer_ref (payload);
  flow_set_add (self->flows, flow, payload);
  return GST_FLOW_OK;
}

GstFlowReturn
flow_sorter_take (FlowSorter * self, GstBufferList * list,
    const FlowRules * rules)
{
  gboolean in_place = gst_buffer_list_is_writable (list);
  guint n = gst_buffer_list_length (list);
  GstClockTime time = GST_CLOCK_TIME_NONE;
  GstFlowReturn ret = GST_FLOW_OK;

  self->makes_parts = n > 0
      && packet_parts_suit (gst_buffer_list_get (list, 0));
  if (self->makes_parts)
    packet_parts_begin (self->parts, list);
  packet_dissector_set_cut_tcp (self->dissector, rules->reassembles);
  flow_set_begin (self->flows);
  for (guint i = 0; ret == GST_FLOW_OK && i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    if (i == n - 1) {
      time = packet_buffer_get_time (buffer);
      flow_set_note_time (self->flows, GST_BUFFER_PTS (buffer));
    }
    ret = sort_packet (self, rules, buffer, in_place
        && GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) == 1);
  }
  flow_set_finish (self->flows);
  packet_parts_end (self->parts);
  gst_buffer_list_unref (list);
  if (ret == GST_FLOW_OK)
    ret = flow_set_push (self->flows);
  if (ret == GST_FLOW_OK)
    ret = flow_set_expire (self->flows, time, rules);
  if (ret == GST_FLOW_OK)
    flow_set_push_gaps (self->flows);
  return ret;
}
