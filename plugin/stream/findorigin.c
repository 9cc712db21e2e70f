/* gst-afring: what a file says of its interfaces, in the numbers of all files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findorigin.h"
#include "pcapstream.h"

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/pcap/gstpcapngblock.h>

void
find_origin_init (FindOrigin * self, FindInterfaces * interfaces,
    FindBlocks * blocks)
{
  self->interfaces = interfaces;
  self->blocks = blocks;
  find_section_init (&self->section);
  self->descriptions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

void
find_origin_clear (FindOrigin * self)
{
  find_section_clear (&self->section);
  g_ptr_array_unref (self->descriptions);
}

void
find_origin_begin_section (FindOrigin * self)
{
  find_section_begin (&self->section);
}

static gboolean
is_interface (const guint8 * block)
{
  guint32 type;

  memcpy (&type, block, sizeof (type));
  return type == GST_PCAPNG_BLOCK_INTERFACE
      || type == GUINT32_SWAP_LE_BE (GST_PCAPNG_BLOCK_INTERFACE);
}

void
find_origin_take_block (FindOrigin * self, const guint8 * block, gsize length)
{
  if (self->blocks == NULL)
    return;
  if (is_interface (block)) {
    g_ptr_array_add (self->descriptions, g_bytes_new (block, length));
    return;
  }
  g_ptr_array_set_size (self->descriptions, 0);
  find_blocks_take_header (self->blocks, block, length);
}

/* In a stream of blocks it is described with all that the file says of it. */
static GstEvent *
take_interface (FindOrigin * self, const GstCaptureInterface * iface)
{
  GstEvent *event = find_interfaces_take (self->interfaces, &self->section,
      iface);
  GstCaptureInterface described;

  if (event == NULL || self->blocks == NULL)
    return event;
  gst_event_parse_capture_interface (event, &described);
  find_blocks_take_interface (self->blocks, &described,
      iface->id < self->descriptions->len ?
      g_ptr_array_index (self->descriptions, iface->id) : NULL);
  gst_event_unref (event);
  return NULL;
}

GstEvent *
find_origin_take_event (FindOrigin * self, GstEvent * event)
{
  GstCaptureStatistics statistics;
  GstCaptureInterface iface;
  GstEvent *own = event;

  if (gst_event_parse_capture_interface (event, &iface)) {
    own = take_interface (self, &iface);
    gst_event_unref (event);
  } else if (gst_event_parse_capture_statistics (event, &statistics)) {
    statistics.id = find_section_get_id (&self->section, statistics.id);
    own = gst_event_new_capture_statistics (&statistics);
    gst_event_unref (event);
  }
  if (own == NULL || self->blocks == NULL)
    return own;
  find_blocks_take_event (self->blocks, own);
  return NULL;
}

GstBufferList *
find_origin_number (FindOrigin * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);

  if (self->blocks != NULL)
    return find_blocks_number (list, &self->section);
  for (guint i = 0; !self->section.same && i < n; i++) {
    GstPacketMeta *meta =
        gst_buffer_get_packet_meta (gst_buffer_list_get (list, i));

    meta->interface_id = find_section_get_id (&self->section,
        meta->interface_id);
  }
  return list;
}

/* Looking ahead. */

static GstFlowReturn
ignore_link_type (guint32 link_type, gpointer user_data)
{
  return GST_FLOW_OK;
}

static GstFlowReturn
ignore_packets (GstBufferList * list, gpointer user_data)
{
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

/* Statistics come with the packets that they are of. */
static void
announce_event (GstEvent * event, gpointer user_data)
{
  GstCaptureStatistics statistics;

  if (gst_event_parse_capture_statistics (event, &statistics))
    gst_event_unref (event);
  else
    find_origin_take_event (user_data, event);
}

static void
announce_section (gpointer user_data)
{
  find_origin_begin_section (user_data);
}

static void
ignore (gpointer user_data)
{
}

static void
announce_block (const guint8 * block, gsize length, gpointer user_data)
{
  find_origin_take_block (user_data, block, length);
}

void
find_origin_announce (FindInterfaces * interfaces, FindBlocks * blocks,
    GBytes * head)
{
  static const PcapStreamFuncs funcs = { ignore_link_type, ignore_packets,
    announce_event, announce_section, ignore, ignore, NULL, announce_block
  };
  FindOrigin origin;
  PcapStream *stream = pcap_stream_new (&funcs, &origin);

  find_origin_init (&origin, interfaces, blocks);
  if (pcap_stream_feed (stream, gst_buffer_new_wrapped_bytes (head), NULL)) {
    g_autoptr (GError) error = NULL;

    pcap_stream_next (stream, &error);
    pcap_stream_finish (stream);
  }
  pcap_stream_free (stream);
  find_origin_clear (&origin);
}
