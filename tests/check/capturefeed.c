/* pcapdec, fed with bytes in a harness.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturefeed.h"

#include <gst/check/gstcheck.h>
#include <string.h>

CaptureFeed *
capture_feed_new (const gchar * line)
{
  CaptureFeed *self = g_new0 (CaptureFeed, 1);
  g_autoptr (GstElement) element = gst_parse_launch (line, NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("raw/x-pcap");

  if (g_object_is_floating (element))
    gst_object_ref_sink (element);
  self->harness = gst_harness_new_with_element (element, "sink", "src");
  self->bus = gst_bus_new ();
  self->complaints = g_ptr_array_new_with_free_func (g_free);
  gst_element_set_bus (element, self->bus);
  self->watch = capture_watch_new (element, "src");
  gst_harness_play (self->harness);
  gst_harness_push_event (self->harness,
      gst_event_new_stream_start ("bytes"));
  gst_harness_push_event (self->harness, gst_event_new_caps (caps));
  return self;
}

void
capture_feed_free (CaptureFeed * self)
{
  gst_element_set_bus (self->harness->element, NULL);
  gst_object_unref (self->bus);
  gst_harness_teardown (self->harness);
  capture_watch_free (self->watch);
  g_ptr_array_unref (self->complaints);
  g_free (self);
}

void
capture_feed_begin_segment (CaptureFeed * self, guint64 start)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = segment.time = start;
  gst_harness_push_event (self->harness, gst_event_new_segment (&segment));
}

GstFlowReturn
capture_feed_push (CaptureFeed * self, GByteArray * bytes, gsize from,
    gsize to)
{
  return gst_harness_push (self->harness, capture_get_buffer (bytes, from,
          to - from));
}

void
capture_feed_push_all (CaptureFeed * self, GByteArray * bytes, gsize size)
{
  for (gsize at = 0; at < bytes->len; at += size) {
    if (capture_feed_push (self, bytes, at, MIN (at + size,
                bytes->len)) != GST_FLOW_OK)
      break;
  }
}

void
capture_feed_end (CaptureFeed * self)
{
  gst_harness_push_event (self->harness, gst_event_new_eos ());
  fail_unless_equals_int (capture_watch_count_events (self->watch,
          GST_EVENT_EOS), 1);
}

static void
collect (CaptureFeed * self)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR
              | GST_MESSAGE_WARNING | GST_MESSAGE_INFO)) != NULL) {
    g_autoptr (GError) error = NULL;

    gst_structure_get (gst_message_get_structure (message), "gerror",
        G_TYPE_ERROR, &error, NULL);
    g_ptr_array_add (self->complaints, g_strdup_printf ("%s: %s",
            GST_MESSAGE_TYPE_NAME (message), error->message));
    gst_message_unref (message);
  }
}

void
capture_feed_check_message (CaptureFeed * self, const gchar * type,
    const gchar * part)
{
  collect (self);
  for (guint i = 0; i < self->complaints->len; i++) {
    const gchar *text = g_ptr_array_index (self->complaints, i);

    if (g_str_has_prefix (text, type) && strstr (text, part) != NULL) {
      g_ptr_array_remove_index (self->complaints, i);
      return;
    }
  }
  fail_unless (FALSE, "no %s with \"%s\", but %u others: %s", type, part,
      self->complaints->len, self->complaints->len > 0 ?
      (gchar *) g_ptr_array_index (self->complaints, 0) : "");
}

void
capture_feed_check_no_more (CaptureFeed * self)
{
  collect (self);
  fail_unless (self->complaints->len == 0, "%s", self->complaints->len > 0 ?
      (gchar *) g_ptr_array_index (self->complaints, 0) : "");
}
