/* RTP, what looks like it, what carries it and TCP, of a few senders at once, through
 * flowdemux: all that comes in UDP goes out once, bytes of TCP are in order, and what is
 * missing is either the capture's or the network's.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/afring.h>
#include <string.h>

#define HEADERS (14 + 20)
#define UDP 8
#define TCP 20
#define SENDERS 4

/* Each packet can be a flow and a pad of its own, which takes its time. */
#define MOST_PACKETS 2000

typedef struct
{
  guint16 number;
  guint32 timestamp;
} Sender;

typedef struct
{
  GstHarness *harness;
  FuzzInput *input;
  GstClockTime now;
  Sender senders[SENDERS];
  guint32 sequences[SENDERS];
  guint64 dropped;              /* as the source says */
  guint64 pushed, came;         /* of UDP */
  gboolean forgets;             /* of what came before a flush nobody knows where it is */
} Run;

/* What a pad carries. */
typedef struct
{
  Run *run;
  gboolean is_tcp, begun;
  guint64 end;
  guint8 next;
} Pad;

/* What comes out. */

static void
check_piece (Pad * pad, GstBuffer * buffer, const GstMapInfo * map)
{
  guint64 at = GST_BUFFER_OFFSET (buffer);
  gboolean discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);

  fuzz_check (map->size > 0 && GST_BUFFER_OFFSET_END (buffer) == at + map->size);
  fuzz_check (at >= pad->end || pad->run->forgets);
  fuzz_check (discont || at == pad->end);
  if (pad->begun && !discont)
    fuzz_check (map->data[0] == pad->next);
  for (gsize i = 1; i < map->size; i++)
    fuzz_check (map->data[i] == (guint8) (map->data[0] + i));
  pad->begun = TRUE;
  pad->end = GST_BUFFER_OFFSET_END (buffer);
  pad->next = map->data[map->size - 1] + 1;
}

static gboolean
take_buffer (GstBuffer ** buffer, guint i, gpointer user_data)
{
  static volatile guint sum;
  Pad *pad = user_data;
  GstMapInfo map;

  fuzz_check (gst_buffer_map (*buffer, &map, GST_MAP_READ));
  for (gsize at = 0; at < map.size; at++)
    sum += map.data[at];
  if (pad->is_tcp)
    check_piece (pad, *buffer, &map);
  else
    pad->run->came++;
  gst_buffer_unmap (*buffer, &map);
  return TRUE;
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        take_buffer, user_data);
  } else {
    buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    take_buffer (&buffer, 0, user_data);
  }
  return GST_PAD_PROBE_DROP;
}

/* An event says what flow it is of. */
static gboolean
find_protocol (GstPad * gst_pad, GstEvent ** event, gpointer user_data)
{
  const GstStructure *structure = gst_event_get_structure (*event);
  Pad *pad = user_data;

  if (structure != NULL && gst_structure_has_field (structure, "protocol"))
    pad->is_tcp = g_strcmp0 (gst_structure_get_string (structure, "protocol"),
        "tcp") == 0;
  return TRUE;
}

static void
pad_added (GstElement * element, GstPad * gst_pad, Run * run)
{
  Pad *pad = g_new0 (Pad, 1);

  pad->run = run;
  gst_pad_sticky_events_foreach (gst_pad, find_protocol, pad);
  gst_pad_add_probe (gst_pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, take, pad, g_free);
}

/* What goes in. */

static void
push (Run * run, guint8 protocol, const guint8 * body, gsize size)
{
  static const guint8 start[HEADERS] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
    0x45, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2
  };
  guint8 *data = g_malloc (HEADERS + size);
  GstBuffer *buffer = gst_buffer_new_wrapped (data, HEADERS + size);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  memcpy (data, start, HEADERS);
  GST_WRITE_UINT16_BE (data + 16, 20 + size);
  data[23] = protocol;
  memcpy (data + HEADERS, body, size);
  GST_BUFFER_PTS (buffer) = run->now;
  meta->capture_time = 1700000000 * GST_SECOND + run->now;
  meta->wire_length = HEADERS + size;
  gst_harness_push (run->harness, buffer);
}

