/* gst-afring: packets from a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstpcapsource
 * @title: GstPcapSource
 * @short_description: packets from a capture file
 *
 * A #GstCaptureSource and #GstCaptureSourceZeroCopy over a pcap or pcapng file,
 * compressed with gzip, zstd or lz4 or not (the latter two where the libraries were
 * there when it was built).
 * At the end every call fails with %GST_CAPTURE_ERROR_END_OF_FILE. A file that
 * was cut off in the middle of a packet ends before it.
 */

#include "gstpcapsource.h"
#include "gstpcapcompression.h"
#include "gstpcapdecoder.h"
#include "gstpcapsource-private.h"

#include <gio/gio.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READ_SIZE (256 * 1024)
#define MAX_SNAPLEN 262144

struct _GstPcapSource
{
  GObject parent;

  GInputStream *stream;
  GstPcapDecoder *decoder;
  GstCaptureLink *link;

  /* Read and not decoded yet: from @start to @end. */
  guint8 *bytes;
  gsize capacity, start, end;

  GstPcapPacket first;          /* read to learn the link type */
  gboolean has_first;

  gint closed;                  /* atomic */
  guint64 packets;              /* atomic */
  guint64 reported;             /* atomic: at the last get_stats */
  int fd;                       /* always readable; -1: not asked for yet */
};

static void capture_source_init (GstCaptureSourceInterface * iface);

G_DEFINE_TYPE_WITH_CODE (GstPcapSource, gst_pcap_source, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GST_TYPE_CAPTURE_SOURCE, capture_source_init)
    G_IMPLEMENT_INTERFACE (GST_TYPE_CAPTURE_SOURCE_ZERO_COPY, NULL))

static gboolean
set_read_error (GError ** error, GError * reason, const gchar * location)
{
  g_set_error (error, GST_CAPTURE_ERROR,
      g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ?
      GST_CAPTURE_ERROR_NOT_FOUND : g_error_matches (reason, G_IO_ERROR,
          G_IO_ERROR_PERMISSION_DENIED) ? GST_CAPTURE_ERROR_NOT_PERMITTED :
      GST_CAPTURE_ERROR_FAILED, "Cannot read \"%s\": %s", location,
      reason->message);
  g_error_free (reason);
  return FALSE;
}

/* Reads until there are @least bytes; FALSE without an error at the end. */
static gboolean
fill (GstPcapSource * self, gsize least, GError ** error)
{
  GError *reason = NULL;

  if (self->start > 0) {
    memmove (self->bytes, self->bytes + self->start, self->end - self->start);
    self->end -= self->start;
    self->start = 0;
  }
  /* grows by what was read, not by what a length field claims */
  while (self->end < least) {
    gssize n;

    if (self->capacity - self->end < READ_SIZE) {
      self->capacity *= 2;
      self->bytes = g_realloc (self->bytes, self->capacity);
    }
    n = g_input_stream_read (self->stream, self->bytes + self->end, READ_SIZE,
        NULL, &reason);
    /* compressed, and cut off */
    if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)) {
      g_error_free (reason);
      return FALSE;
    }
    if (n < 0)
      return set_read_error (error, reason,
          gst_capture_link_get_name (self->link));
    if (n == 0)
      return FALSE;
    self->end += n;
  }
  return TRUE;
}

static gboolean
set_end (GError ** error)
{
  g_set_error_literal (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_END_OF_FILE, "The capture file is at its end");
  return FALSE;
}

static gboolean
decode (GstPcapSource * self, GstPcapPacket * packet, GError ** error)
{
  GError *reason = NULL;
  gsize used;

  for (;;) {
    switch (gst_pcap_decoder_next (self->decoder, self->bytes + self->start,
            self->end - self->start, &used, packet, &reason)) {
      case GST_PCAP_DECODER_PACKET:
        self->start += used;
        return TRUE;
      case GST_PCAP_DECODER_OTHER:
        self->start += used;
        break;
      case GST_PCAP_DECODER_MORE:
        if (!fill (self, used, &reason)) {
          if (reason == NULL)
            return set_end (error);
          g_propagate_error (error, reason);
          return FALSE;
        }
        break;
      case GST_PCAP_DECODER_ERROR:
      default:
        g_propagate_error (error, reason);
        return FALSE;
    }
  }
}

gboolean
gst_pcap_source_next (GstPcapSource * self, GstPcapPacket * packet,
    GError ** error)
{
  if (g_atomic_int_get (&self->closed)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED,
        "The capture source is closed");
    return FALSE;
  }
  if (self->has_first) {
    *packet = self->first;
    self->has_first = FALSE;
  } else if (!decode (self, packet, error)) {
    return FALSE;
  }
  __atomic_fetch_add (&self->packets, 1, __ATOMIC_RELAXED);
  return TRUE;
}

