/* packetscope in a harness: traffic in, frames and their colours out.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeharness.h"

GstHarness *
scope_new (const gchar * style, gboolean live)
{
  GstElement *element = gst_element_factory_make ("packetscope", NULL);
  GstHarness *harness;

  fail_unless (element != NULL);
  gst_util_set_object_arg (G_OBJECT (element), "style", style);
  g_object_set (element, "duration", 120 * SCOPE_BAR, NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_live (harness, live);
  if (live)
    gst_harness_use_testclock (harness);
  gst_harness_play (harness);
  gst_harness_set_sink_caps_str (harness, SCOPE_PICTURE);
  gst_harness_set_src_caps_str (harness, KIT_CAPS);
  return harness;
}

void
scope_push (GstHarness * harness, GstClockTime time, guint src_port,
    gsize size)
{
  KitPacket packet = {.time = time,.src_port = src_port,.size = size };

  fail_unless_equals_int (gst_harness_push (harness, kit_make (&packet)),
      GST_FLOW_OK);
}

void
scope_push_bar (GstHarness * harness, guint bar, guint n)
{
  for (guint i = 0; i < n; i++)
    scope_push (harness, bar * SCOPE_BAR + i * SCOPE_BAR / n, 1, 50);
}

void
scope_push_bytes (GstHarness * harness, GstClockTime time,
    const guint8 * bytes, gsize size)
{
  GstBuffer *buffer = size > 0 ? gst_buffer_new_memdup (bytes, size) :
      gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = time;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
}

void
scope_push_lost (GstHarness * harness, GstClockTime time, guint64 lost)
{
  GstCaptureStatistics statistics = {.id = 1,.start_time = KIT_START,
    .time = KIT_START + GST_SECOND + time,.packets_dropped = lost
  };

  fail_unless (gst_harness_push_event (harness,
          gst_event_new_capture_statistics (&statistics)));
}

guint
scope_pull_last (GstHarness * harness, GstBuffer ** last)
{
  GstBuffer *frame;
  guint n = 0;

  *last = NULL;
  while ((frame = gst_harness_try_pull (harness)) != NULL) {
    gst_clear_buffer (last);
    *last = frame;
    n++;
  }
  return n;
}

guint64
scope_get_stat (GstHarness * harness, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

static guint
count (GstBuffer * frame, guint left, guint top, guint right, guint bottom,
    guint32 colour)
{
  GstMapInfo map;
  guint n = 0, width;

  fail_unless (gst_buffer_map (frame, &map, GST_MAP_READ));
  width = map.size / 4 / SCOPE_HEIGHT;
  right = MIN (right, width);
  for (guint y = top; y < bottom; y++)
    for (guint x = left; x < right; x++)
      n += (GST_READ_UINT32_LE (map.data + (y * width + x) * 4)
          & 0xffffff) == colour;
  gst_buffer_unmap (frame, &map);
  return n;
}

guint
scope_count (GstBuffer * frame, guint chart, guint bar, guint32 colour)
{
  guint x = 2 + bar * 2, y = 2 + chart * SCOPE_CHART;
  guint n = count (frame, x, y, x + 1, y + SCOPE_CHART, colour);

  /* both columns are the same */
  fail_unless_equals_int (count (frame, x + 1, y, x + 2, y + SCOPE_CHART,
          colour), n);
  return n;
}

guint
scope_count_all (GstBuffer * frame, guint32 colour)
{
  return count (frame, 0, 0, SCOPE_WIDTH, SCOPE_HEIGHT, colour);
}