static void
push_udp (Run * run, guint port, const guint8 * payload, gsize size)
{
  g_autofree guint8 *body = g_malloc (UDP + size);

  GST_WRITE_UINT16_BE (body, 4000 + port);
  GST_WRITE_UINT16_BE (body + 2, 5004);
  GST_WRITE_UINT16_BE (body + 4, UDP + size);
  GST_WRITE_UINT16_BE (body + 6, 0);
  memcpy (body + UDP, payload, size);
  run->pushed++;
  push (run, 17, body, UDP + size);
}

/* The next packet of a sender, or one that is near to it or far away. */
static gsize
make_rtp (Run * run, guint which, guint8 * rtp)
{
  Sender *sender = &run->senders[which];
  guint how = fuzz_take_byte (run->input), step = 160;

  if (how >= 128) {
    sender->number += (gint8) fuzz_take_byte (run->input);
    step = fuzz_take_byte (run->input) * 16;
  }
  if (how >= 252) {
    sender->number = fuzz_take_byte (run->input) << 8;
    sender->timestamp = fuzz_take_u32 (run->input);
  }
  memset (rtp, 0xd5, 20);
  rtp[0] = 0x80 | (how & 64 ? fuzz_take_byte (run->input) & 0x3f : 0);
  rtp[1] = how & 32 ? fuzz_take_byte (run->input) : 96;
  GST_WRITE_UINT16_BE (rtp + 2, sender->number);
  GST_WRITE_UINT32_BE (rtp + 4, sender->timestamp);
  GST_WRITE_UINT32_BE (rtp + 8, how & 16 ? which : 0x11223344 * (which + 1));
  sender->number++;
  sender->timestamp += step;
  return 12 + how % 8;
}

/* As itself, or as TURN carries it. */
static void
push_rtp (Run * run, guint which, guint carried)
{
  guint8 payload[64] = { 0, };
  gsize front = carried == 1 ? 4 : carried == 2 ? 24 : 0, size;

  size = make_rtp (run, which, payload + front);
  if (carried == 1) {
    GST_WRITE_UINT16_BE (payload, 0x4000 + which);
    GST_WRITE_UINT16_BE (payload + 2, size);
  } else if (carried == 2) {
    GST_WRITE_UINT16_BE (payload, 0x0017);
    GST_WRITE_UINT16_BE (payload + 2, 4 + GST_ROUND_UP_4 (size));
    GST_WRITE_UINT32_BE (payload + 4, 0x2112a442);
    GST_WRITE_UINT16_BE (payload + 20, 0x0013);
    GST_WRITE_UINT16_BE (payload + 22, size);
    size = GST_ROUND_UP_4 (size);
  }
  push_udp (run, which / 2, payload, front + size);
}

static void
push_other (Run * run, guint port)
{
  gsize size;
  g_autofree guint8 *bytes =
      fuzz_take (run->input, fuzz_take_byte (run->input), &size);

  push_udp (run, port, bytes, size);
}

/* Each byte says its place. */
static void
push_tcp (Run * run, guint which)
{
  guint how = fuzz_take_byte (run->input), size = how % 32;
  guint32 *next = &run->sequences[which];
  guint8 body[TCP + 32] = { 0, };
  guint flags = 0x10;

  if (how & 128)
    *next += (gint8) fuzz_take_byte (run->input);
  if (how & 64)
    flags |= fuzz_take_byte (run->input) & 7;
  if (how == 255)
    *next = fuzz_take_u32 (run->input);
  /* a SYN has a place of its own, before the bytes */
  GST_WRITE_UINT16_BE (body, 40000 + which / 2);
  GST_WRITE_UINT16_BE (body + 2, 80);
  if (which % 2) {
    GST_WRITE_UINT16_BE (body, 80);
    GST_WRITE_UINT16_BE (body + 2, 40000 + which / 2);
  }
  GST_WRITE_UINT32_BE (body + 4, *next);
  GST_WRITE_UINT32_BE (body + 8, run->sequences[which ^ 1]);
  body[12] = 0x50;
  body[13] = flags;
  for (guint i = 0; i < size; i++)
    body[TCP + i] = *next + ((flags & 2) != 0) + i;
  *next += size + ((flags & 3) != 0);
  push (run, 6, body, TCP + size);
}