/* A file that is compressed is read through a decompressor. */
static GInputStream *
open_stream (const gchar * location, GError ** error)
{
  g_autoptr (GFile) file = g_file_new_for_path (location);
  g_autoptr (GInputStream) plain =
      G_INPUT_STREAM (g_file_read (file, NULL, error));
  g_autoptr (GInputStream) buffered = NULL;
  g_autoptr (GConverter) decompressor = NULL;
  GstPcapCompression compression;
  const guint8 *head;
  gsize n;

  if (plain == NULL)
    return NULL;
  buffered = g_buffered_input_stream_new (plain);
  if (g_buffered_input_stream_fill (G_BUFFERED_INPUT_STREAM (buffered), -1,
          NULL, error) < 0)
    return NULL;
  head = g_buffered_input_stream_peek_buffer (G_BUFFERED_INPUT_STREAM
      (buffered), &n);
  compression = gst_pcap_compression_recognise (head, n);
  if (compression == GST_PCAP_COMPRESSION_NONE)
    return g_steal_pointer (&buffered);

  decompressor = gst_pcap_compression_new_decompressor (compression, error);
  if (decompressor == NULL)
    return NULL;
  return g_converter_input_stream_new (buffered, decompressor);
}

/**
 * gst_pcap_source_new:
 * @location: name of a pcap or pcapng file
 * @error: return location for a #GError
 *
 * Opens a capture file. Its link has the type of the first packet.
 *
 * Returns: (transfer full) (nullable): the source, or %NULL with
 *   %GST_CAPTURE_ERROR_NOT_FOUND, %GST_CAPTURE_ERROR_NOT_PERMITTED, or
 *   %GST_CAPTURE_ERROR_FAILED if it is not a capture file
 */
GstPcapSource *
gst_pcap_source_new (const gchar * location, GError ** error)
{
  g_autoptr (GstPcapSource) self = NULL;
  const GstCaptureInterface *iface;
  GError *reason = NULL;
  guint link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;

  g_return_val_if_fail (location != NULL, NULL);

  self = g_object_new (GST_TYPE_PCAP_SOURCE, NULL);
  self->link = gst_capture_link_new_virtual (location, link_type);
  self->stream = open_stream (location, &reason);
  if (self->stream == NULL) {
    set_read_error (error, reason, location);
    return NULL;
  }

  self->has_first = decode (self, &self->first, &reason);
  if (!self->has_first && !g_error_matches (reason, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE)) {
    g_propagate_prefixed_error (error, reason, "%s: ", location);
    return NULL;
  }
  g_clear_error (&reason);
  iface = gst_pcap_decoder_get_last_interface (self->decoder);
  if (!self->has_first && gst_pcap_decoder_get_position (self->decoder) == 0) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "%s: Neither a pcap nor a pcapng file, or cut off before the end of its "
        "header", location);
    return NULL;
  }
  if (self->has_first)
    link_type = self->first.link_type;
  else if (iface != NULL)
    link_type = iface->link_type;
  g_object_unref (self->link);
  self->link = gst_capture_link_new_virtual (location, link_type);
  return g_steal_pointer (&self);
}

static void
give_view (const GstPcapPacket * packet, GstCaptureView * view)
{
  view->payload = packet->data;
  view->length = packet->captured_length;
  view->total_length = packet->wire_length;
  view->type = packet->type;
  view->ip_offset = gst_link_layer_get_network_offset (packet->link_type,
      packet->data, packet->captured_length);
  view->interface_id = packet->interface_id;
  view->capture_time = packet->time;
  view->flags = GST_PACKET_FLAG_NONE;
  view->vlan_tci = view->vlan_tpid = 0;
  if (gst_link_layer_get_vlan (packet->link_type, packet->data,
          packet->captured_length, &view->vlan_tpid, &view->vlan_tci))
    view->flags |= GST_PACKET_FLAG_VLAN;
}

static gboolean
gst_pcap_source_next_view (GstCaptureSource * source, GstCaptureView * view,
    GError ** error)
{
  GstPcapPacket packet;

  if (!gst_pcap_source_next (GST_PCAP_SOURCE (source), &packet, error))
    return FALSE;
  give_view (&packet, view);
  return TRUE;
}

/* One that lies in what was read already, which must not move. What is not a packet
 * is left to the next call, with its errors. */
