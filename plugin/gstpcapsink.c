/* gst-afring: the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapsink
 * @title: pcapsink
 * @short_description: records packets into a pcapng or pcap file
 *
 * Writes packets into a file that tcpdump, tshark and Wireshark read. A file is
 * named `NAME.part` until it is complete. Packets of several interfaces go into
 * one pcapng file, each interface with a description of its own; at the end
 * stands for each how many packets were received and dropped.
 *
 * The element never waits for the clock and keeps no packet once it is written,
 * so that the memory of a live capture is free again at once.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -e afringsrc interface=eth0 ! pcapsink location=eth0.pcapng
 * ]|
 */

#include "config.h"

#include "gstpcapsink.h"
#include "pcapfile.h"

#include <errno.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapencoder.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_sink_debug);
#define GST_CAT_DEFAULT gst_pcap_sink_debug

#define APPLICATION "gst-afring " VERSION

enum
{
  PROP_LOCATION = 1,
  PROP_FORMAT,
  PROP_TIMESTAMP_PRECISION,
  PROP_STATS
};

typedef enum
{
  FORMAT_AUTO,
  FORMAT_PCAP,
  FORMAT_PCAPNG
} Format;

struct _GstPcapSink
{
  GstBaseSink parent;

  /* Settings; object lock. */
  gchar *location;
  Format format;
  GstPcapTimestampPrecision precision;

  /* Of the streaming thread, NULL when no file is open. */
  PcapFile *file;
  gboolean failed;              /* a write did; nothing more is written */
  GstPcapEncoder *encoder;
  GByteArray *bytes;            /* of one write */
  guint32 link_type;

  /* Counters; object lock. */
  guint64 packets;
  guint64 size;                 /* bytes in all files */
  guint64 files;
  guint64 packets_in_file;
  guint64 size_of_file;
  GstClockTime first_time;
  GstClockTime last_time;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-packet, link-type = (int) [ 0, 65535 ]"));

G_DEFINE_TYPE (GstPcapSink, gst_pcap_sink, GST_TYPE_BASE_SINK)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapsink, "pcapsink", GST_RANK_NONE,
    GST_TYPE_PCAP_SINK, GST_DEBUG_CATEGORY_INIT (gst_pcap_sink_debug,
        "pcapsink", 0, "Packet recorder"))

#define TYPE_FORMAT (format_get_type ())
static GType
format_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {FORMAT_AUTO, "By the extension of the location, else pcapng", "auto"},
    {FORMAT_PCAP, "Classic pcap", "pcap"},
    {FORMAT_PCAPNG, "pcapng", "pcapng"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPcapSinkFormat", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static void
gst_pcap_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPcapSink *self = GST_PCAP_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      break;
    case PROP_FORMAT:
      self->format = g_value_get_enum (value);
      break;
    case PROP_TIMESTAMP_PRECISION:
      self->precision = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Called with the object lock. */
static GstStructure *
make_stats (GstPcapSink * self)
{
  return gst_structure_new ("application/x-pcapsink-stats",
      "packets", G_TYPE_UINT64, self->packets,
      "bytes", G_TYPE_UINT64, self->size,
      "files", G_TYPE_UINT64, self->files,
      "location", G_TYPE_STRING, self->location,
      "packets-in-file", G_TYPE_UINT64, self->packets_in_file,
      "bytes-in-file", G_TYPE_UINT64, self->size_of_file, NULL);
}

static void
gst_pcap_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPcapSink *self = GST_PCAP_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_FORMAT:
      g_value_set_enum (value, self->format);
      break;
    case PROP_TIMESTAMP_PRECISION:
      g_value_set_enum (value, self->precision);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The file. */

static GstPcapFormat
choose_format (Format format, const gchar * location)
{
  if (format == FORMAT_AUTO)
    return g_str_has_suffix (location, ".pcap")
        || g_str_has_suffix (location, ".cap") ? GST_PCAP_FORMAT_PCAP :
        GST_PCAP_FORMAT_PCAPNG;
  return format == FORMAT_PCAP ? GST_PCAP_FORMAT_PCAP : GST_PCAP_FORMAT_PCAPNG;
}

static void
post_file_error (GstPcapSink * self, gint code, const GError * error)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR, code, g_strdup (error->message), NULL, __FILE__,
      GST_FUNCTION, __LINE__);
}

static gboolean
write_bytes (GstPcapSink * self)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = pcap_file_write (self->file, self->bytes->data,
      self->bytes->len, &error);

  if (ok) {
    GST_OBJECT_LOCK (self);
    self->size += self->bytes->len;
    self->size_of_file += self->bytes->len;
    GST_OBJECT_UNLOCK (self);
  } else {
    self->failed = TRUE;
    post_file_error (self, GST_RESOURCE_ERROR_WRITE, error);
  }
  g_byte_array_set_size (self->bytes, 0);
  return ok;
}

static void
post_file_opened (GstPcapSink * self)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("GstPcapSinkFileOpened",
              "location", G_TYPE_STRING, pcap_file_get_location (self->file),
              NULL)));
}

