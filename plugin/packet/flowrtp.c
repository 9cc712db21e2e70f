/* gst-afring: what the payloads of a flow say of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowrtp.h"
#include "common/packetbuffer.h"

#include <gst/afring/packet/gstpacketmeta.h>

/* One packet that looks like a channel's can be anything. */
#define ENOUGH_CHANNELS 3

/* What TURN relays. */

/* The list is nobody else's, nor are the buffers in it. */
static gboolean
open_buffer (GstBuffer ** buffer, guint i, gpointer user_data)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (*buffer);
  gboolean opens = FALSE;
  PayloadPart part;
  guint16 channel;
  PacketMap map;

  if (!packet_buffer_map (*buffer, &map))
    return TRUE;
  opens = turn_channel_open (map.data, map.size, &part, &channel);
  packet_buffer_unmap (*buffer, &map);
  if (!opens)
    return TRUE;
  gst_buffer_resize (*buffer, part.offset, part.size);
  if (meta != NULL)
    meta->wire_length = part.size;
  return TRUE;
}

/* From now on a channel's packets are opened, and those that wait. */
static void
set_relayed (Flow * flow)
{
  if (flow->relayed)
    return;
  flow->relayed = TRUE;
  slot_list_close (&flow->waiting);
  if (flow->waiting.list == NULL)
    return;
  flow->waiting.list = gst_buffer_list_make_writable (flow->waiting.list);
  gst_buffer_list_foreach (flow->waiting.list, open_buffer, NULL);
}

/* Finds what is in a packet of TURN. FALSE if it only looks like one. */
static gboolean
open_payload (Flow * flow, const guint8 * data, gsize size, PayloadPart * part)
{
  guint16 channel;

  if (G_LIKELY (size == 0 || data[0] >> 4 > 4)) {
    flow->channels = 0;
    return TRUE;
  }
  if (stun_message_open (data, size, part))
    return TRUE;
  if (turn_channel_open (data, size, part, &channel)) {
    flow->channels++;
    return flow->relayed;
  }
  if (!stun_message_check (data, size))
    flow->channels = 0;
  return TRUE;
}

/* A flow that is nothing yet. */
static void
probe (Flow * flow, const guint8 * data, gsize size)
{
  guint channels = flow->channels;

  flow->kind = rtp_probe_look (&flow->probe, data, size);
  if (channels == 0 || flow->kind == RTP_PROBE_UNDECIDED)
    return;
  if (flow->kind == RTP_PROBE_OTHER && channels < ENOUGH_CHANNELS)
    flow->kind = RTP_PROBE_UNDECIDED;
  else
    set_relayed (flow);
}

/* Packets. */

static void
count (Flow * flow, const guint8 * data, gsize size,
    const RtpArrival * arrival)
{
  RtpHeader header;

  if (rtp_header_read (&header, data, size))
    rtp_streams_take (flow->streams, &header, arrival);
}

PayloadPart
flow_rtp_look (Flow * flow, const guint8 * data, gsize size,
    const RtpArrival * arrival)
{
  PayloadPart whole = { 0, size }, part = whole;
  gboolean sure;

  /* RTP over a stream of bytes is framed: RFC 4571 */
  if (flow->key.protocol == GST_IP_PROTOCOL_TCP) {
    flow->kind = RTP_PROBE_OTHER;
    return whole;
  }
  sure = open_payload (flow, data, size, &part);
  if (G_LIKELY (flow->kind == RTP_PROBE_RTP)) {
    if (flow->streams != NULL && sure)
      count (flow, data + part.offset, part.size, arrival);
  } else if (flow->kind == RTP_PROBE_UNDECIDED) {
    probe (flow, data + part.offset, part.size);
  } else if (!flow->turns
      && rtp_probe_watch (&flow->probe, data + part.offset, part.size)) {
    flow->turns = TRUE;
    slot_list_close (&flow->waiting);
    flow->turn_at = flow->waiting.list != NULL ?
        gst_buffer_list_length (flow->waiting.list) : 0;
    if (flow->channels >= ENOUGH_CHANNELS)
      set_relayed (flow);
  }
  return sure || flow->relayed ? part : whole;
}

void
flow_rtp_decide (Flow * flow)
{
  if (flow->kind != RTP_PROBE_UNDECIDED)
    return;
  flow->kind = rtp_probe_decide (&flow->probe);
  if (flow->kind != RTP_PROBE_OTHER && flow->channels > 0)
    set_relayed (flow);
}

/* Streams. */

static void
describe_arrival (GstBuffer * buffer, RtpArrival * arrival)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  arrival->time = packet_buffer_get_time (buffer);
  arrival->hardware = meta != NULL
      && (meta->flags & GST_PACKET_FLAG_HARDWARE_TIMESTAMP);
  arrival->disconts += GST_BUFFER_FLAG_IS_SET (buffer,
      GST_BUFFER_FLAG_DISCONT);
}

void
flow_rtp_begin (Flow * flow)
{
  GstBufferList *list = flow->waiting.list;
  guint n = gst_buffer_list_length (list);

  g_clear_pointer (&flow->streams, rtp_streams_free);
  flow->streams = rtp_streams_new ();
  for (guint i = flow->probe.n_streams; i > 0; i--) {
    const RtpProbeStream *stream = &flow->probe.streams[i - 1];

    if (stream->run > 1)
      rtp_streams_prove (flow->streams, stream->last.ssrc,
          stream->last.payload_type);
  }
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    RtpHeader header;
    PacketMap map;

    if (!packet_buffer_map (buffer, &map))
      continue;
    if (rtp_header_read (&header, map.data, map.size))
      rtp_streams_note_type (flow->streams, header.ssrc, header.payload_type);
    packet_buffer_unmap (buffer, &map);
  }
}

void
flow_rtp_count (Flow * flow, FlowLosses * losses)
{
  GstBufferList *list = flow->waiting.list;
  guint n = gst_buffer_list_length (list);
  RtpArrival arrival = {.interface_id = flow->key.link.interface_id,
    .losses = losses
  };

  for (guint i = 0; i < n; i++)
    arrival.disconts -= GST_BUFFER_FLAG_IS_SET (gst_buffer_list_get (list,
            i), GST_BUFFER_FLAG_DISCONT);
  arrival.disconts += flow->disconts;
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    PacketMap map;

    describe_arrival (buffer, &arrival);
    if (!packet_buffer_map (buffer, &map))
      continue;
    count (flow, map.data, map.size, &arrival);
    packet_buffer_unmap (buffer, &map);
  }
}
