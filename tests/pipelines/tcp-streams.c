/* Prints the streams of TCP that flowdemux puts together of capture files.
 *
 * tcp-streams CHAIN FILE..., such as tcp-streams "pcapdec" a.pcap: for each file a
 * pipeline "filesrc ! CHAIN ! flowdemux tcp-reassembly=true", and lines of fields with
 * tabs between them:
 *   F  file
 *   T  source address and port, destination address and port, and the bytes
 *      (hexadecimal), with "[N]" where N of them are missing
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "demuxrun.h"

typedef struct
{
  gchar *name;                  /* the addresses, NULL: not yet known */
  GString *hex;
  guint64 offset;
} Stream;

static void
append_buffer (Stream * stream, GstBuffer * buffer)
{
  guint64 at = GST_BUFFER_OFFSET (buffer);
  GstMapInfo map;

  if (at != stream->offset)
    g_string_append_printf (stream->hex, "[%" G_GUINT64_FORMAT "]",
        at - stream->offset);
  else if (at > 0 && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    g_string_append (stream->hex, "[?]");
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    g_error ("cannot map a buffer");
  for (gsize i = 0; i < map.size; i++)
    g_string_append_printf (stream->hex, "%02x", map.data[i]);
  gst_buffer_unmap (buffer, &map);
  stream->offset = GST_BUFFER_OFFSET_END (buffer);
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
    return GST_PAD_PROBE_OK;
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      append_buffer (user_data, gst_buffer_list_get (list, i));
  } else {
    append_buffer (user_data, GST_PAD_PROBE_INFO_BUFFER (info));
  }
  return GST_PAD_PROBE_DROP;
}

/* An event tells each pad what its flow is. */
static gboolean
find_name (GstPad * pad, GstEvent ** event, gpointer user_data)
{
  const GstStructure *structure = gst_event_get_structure (*event);
  g_autofree gchar *src = NULL, *dst = NULL;
  Stream *stream = user_data;
  guint src_port, dst_port;

  if (structure != NULL && gst_structure_get (structure,
          "src-ip", G_TYPE_STRING, &src, "dst-ip", G_TYPE_STRING, &dst,
          "src-port", G_TYPE_UINT, &src_port,
          "dst-port", G_TYPE_UINT, &dst_port, NULL))
    stream->name = g_strdup_printf ("%s\t%u\t%s\t%u", src, src_port, dst,
        dst_port);
  return TRUE;
}

static void
pad_added (GstElement * demux, GstPad * pad, GPtrArray * streams)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->hex = g_string_new (NULL);
  gst_pad_sticky_events_foreach (pad, find_name, stream);
  g_ptr_array_add (streams, stream);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, take, stream,
      NULL);
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_print ("T\t%s\t%s\n", stream->name != NULL ? stream->name : "-\t0\t-\t0",
      stream->hex->str);
  g_free (stream->name);
  g_string_free (stream->hex, TRUE);
  g_free (stream);
}

static gpointer
begin (GstElement * demux)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func (stream_free);

  g_signal_connect (demux, "pad-added", G_CALLBACK (pad_added), streams);
  return streams;
}

/* Each is printed as it is freed. */
static void
gone (gpointer streams)
{
  g_ptr_array_unref (streams);
}

int
main (int argc, char **argv)
{
  static const DemuxRun run = {
    .properties = "tcp-reassembly=true protocol=tcp",.begin = begin,.gone = gone
  };

  return demux_run_main (&run, argc, argv);
}