static void
post_file_closed (GstPcapSink * self, const gchar * location)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("GstPcapSinkFileClosed",
              "location", G_TYPE_STRING, location,
              "packets", G_TYPE_UINT64, self->packets_in_file,
              "bytes", G_TYPE_UINT64, self->size_of_file,
              "first-time", G_TYPE_UINT64, self->first_time,
              "last-time", G_TYPE_UINT64, self->last_time, NULL)));
}

static gboolean
open_file (GstPcapSink * self)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *location = NULL;

  GST_OBJECT_LOCK (self);
  location = g_strdup (self->location);
  GST_OBJECT_UNLOCK (self);

  if (location == NULL || location[0] == '\0') {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("No file to record into: set the property \"location\""), (NULL));
    return FALSE;
  }
  self->file = pcap_file_new (location, &error);
  if (self->file == NULL) {
    post_file_error (self, GST_RESOURCE_ERROR_OPEN_WRITE, error);
    return FALSE;
  }

  self->failed = FALSE;
  GST_OBJECT_LOCK (self);
  self->encoder = gst_pcap_encoder_new (choose_format (self->format, location),
      self->precision, APPLICATION);
  self->files++;
  self->packets_in_file = self->size_of_file = 0;
  self->first_time = self->last_time = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);

  post_file_opened (self);
  gst_pcap_encoder_append_start (self->encoder, self->bytes);
  return write_bytes (self);
}

/* Leaves no trace, so that an earlier recording of that name stays. */
static void
abandon_file (GstPcapSink * self)
{
  g_clear_pointer (&self->file, pcap_file_abandon);
  g_clear_pointer (&self->encoder, gst_pcap_encoder_free);
  g_byte_array_set_size (self->bytes, 0);
}

/* FALSE if the end of the file could not be written or synced; it is closed
 * all the same, complete up to where it was. */
static gboolean
close_file (GstPcapSink * self)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *location = NULL;
  gboolean ok = TRUE;

  if (self->file == NULL)
    return TRUE;
  if (self->failed && self->packets_in_file == 0) {
    abandon_file (self);
    return FALSE;
  }

  if (!self->failed) {
    gst_pcap_encoder_append_end (self->encoder, self->bytes, self->link_type);
    ok = write_bytes (self);
  }
  location = g_strdup (pcap_file_get_location (self->file));
  if (!pcap_file_finish (g_steal_pointer (&self->file), &error) && ok) {
    post_file_error (self, GST_RESOURCE_ERROR_CLOSE, error);
    ok = FALSE;
  }
  g_clear_pointer (&self->encoder, gst_pcap_encoder_free);
  post_file_closed (self, location);
  return ok;
}

static gboolean
start_recording (GstPcapSink * self)
{
  GST_OBJECT_LOCK (self);
  self->packets = self->size = self->files = 0;
  GST_OBJECT_UNLOCK (self);
  self->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;

  if (open_file (self))
    return TRUE;
  abandon_file (self);
  return FALSE;
}

static void
end_recording (GstPcapSink * self)
{
  /* without EOS and without a packet nothing was recorded: the pipeline did not
   * start */
  if (self->packets_in_file == 0)
    abandon_file (self);
  else
    close_file (self);
}

/* A recording goes from PAUSED to READY, unlike GstBaseSink's start and stop, so
 * that the next one can have another location without going to NULL. */
static GstStateChangeReturn
gst_pcap_sink_change_state (GstElement * element, GstStateChange transition)
{
  GstPcapSink *self = GST_PCAP_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start_recording (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_pcap_sink_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    end_recording (self);
  return ret;
}

/* Packets. */

static gboolean
gst_pcap_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  gint link_type;

  if (!gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
          &link_type))
    return FALSE;
  GST_PCAP_SINK (sink)->link_type = link_type;
  return TRUE;
}

/* A buffer without the meta comes from an element that knows nothing of capture
 * times: its timestamp is better than none. */
static void
describe_packet (GstPcapSink * self, GstBuffer * buffer, gsize size,
    GstPcapPacket * packet)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  packet->link_type = self->link_type;
  packet->captured_length = size;
  if (meta != NULL) {
    packet->interface_id = meta->interface_id;
    packet->time = meta->capture_time;
    packet->type = meta->packet_type;
    packet->wire_length = MAX (meta->wire_length, size);
  } else {
    packet->interface_id = 0;
    packet->time = GST_CLOCK_TIME_NONE;
    packet->type = GST_PACKET_TYPE_UNKNOWN;
    packet->wire_length = size;
  }
  if (packet->time == GST_CLOCK_TIME_NONE)
    packet->time = GST_BUFFER_PTS (buffer);
}