static void
push_some_event (Run * run, guint which)
{
  GstCaptureStatistics statistics = {.packets_received = run->pushed };
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  switch (which % 4) {
    case 0:
      run->dropped += fuzz_take_byte (run->input);
      statistics.packets_dropped = run->dropped;
      gst_harness_push_event (run->harness,
          gst_event_new_capture_statistics (&statistics));
      break;
    case 1:
      gst_harness_push_event (run->harness, gst_event_new_gap (run->now,
              GST_SECOND));
      break;
    case 2:
      run->forgets = TRUE;
      gst_harness_push_event (run->harness, gst_event_new_flush_start ());
      gst_harness_push_event (run->harness, gst_event_new_flush_stop (TRUE));
      gst_harness_push_event (run->harness, gst_event_new_segment (&segment));
      break;
    default:
      run->now += fuzz_take_byte (run->input) * 100 * GST_MSECOND;
      break;
  }
}

static guint64
get (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  fuzz_check (gst_structure_get_uint64 (structure, field, &value));
  return value;
}

static void
check_stats (Run * run)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;

  g_object_get (run->harness->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  for (guint i = 0; i < gst_value_list_get_size (flows); i++) {
    const GstStructure *flow =
        gst_value_get_structure (gst_value_list_get_value (flows, i));

    if (!gst_structure_has_field (flow, "lost"))
      continue;
    fuzz_check (get (flow, "lost") == get (flow, "lost-by-capture")
        + get (flow, "lost-by-network"));
    fuzz_check (get (flow, "duplicates") + get (flow, "reordered")
        <= get (flow, "packets"));
    /* nothing in this stream has been called DISCONT */
    fuzz_check (get (flow, "lost-by-capture") <= run->dropped);
  }
}

static GstHarness *
make (Run * run)
{
  GstHarness *harness = gst_harness_new_with_padnames ("flowdemux", "sink",
      NULL);
  guint options = fuzz_take_byte (run->input);

  g_object_set (harness->element, "protocol", 2, "tcp-reassembly", TRUE,
      "max-flows", 1 + options % 8, "flow-timeout",
      (guint64) (options & 8 ? GST_SECOND : 0), "require-flow", FALSE,
      "tcp-max-bytes", (guint64) (options & 16 ? 4096 : 65536),
      "tcp-max-wait", (guint64) (options & 32 ? 0 : GST_SECOND), NULL);
  g_signal_connect (harness->element, "pad-added", G_CALLBACK (pad_added), run);
  gst_harness_play (harness);
  gst_harness_set_src_caps_str (harness,
      "application/x-packet, link-type=(int)1");
  return harness;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  Run run = {.input = &input };

  fuzz_init ();
  run.harness = make (&run);
  for (guint n = 0; n < MOST_PACKETS && input.size > 0; n++) {
    guint kind = fuzz_take_byte (&input), which = kind % SENDERS;

    run.now += GST_MSECOND;
    if (kind < 128)
      push_rtp (&run, which, kind < 80 ? 0 : 1 + kind / 4 % 2);
    else if (kind < 224)
      push_tcp (&run, which);
    else if (kind < 244)
      push_other (&run, which / 2);
    else
      push_some_event (&run, kind);
  }
  check_stats (&run);
  gst_harness_push_event (run.harness, gst_event_new_eos ());
  fuzz_check (run.came <= run.pushed);
  fuzz_check (run.came == run.pushed || run.forgets);
  gst_harness_teardown (run.harness);
  return 0;
}
