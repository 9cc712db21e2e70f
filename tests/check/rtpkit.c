/* RTP packets made by hand, and what flowdemux says of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpkit.h"

#include <string.h>

void
push_payload (KitRun * run, const Payload * payload, GstClockTime time)
{
  KitPacket packet = {.time = time,.src_port = 4000,.payload = payload->data,
    .size = payload->size
  };

  fail_unless_equals_int (kit_run_push (run, kit_make (&packet)), GST_FLOW_OK);
}

void
push_hex (KitRun * run, const gchar * hex, gsize size)
{
  Payload payload = {.size = size };

  for (gsize i = 0; hex[2 * i] != '\0'; i++)
    payload.data[i] = g_ascii_xdigit_value (hex[2 * i]) << 4 |
        g_ascii_xdigit_value (hex[2 * i + 1]);
  push_payload (run, &payload, 0);
}

void
put (Payload * payload, gsize at, guint bytes, guint32 value)
{
  while (bytes-- > 0)
    payload->data[at++] = value >> 8 * bytes;
}

Payload
make_rtp (guint32 ssrc, guint8 payload_type, guint n)
{
  Payload payload = {.size = 12 + 80 };

  memset (payload.data, 0xee, payload.size);
  payload.data[0] = 0x80;
  payload.data[1] = payload_type;
  put (&payload, 2, 2, n);
  put (&payload, 4, 4, n * 160);
  put (&payload, 8, 4, ssrc);
  return payload;
}

void
push_rtp_at (KitRun * run, guint32 ssrc, guint8 payload_type, guint n,
    GstClockTime time)
{
  Payload payload = make_rtp (ssrc, payload_type, n);

  push_payload (run, &payload, time);
}

void
push_rtp (KitRun * run, guint n)
{
  push_rtp_at (run, SSRC, 0, n, n * 20 * GST_MSECOND);
}

const GstStructure *
get_flow (const GstStructure * stats, guint n)
{
  const GValue *flows = gst_structure_get_value (stats, "flows");

  return gst_value_get_structure (gst_value_list_get_value (flows, n));
}

guint64
get_number (KitRun * run, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (run->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (get_flow (stats, 0), field, &value),
      "%s", field);
  return value;
}

guint
count_streams (KitRun * run)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (run->element, "stats", &stats, NULL);
  return gst_value_list_get_size (gst_structure_get_value (get_flow (stats, 0),
          "streams"));
}
