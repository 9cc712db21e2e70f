/* Lists of packets into an afringsink, from a thread of the test's own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wiresender.h"
#include "netutil.h"

#include <gst/afring/afring.h>
#include <stdio.h>
#include <string.h>

#define PORT 5004

WireSender *
wire_sender_make (const gchar * properties)
{
  WireSender *self = g_new0 (WireSender, 1);
  g_autofree gchar *line = g_strdup_printf ("afringsink name=out %s", properties);
  g_autoptr (GstPad) sink_pad = NULL;
  g_autoptr (GError) error = NULL;

  self->pipeline = gst_pipeline_new (NULL);
  self->sink = gst_parse_launch (line, &error);
  fail_unless (self->sink != NULL && error == NULL, "%s", line);
  gst_bin_add (GST_BIN (self->pipeline), self->sink);
  self->pad = gst_pad_new ("src", GST_PAD_SRC);
  sink_pad = gst_element_get_static_pad (self->sink, "sink");
  fail_unless_equals_int (gst_pad_link (self->pad, sink_pad), GST_PAD_LINK_OK);
  gst_pad_set_active (self->pad, TRUE);
  return self;
}

void
wire_sender_play (WireSender * self, guint link_type)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-packet",
      "link-type", G_TYPE_INT, link_type, NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("test"));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
}

WireSender *
wire_sender_new (const gchar * properties, guint link_type)
{
  WireSender *self = wire_sender_make (properties);

  wire_sender_play (self, link_type);
  return self;
}

GstBufferList *
wire_frames (guint first, guint n, gsize size, GstClockTime interval)
{
  GstBufferList *list = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_WRITE);
    net_make_frame (map.data, size, NULL, PORT, first + i);
    gst_buffer_unmap (buffer, &map);
    meta->wire_length = size;
    GST_BUFFER_PTS (buffer) = i * interval;
    gst_buffer_list_add (list, buffer);
  }
  return list;
}

GstFlowReturn
wire_sender_push (WireSender * self, GstBufferList * list)
{
  return gst_pad_push_list (self->pad, list);
}

static gpointer
push (gpointer data)
{
  WireSender *self = data;

  return GINT_TO_POINTER (gst_pad_push_list (self->pad, self->list));
}

void
wire_sender_begin (WireSender * self, GstBufferList * list)
{
  self->list = list;
  self->thread = g_thread_new ("push", push, self);
}

GstFlowReturn
wire_sender_finish (WireSender * self)
{
  GstFlowReturn ret = GPOINTER_TO_INT (g_thread_join (self->thread));

  self->thread = NULL;
  return ret;
}

guint64
wire_sender_get (WireSender * self, const gchar * field)
{
  return net_get_stat (self->sink, field);
}

void
wire_sender_wait (WireSender * self, const gchar * field, guint64 n)
{
  for (guint i = 0; i < 6000 && wire_sender_get (self, field) < n; i++)
    g_usleep (5000);
  fail_unless (wire_sender_get (self, field) >= n, "%s", field);
}

guint64
wire_sender_get_settled (WireSender * self)
{
  const gchar *const fields[] = { "packets-sent", "too-big", "too-short",
    "no-frame", "queue-full", "refused", "link-down", "late", "outside-segment",
    "flushed"
  };
  guint64 sum = 0;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    sum += wire_sender_get (self, fields[i]);
  return sum;
}

void
wire_sender_free (WireSender * self)
{
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_NULL) ==
      GST_STATE_CHANGE_SUCCESS);
  if (self->thread != NULL)
    wire_sender_finish (self);
  gst_pad_set_active (self->pad, FALSE);
  gst_object_unref (self->pad);
  gst_object_unref (self->pipeline);
  g_free (self);
}

/* /proc/net/dev: eight numbers of what was received, then bytes and packets sent. */
guint64
wire_get_transmitted (const gchar * interface)
{
  g_autofree gchar *text = NULL, *name = g_strdup_printf (" %s:", interface);
  guint64 packets = 0;
  const gchar *at;

  fail_unless (g_file_get_contents ("/proc/thread-self/net/dev", &text, NULL,
          NULL));
  at = strstr (text, name);
  fail_unless (at != NULL, "%s", text);
  fail_unless_equals_int (sscanf (at + strlen (name), "%*u %*u %*u %*u %*u %*u "
          "%*u %*u %*u %" G_GUINT64_FORMAT, &packets), 1);
  return packets;
}