static gboolean
next_at_hand (GstPcapSource * self, GstPcapPacket * packet)
{
  GstPcapDecoderResult result;
  gsize used;

  if (self->has_first || self->start == self->end)
    return FALSE;
  do {
    result = gst_pcap_decoder_next (self->decoder, self->bytes + self->start,
        self->end - self->start, &used, packet, NULL);
    if (result == GST_PCAP_DECODER_PACKET || result == GST_PCAP_DECODER_OTHER)
      self->start += used;
  } while (result == GST_PCAP_DECODER_OTHER && self->start < self->end);
  return result == GST_PCAP_DECODER_PACKET;
}

static guint
gst_pcap_source_next_views (GstCaptureSource * source, GstCaptureView * views,
    guint n, GError ** error)
{
  GstPcapSource *self = GST_PCAP_SOURCE (source);
  GstPcapPacket packet;
  guint given = 0;

  if (!gst_pcap_source_next (self, &packet, error))
    return 0;
  do
    give_view (&packet, &views[given++]);
  while (given < n && next_at_hand (self, &packet));
  __atomic_fetch_add (&self->packets, given - 1, __ATOMIC_RELAXED);
  return given;
}

static gsize
gst_pcap_source_get_snaplen (GstCaptureSource * source)
{
  return MAX_SNAPLEN;
}

static gboolean
check_open (GstCaptureSource * source, GError ** error)
{
  if (!g_atomic_int_get (&GST_PCAP_SOURCE (source)->closed))
    return TRUE;
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED,
      "The capture source is closed");
  return FALSE;
}

static gboolean
gst_pcap_source_get_stats (GstCaptureSource * source, GstCaptureStats * stats,
    GError ** error)
{
  GstPcapSource *self = GST_PCAP_SOURCE (source);
  guint64 packets;

  if (!check_open (source, error))
    return FALSE;
  memset (stats, 0, sizeof (*stats));
  packets = __atomic_load_n (&self->packets, __ATOMIC_RELAXED);
  stats->packets_received =
      packets - __atomic_exchange_n (&self->reported, packets, __ATOMIC_RELAXED);
  return TRUE;
}

static void
gst_pcap_source_get_totals (GstCaptureSource * source,
    GstCaptureTotals * totals)
{
  totals->packets_received =
      __atomic_load_n (&GST_PCAP_SOURCE (source)->packets, __ATOMIC_RELAXED);
}

static gint
gst_pcap_source_get_fd (GstCaptureSource * source)
{
  GstPcapSource *self = GST_PCAP_SOURCE (source);

  if (self->fd < 0)
    self->fd = eventfd (1, EFD_CLOEXEC | EFD_NONBLOCK);
  return self->fd;
}

static GstCaptureLink *
gst_pcap_source_get_link (GstCaptureSource * source)
{
  return GST_PCAP_SOURCE (source)->link;
}

/* A file never makes anybody wait. */
static gboolean
gst_pcap_source_unblock (GstCaptureSource * source, GError ** error)
{
  return check_open (source, error);
}

static gboolean
gst_pcap_source_close (GstCaptureSource * source, GError ** error)
{
  if (g_atomic_int_compare_and_exchange (&GST_PCAP_SOURCE (source)->closed,
          FALSE, TRUE))
    return TRUE;
  return check_open (source, error);
}

static void
gst_pcap_source_finalize (GObject * object)
{
  GstPcapSource *self = GST_PCAP_SOURCE (object);

  if (self->fd >= 0)
    close (self->fd);
  g_clear_object (&self->stream);
  g_clear_object (&self->link);
  gst_pcap_decoder_free (self->decoder);
  g_free (self->bytes);
  G_OBJECT_CLASS (gst_pcap_source_parent_class)->finalize (object);
}

static void
gst_pcap_source_class_init (GstPcapSourceClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_pcap_source_finalize;
}

static void
gst_pcap_source_init (GstPcapSource * self)
{
  self->fd = -1;
  self->capacity = 2 * READ_SIZE;
  self->bytes = g_malloc (self->capacity);
  self->decoder = gst_pcap_decoder_new ();
  gst_pcap_decoder_set_stepping (self->decoder, TRUE);
}

static void
capture_source_init (GstCaptureSourceInterface * iface)
{
  iface->next_view = gst_pcap_source_next_view;
  iface->get_snaplen = gst_pcap_source_get_snaplen;
  iface->get_stats = gst_pcap_source_get_stats;
  iface->get_link = gst_pcap_source_get_link;
  iface->unblock = gst_pcap_source_unblock;
  iface->close = gst_pcap_source_close;
  iface->next_views = gst_pcap_source_next_views;
  iface->get_fd = gst_pcap_source_get_fd;
  iface->get_totals = gst_pcap_source_get_totals;
}
