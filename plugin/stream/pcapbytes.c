/* gst-afring: the bytes of a capture file, at any place
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapbytes.h"

#include <gst/afring/pcap/gstpcapframe.h>
#include <gst/afring/pcap/gstpcapseektable.h>

/* A frame is held as a whole. */
#define MOST_CONTENT (128 * 1024 * 1024)

struct _PcapBytes
{
  PcapBytesFuncs funcs;
  gpointer user_data;

  GMutex lock;                  /* of what follows */
  gboolean looked;              /* whether there is a table */
  GstPcapSeekTable *table;
  GstBuffer *content;           /* of @frame, the one that was read last, or NULL */
  GstPcapFramePlace frame;
};

PcapBytes *
pcap_bytes_new_full (const PcapBytesFuncs * funcs, gpointer user_data)
{
  PcapBytes *self = g_new0 (PcapBytes, 1);

  self->funcs = *funcs;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  return self;
}

static gboolean
get_pad_size (guint64 * size, gpointer user_data)
{
  gint64 length;

  if (!gst_pad_peer_query_duration (user_data, GST_FORMAT_BYTES, &length)
      || length < 0)
    return FALSE;
  *size = length;
  return TRUE;
}

static GstFlowReturn
read_pad (guint64 offset, guint size, GstBuffer ** buffer, gpointer user_data)
{
  return gst_pad_pull_range (user_data, offset, size, buffer);
}

PcapBytes *
pcap_bytes_new (GstPad * pad)
{
  static const PcapBytesFuncs funcs = { get_pad_size, read_pad };

  return pcap_bytes_new_full (&funcs, pad);
}

static void
clear (PcapBytes * self)
{
  g_clear_pointer (&self->table, gst_pcap_seek_table_free);
  gst_clear_buffer (&self->content);
  self->looked = FALSE;
}