static GstFlowReturn
encode_buffer (GstPcapSink * self, GstBuffer * buffer)
{
  GstPcapPacket packet;
  GstMapInfo map;
  gboolean ok;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    GST_ELEMENT_ERROR (self, RESOURCE, READ, ("Cannot map a packet"), (NULL));
    return GST_FLOW_ERROR;
  }
  describe_packet (self, buffer, map.size, &packet);
  packet.data = map.data;
  ok = gst_pcap_encoder_append_packet (self->encoder, self->bytes, &packet);
  gst_buffer_unmap (buffer, &map);

  if (!ok) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
        ("A classic pcap file has one link type, this stream has several: "
            "record it with format=pcapng"), (NULL));
    return GST_FLOW_ERROR;
  }
  if (self->first_time == GST_CLOCK_TIME_NONE)
    self->first_time = packet.time;
  self->last_time = packet.time;
  return GST_FLOW_OK;
}

/* Writes what has been encoded: @n packets. Counted are those in the file. */
static GstFlowReturn
write_packets (GstPcapSink * self, guint n)
{
  if (self->failed || !write_bytes (self))
    return GST_FLOW_ERROR;
  GST_OBJECT_LOCK (self);
  self->packets += n;
  self->packets_in_file += n;
  GST_OBJECT_UNLOCK (self);
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_pcap_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);

  if (self->file == NULL)
    return GST_FLOW_EOS;
  if (encode_buffer (self, buffer) != GST_FLOW_OK)
    return GST_FLOW_ERROR;
  return write_packets (self, 1);
}

static GstFlowReturn
gst_pcap_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  guint n = gst_buffer_list_length (list);
  GstFlowReturn ret = GST_FLOW_OK;
  guint encoded;

  if (self->file == NULL)
    return GST_FLOW_EOS;
  for (encoded = 0; encoded < n && ret == GST_FLOW_OK; encoded++)
    ret = encode_buffer (self, gst_buffer_list_get (list, encoded));
  if (ret != GST_FLOW_OK)
    encoded--;
  if (write_packets (self, encoded) != GST_FLOW_OK)
    ret = GST_FLOW_ERROR;
  return ret;
}

static gboolean
gst_pcap_sink_event (GstBaseSink * sink, GstEvent * event)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  GstCaptureInterface iface;
  GstCaptureStatistics statistics;

  if (self->encoder != NULL) {
    if (gst_event_parse_capture_interface (event, &iface))
      gst_pcap_encoder_set_interface (self->encoder, &iface);
    else if (gst_event_parse_capture_statistics (event, &statistics))
      gst_pcap_encoder_set_statistics (self->encoder, &statistics);
    /* before the application hears of it */
    else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !close_file (self)) {
      gst_event_unref (event);
      return FALSE;
    }
  }
  return GST_BASE_SINK_CLASS (gst_pcap_sink_parent_class)->event (sink, event);
}

static void
gst_pcap_sink_finalize (GObject * object)
{
  GstPcapSink *self = GST_PCAP_SINK (object);

  g_free (self->location);
  g_byte_array_unref (self->bytes);
  G_OBJECT_CLASS (gst_pcap_sink_parent_class)->finalize (object);
}

static void
gst_pcap_sink_class_init (GstPcapSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_pcap_sink_set_property;
  object_class->get_property = gst_pcap_sink_get_property;
  object_class->finalize = gst_pcap_sink_finalize;
  element_class->change_state = gst_pcap_sink_change_state;
  base_class->set_caps = gst_pcap_sink_set_caps;
  base_class->render = gst_pcap_sink_render;
  base_class->render_list = gst_pcap_sink_render_list;
  base_class->event = gst_pcap_sink_event;

  g_object_class_install_property (object_class, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
          "File to record into; it is named LOCATION.part until it is complete. "
          "An existing file is replaced", NULL, flags));
  g_object_class_install_property (object_class, PROP_FORMAT,
      g_param_spec_enum ("format", "Format",
          "Format of the file; auto: classic pcap if location ends in .pcap or "
          ".cap, else pcapng", TYPE_FORMAT, FORMAT_AUTO, flags));
  g_object_class_install_property (object_class, PROP_TIMESTAMP_PRECISION,
      g_param_spec_enum ("timestamp-precision", "Timestamp precision",
          "Precision of timestamps in a classic pcap file; pcapng has "
          "nanoseconds always", GST_TYPE_PCAP_TIMESTAMP_PRECISION,
          GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, flags));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "What has been written, application/x-pcapsink-stats: packets, bytes "
          "and files since the start, location, and packets and bytes of the "
          "current file",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_type_mark_as_plugin_api (TYPE_FORMAT, 0);
  gst_element_class_set_static_metadata (element_class, "Packet recorder",
      "Sink/File", "Records packets into a pcapng or pcap file",
      "The gst-afring developers");
}

static void
gst_pcap_sink_init (GstPcapSink * self)
{
  GstBaseSink *sink = GST_BASE_SINK (self);

  self->bytes = g_byte_array_new ();
  gst_base_sink_set_sync (sink, FALSE);
  gst_base_sink_set_last_sample_enabled (sink, FALSE);
  /* a recording of a link on which nothing happens runs too */
  gst_base_sink_set_async_enabled (sink, FALSE);
}
