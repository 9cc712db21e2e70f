/* gst-afring tests: what pcapsrc finds in files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findproof.h"

#define LONGEST (600 * GST_SECOND)      /* something hangs */

struct _ProofSource
{
  GstElement *pipeline, *source;
  GstBus *bus;
  gint link_type;
  GArray *found;                /* ProofPacket */
};

static gboolean
take_buffer (GstBuffer ** buffer, guint i, gpointer user_data)
{
  ProofSource *self = user_data;
  GstPacketMeta *meta = gst_buffer_get_packet_meta (*buffer);
  ProofPacket packet = { meta->capture_time, self->link_type, };
  GstMapInfo map;

  g_assert_true (gst_buffer_map (*buffer, &map, GST_MAP_READ));
  packet.captured = map.size;
  packet.wire = meta->wire_length;
  packet.sum = proof_sum (map.data, map.size);
  gst_buffer_unmap (*buffer, &map);
  g_array_append_val (self->found, packet);
  return TRUE;
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  ProofSource *self = user_data;
  GstPadProbeType type = GST_PAD_PROBE_INFO_TYPE (info);
  GstCaps *caps;

  if (type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        take_buffer, self);
  } else if (type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_buffer ((GstBuffer **) & info->data, 0, self);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS) {
    gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
        &self->link_type);
  }
  return GST_PAD_PROBE_OK;
}

ProofSource *
proof_source_new (void)
{
  ProofSource *self = g_new0 (ProofSource, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPad) pad = NULL;

  self->pipeline = gst_parse_launch ("pcapsrc name=source ! fakesink sync=false "
      "async=false enable-last-sample=false", &error);
  g_assert_no_error (error);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  self->bus = gst_element_get_bus (self->pipeline);
  pad = gst_element_get_static_pad (self->source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, take, self, NULL);
  return self;
}

void
proof_source_free (ProofSource * self)
{
  gst_object_unref (self->bus);
  gst_object_unref (self->source);
  gst_object_unref (self->pipeline);
  g_free (self);
}

static void
set_up (ProofSource * self, GPtrArray * files, const ProofQuestion * question)
{
  g_autofree gchar *start = g_strdup_printf ("%" G_GUINT64_FORMAT,
      question->start);
  g_autofree gchar *stop = g_strdup_printf ("%" G_GUINT64_FORMAT,
      question->stop);
  g_autofree gchar **paths = g_new0 (gchar *, files->len + 1);

  for (guint i = 0; i < files->len; i++)
    paths[i] = ((ProofFile *) g_ptr_array_index (files, i))->path;
  g_object_set (self->source, "locations", paths, "filter",
      question->expression, "use-index", !question->no_index, "start-time",
      question->start > 0 ? start : NULL, "stop-time",
      question->stop != GST_CLOCK_TIME_NONE ? stop : NULL, NULL);
}

GArray *
proof_source_ask (ProofSource * self, GPtrArray * files,
    const ProofQuestion * question, gboolean * refused)
{
  GstMessage *message;

  self->found = g_array_new (FALSE, FALSE, sizeof (ProofPacket));
  set_up (self, files, question);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (self->bus, LONGEST,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message == NULL)
    g_error ("\"%s\": it hangs", question->expression);
  *refused = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  gst_message_unref (message);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  return self->found;
}