void
pcap_bytes_free (PcapBytes * self)
{
  clear (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
pcap_bytes_reset (PcapBytes * self)
{
  g_mutex_lock (&self->lock);
  clear (self);
  g_mutex_unlock (&self->lock);
}

static gboolean
get_file_size (PcapBytes * self, guint64 * size)
{
  return self->funcs.get_size (size, self->user_data);
}

static GstFlowReturn
read_file (PcapBytes * self, guint64 offset, guint size, GstBuffer ** buffer)
{
  return self->funcs.read (offset, size, buffer, self->user_data);
}

/* Exactly so many bytes. GST_FLOW_EOS: there are fewer. */
static GstFlowReturn
pull_exactly (PcapBytes * self, guint64 offset, gsize size,
    GstBuffer ** buffer)
{
  GstFlowReturn ret = read_file (self, offset, size, buffer);

  if (ret == GST_FLOW_OK && gst_buffer_get_size (*buffer) != size) {
    gst_clear_buffer (buffer);
    ret = GST_FLOW_EOS;
  }
  return ret;
}

/* How large the table is; 0: there is none. */
static GstFlowReturn
read_footer (PcapBytes * self, guint64 file_size, gsize * size)
{
  guint8 footer[GST_PCAP_SEEK_TABLE_FOOTER];
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;

  *size = 0;
  if (file_size < sizeof (footer))
    return GST_FLOW_OK;
  ret = pull_exactly (self, file_size - sizeof (footer), sizeof (footer),
      &buffer);
  if (ret != GST_FLOW_OK)
    return ret;
  gst_buffer_extract (buffer, 0, footer, sizeof (footer));
  gst_buffer_unref (buffer);
  *size = gst_pcap_seek_table_get_size (footer);
  if (*size > file_size)
    *size = 0;
  return GST_FLOW_OK;
}

static GstFlowReturn
read_table (PcapBytes * self, guint64 file_size)
{
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;
  GstMapInfo map;
  gsize size;

  ret = read_footer (self, file_size, &size);
  if (ret != GST_FLOW_OK || size == 0)
    return ret;
  ret = pull_exactly (self, file_size - size, size, &buffer);
  if (ret != GST_FLOW_OK)
    return ret;
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    self->table = gst_pcap_seek_table_read (map.data, map.size, file_size);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* Those of a frame that is whole, as the table says. */
static GstBuffer *
decompress (const GstPcapFramePlace * frame, GstBuffer * compressed,
    GError ** error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  g_autoptr (GError) reason = NULL;
  GstMapInfo map;
  gsize used = 0;

  if (gst_buffer_map (compressed, &map, GST_MAP_READ)) {
    used = gst_pcap_frame_decode (GST_PCAP_COMPRESSION_ZSTD, map.data,
        map.size, frame->content_size, content, &reason);
    gst_buffer_unmap (compressed, &map);
  }
  if (used == frame->size && content->len == frame->content_size) {
    g_autoptr (GBytes) bytes =
        g_byte_array_free_to_bytes (g_steal_pointer (&content));

    return gst_buffer_new_wrapped_bytes (bytes);
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "The compressed frame at byte %" G_GUINT64_FORMAT " of the file cannot be "
      "read: %s", frame->place, reason != NULL ? reason->message :
      "it is not what the seek table says of it");
  return NULL;
}

/* Has @content be that of the frame with the byte at @offset. */
static GstFlowReturn
load_frame (PcapBytes * self, guint64 offset, GError ** error)
{
  GstPcapFramePlace frame;
  GstBuffer *compressed = NULL;
  GstFlowReturn ret;

  if (!gst_pcap_seek_table_find (self->table, offset, &frame))
    return GST_FLOW_EOS;
  if (self->content != NULL
      && frame.content_place == self->frame.content_place)
    return GST_FLOW_OK;
  ret = read_file (self, frame.place, frame.size, &compressed);
  if (ret != GST_FLOW_OK)
    return ret;
  gst_clear_buffer (&self->content);
  self->content = decompress (&frame, compressed, error);
  self->frame = frame;
  gst_buffer_unref (compressed);
  return self->content != NULL ? GST_FLOW_OK : GST_FLOW_ERROR;
}

/* What one frame has of it. */
static GstFlowReturn
read_frame (PcapBytes * self, guint64 offset, gsize size, GstBuffer ** buffer,
    GError ** error)
{
  GstFlowReturn ret = load_frame (self, offset, error);
  gsize at;

  if (ret != GST_FLOW_OK)
    return ret;
  at = offset - self->frame.content_place;
  *buffer = gst_buffer_copy_region (self->content, GST_BUFFER_COPY_MEMORY, at,
      MIN (size, self->frame.content_size - at));
  return GST_FLOW_OK;
}

static GstFlowReturn
read_frames (PcapBytes * self, guint64 offset, gsize size, GstBuffer ** buffer,
    GError ** error)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gsize n = 0;

  *buffer = NULL;
  while (n < size && ret == GST_FLOW_OK) {
    GstBuffer *part = NULL;

    ret = read_frame (self, offset + n, size - n, &part, error);
    if (ret == GST_FLOW_OK) {
      n += gst_buffer_get_size (part);
      *buffer = *buffer != NULL ? gst_buffer_append (*buffer, part) : part;
    }
  }
  if (ret == GST_FLOW_EOS && n > 0)
    ret = GST_FLOW_OK;
  if (ret != GST_FLOW_OK)
    gst_clear_buffer (buffer);
  return ret;
}

/* With the lock. Whether there is a table is known once this is GST_FLOW_OK. One that is not
 * true of the first frame, or whose frames are too large to be taken apart one by one, is
 * none: the file can still be read through. So it is where frames cannot be decompressed;
 * what reads the file then says so. */
static GstFlowReturn
look (PcapBytes * self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  guint64 size;

  if (self->looked)
    return GST_FLOW_OK;
  if (gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) > 0
      && get_file_size (self, &size))
    ret = read_table (self, size);
  if (self->table != NULL) {
    g_autoptr (GError) error = NULL;
    gboolean usable = gst_pcap_seek_table_get_most_content (self->table)
        <= MOST_CONTENT;

    if (usable)
      ret = load_frame (self, 0, &error);
    if (!usable || ret != GST_FLOW_OK)
      g_clear_pointer (&self->table, gst_pcap_seek_table_free);
    if (error != NULL)
      ret = GST_FLOW_OK;
  }
  if (ret == GST_FLOW_EOS)      /* shorter than it said */
    ret = GST_FLOW_OK;
  self->looked = ret == GST_FLOW_OK;
  return ret;
}

gboolean
pcap_bytes_get_size (PcapBytes * self, guint64 * size)
{
  gboolean known;

  g_mutex_lock (&self->lock);
  known = look (self) == GST_FLOW_OK;
  if (self->table != NULL)
    *size = gst_pcap_seek_table_get_content_size (self->table);
  else
    known = known && get_file_size (self, size);
  g_mutex_unlock (&self->lock);
  return known;
}

typedef GstFlowReturn (*ReadFunc) (PcapBytes * self, guint64 offset, gsize size,
    GstBuffer ** buffer, GError ** error);

/* @read: of frames, what is asked for here; @content_size of what they hold, @size of a
 * file that has none. */
static GstFlowReturn
read_from (PcapBytes * self, ReadFunc read, gsize content_size,
    guint64 offset, guint size, GstBuffer ** buffer, GError ** error)
{
  GstFlowReturn ret;
  gboolean framed;

  *buffer = NULL;
  g_mutex_lock (&self->lock);
  ret = look (self);
  framed = self->table != NULL;
  if (framed)
    ret = read (self, offset, content_size, buffer, error);
  g_mutex_unlock (&self->lock);
  return framed || ret != GST_FLOW_OK ? ret :
      read_file (self, offset, size, buffer);
}

GstFlowReturn
pcap_bytes_pull (PcapBytes * self, guint64 offset, guint size,
    GstBuffer ** buffer, GError ** error)
{
  return read_from (self, read_frames, size, offset, size, buffer, error);
}

/* The rest of a frame is at hand. */
GstFlowReturn
pcap_bytes_read (PcapBytes * self, guint64 offset, guint size,
    GstBuffer ** buffer, GError ** error)
{
  return read_from (self, read_frame, G_MAXSIZE, offset, size, buffer, error);
}
