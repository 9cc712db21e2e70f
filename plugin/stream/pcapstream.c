/* gst-afring: pieces of a capture stream as packet buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapstream.h"
#include "pcappackets.h"
#include "pcapsaid.h"

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <string.h>

#define NO_LINK_TYPE G_MAXUINT32

/* Statistics that come before the first packet; later ones say more. */
#define MOST_EARLY 64

/* The first word of a section, in both byte orders. */
#define SECTION_HEADER 0x0a0d0d0a

struct _PcapStream
{
  PcapStreamFuncs funcs;
  gpointer user_data;

  GstPcapDecoder *decoder;
  guint n_files;                /* that have been told of */
  GByteArray *rest;             /* the start of a record that goes on */
  guint32 link_type;
  gboolean described;           /* interfaces that nobody was told of yet */
  GQueue early;                 /* of statistics events, likewise */
  PcapSaid said;                /* of the section */

  PcapPiece piece;
  gsize at;                     /* in it */

  PcapPackets packets;          /* that are being put together */
  gboolean given;               /* one was, since pcap_stream_next() began */
};

static GstPcapDecoder *
make_decoder (void)
{
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  gst_pcap_decoder_set_stepping (decoder, TRUE);
  return decoder;
}

PcapStream *
pcap_stream_new (const PcapStreamFuncs * funcs, gpointer user_data)
{
  PcapStream *self = g_new0 (PcapStream, 1);

  self->funcs = *funcs;
  self->user_data = user_data;
  self->decoder = make_decoder ();
  self->rest = g_byte_array_new ();
  self->link_type = NO_LINK_TYPE;
  g_queue_init (&self->early);
  pcap_said_init (&self->said);
  return self;
}

void
pcap_stream_set_in_blocks (PcapStream * self, gboolean in_blocks)
{
  self->piece.in_blocks = in_blocks;
}

static void
forget (PcapStream * self)
{
  pcap_piece_drop (&self->piece);
  g_byte_array_set_size (self->rest, 0);
  pcap_packets_drop (&self->packets);
  self->link_type = NO_LINK_TYPE;
  self->described = FALSE;
  g_queue_clear_full (&self->early, (GDestroyNotify) gst_event_unref);
}

void
pcap_stream_free (PcapStream * self)
{
  forget (self);
  pcap_packets_clear (&self->packets);
  gst_pcap_decoder_free (self->decoder);
  pcap_said_clear (&self->said);
  g_byte_array_unref (self->rest);
  g_free (self);
}

gboolean
pcap_stream_is_torn (PcapStream * self)
{
  return self->rest->len > 0 || gst_pcap_decoder_is_inside (self->decoder);
}

void
pcap_stream_reset (PcapStream * self)
{
  forget (self);
  pcap_packets_clear (&self->packets);
  pcap_said_begin (&self->said);
  gst_pcap_decoder_free (self->decoder);
  self->decoder = make_decoder ();
  self->n_files = 0;
}

/* What is known of interfaces and of the section stays, for downstream too. */
void
pcap_stream_jump (PcapStream * self, guint64 position)
{
  gboolean described = self->described;

  forget (self);
  self->described = described;
  gst_pcap_decoder_jump (self->decoder, position);
}

GstPcapDecoder *
pcap_stream_get_decoder (PcapStream * self)
{
  return self->decoder;
}

static GstFlowReturn
give_packets (PcapStream * self)
{
  GstBufferList *list = pcap_packets_take (&self->packets);

  if (list == NULL)
    return GST_FLOW_OK;
  self->given = TRUE;
  return self->funcs.packets (list, self->user_data);
}

/* What is not a packet. */

static void
give_interface (PcapStream * self, const GstCaptureInterface * described)
{
  GstCaptureInterface iface = *described;

  /* files have packets that are longer than they say */
  iface.snaplen = 0;
  self->funcs.event (gst_event_new_capture_interface (&iface),
      self->user_data);
}

/* Packets that it is about may have come before. */
static GstFlowReturn
give_said (PcapStream * self)
{
  GstEvent *event = pcap_said_make_event (&self->said);
  GstFlowReturn ret;

  if (event == NULL)
    return GST_FLOW_OK;
  ret = give_packets (self);
  self->funcs.event (event, self->user_data);
  return ret;
}

/* Once the link type is known. */
static void
give_early (PcapStream * self)
{
  guint n = gst_pcap_decoder_get_n_interfaces (self->decoder);
  GstEvent *event;

  for (guint i = 0; self->described && i < n; i++)
    give_interface (self, gst_pcap_decoder_get_interface (self->decoder, i));
  self->described = FALSE;
  while ((event = g_queue_pop_head (&self->early)) != NULL)
    self->funcs.event (event, self->user_data);
}

static GstFlowReturn
set_link_type (PcapStream * self, guint32 link_type)
{
  GstFlowReturn ret = give_packets (self);

  if (ret == GST_FLOW_OK)
    ret = self->funcs.link_type (link_type, self->user_data);
  if (ret != GST_FLOW_OK)
    return ret;
  self->link_type = link_type;
  give_early (self);
  return give_said (self);
}

static GstFlowReturn
handle_interface (PcapStream * self)
{
  GstFlowReturn ret;

  if (self->link_type == NO_LINK_TYPE) {
    self->described = TRUE;
    return GST_FLOW_OK;
  }
  ret = give_packets (self);
  give_interface (self, gst_pcap_decoder_get_last_interface (self->decoder));
  return ret;
}

static GstFlowReturn
handle_statistics (PcapStream * self)
{
  GstEvent *event = gst_event_new_capture_statistics
      (gst_pcap_decoder_get_statistics (self->decoder));
  GstFlowReturn ret;

  if (self->link_type == NO_LINK_TYPE) {
    g_queue_push_tail (&self->early, event);
    if (g_queue_get_length (&self->early) > MOST_EARLY)
      gst_event_unref (g_queue_pop_head (&self->early));
    return GST_FLOW_OK;
  }
  ret = give_packets (self);
  self->funcs.event (event, self->user_data);
  return ret;
}

static void
handle_section (PcapStream * self)
{
  guint64 left_out = self->said.blocks.left_out;
  guint64 unreadable = self->said.unreadable;
  gsize length;
  const guint8 *block = gst_pcap_decoder_get_block (self->decoder, &length);

  pcap_said_take (&self->said, block, length);
  if (left_out == 0 && self->said.blocks.left_out > 0)
    self->funcs.left_out (self->user_data);
  if (unreadable == 0 && self->said.unreadable > 0)
    self->funcs.unreadable (self->user_data);
}

static GstFlowReturn
handle_other (PcapStream * self)
{
  guint n_files = gst_pcap_decoder_get_n_files (self->decoder);
  GstFlowReturn ret = GST_FLOW_OK;

  if (n_files != self->n_files) {
    self->n_files = n_files;
    ret = give_packets (self);
    pcap_said_begin (&self->said);
    self->funcs.file (self->user_data);
  }
  if (ret != GST_FLOW_OK)
    return ret;
  switch (gst_pcap_decoder_get_piece (self->decoder)) {
    case GST_PCAP_PIECE_INTERFACE:
      return handle_interface (self);
    case GST_PCAP_PIECE_STATISTICS:
      return handle_statistics (self);
    case GST_PCAP_PIECE_SECTION:
      handle_section (self);
      return GST_FLOW_OK;
    case GST_PCAP_PIECE_HEADER:
    case GST_PCAP_PIECE_UNKNOWN:
    default:
      return GST_FLOW_OK;
  }
}

/* A stream without packets has an interface all the same, and so has a section. */
GstFlowReturn
pcap_stream_finish (PcapStream * self)
{
  const GstCaptureInterface *last =
      gst_pcap_decoder_get_last_interface (self->decoder);

  if (self->link_type != NO_LINK_TYPE)
    return give_said (self);
  return set_link_type (self, last != NULL ? last->link_type :
      GST_CAPTURE_LINK_TYPE_ETHERNET);
}

/* Packets. */

/* @record is in the piece, or (@kept) in what has been kept of the one before. The list
 * before goes even if that fails: it was whole. */
static GstFlowReturn
handle_packet (PcapStream * self, const GstPcapPacket * packet,
    const guint8 * record, gsize length, gboolean kept)
{
  PcapContent content = pcap_piece_get_content (&self->piece, record, length,
      packet, kept);
  GstFlowReturn ret = GST_FLOW_OK;

  if (G_UNLIKELY (packet->link_type != self->link_type))
    ret = set_link_type (self, packet->link_type);
  else if (G_UNLIKELY (self->said.changed))
    ret = give_said (self);
  else if (pcap_packets_is_full (&self->packets, packet, &content))
    ret = give_packets (self);
  /* nothing goes on under the caps of another type */
  if (G_UNLIKELY (ret != GST_FLOW_OK)) {
    g_clear_pointer (&content.memory, gst_memory_unref);
    return ret;
  }
  pcap_packets_add (&self->packets, &self->piece, packet, &content);
  return GST_FLOW_OK;
}

static inline gboolean
is_wanted (PcapStream * self, const GstPcapPacket * packet)
{
  return self->funcs.wanted == NULL
      || self->funcs.wanted (packet, self->user_data);
}

/* The decoder forgets the interfaces of a section with the header of the next. */
static GstFlowReturn
give_before_section (PcapStream * self, const guint8 * data, gsize length)
{
  guint32 word;

  if (length < sizeof (word))
    return GST_FLOW_OK;
  memcpy (&word, data, sizeof (word));
  if (word != SECTION_HEADER || gst_pcap_decoder_is_inside (self->decoder))
    return GST_FLOW_OK;
  return pcap_stream_finish (self);
}

static void
tell_of_block (PcapStream * self, const guint8 * data, gsize length)
{
  GstPcapPiece piece = gst_pcap_decoder_get_piece (self->decoder);

  if (self->funcs.described != NULL && (piece == GST_PCAP_PIECE_HEADER
          || piece == GST_PCAP_PIECE_INTERFACE))
    self->funcs.described (data, length, self->user_data);
}

static GstPcapDecoderResult
decode (PcapStream * self, const guint8 * data, gsize length, gsize * used,
    GstPcapPacket * packet, GstFlowReturn * ret, GError ** error)
{
  GstPcapDecoderResult result;

  if (G_UNLIKELY (self->described))
    *ret = give_before_section (self, data, length);
  result = gst_pcap_decoder_next (self->decoder, data, length, used, packet,
      error);
  if (result == GST_PCAP_DECODER_OTHER && *ret == GST_FLOW_OK) {
    tell_of_block (self, data, *used);
    *ret = handle_other (self);
  } else if (result == GST_PCAP_DECODER_ERROR) {
    *ret = GST_FLOW_ERROR;
  }
  return result;
}

/* Goes on with the record whose start has been kept: it gets as many bytes as it
 * says that it needs, and no memory for more than there are. */
static GstFlowReturn
complete_rest (PcapStream * self, GError ** error)
{
  const GstMapInfo *map = &self->piece.lease->map;
  GstFlowReturn ret = GST_FLOW_OK;
  GstPcapPacket packet;
  gsize used;

  while (ret == GST_FLOW_OK && !self->given && self->rest->len > 0) {
    GstPcapDecoderResult result = decode (self, self->rest->data,
        self->rest->len, &used, &packet, &ret, error);

    if (result == GST_PCAP_DECODER_MORE) {
      gsize more = MIN (used - self->rest->len, map->size - self->at);

      if (more == 0)
        return GST_FLOW_OK;
      g_byte_array_append (self->rest, map->data + self->at, more);
      self->at += more;
      continue;
    }
    if (result == GST_PCAP_DECODER_PACKET && is_wanted (self, &packet))
      ret = handle_packet (self, &packet, self->rest->data, used, TRUE);
    if (result != GST_PCAP_DECODER_ERROR)
      g_byte_array_remove_range (self->rest, 0, used);
  }
  return ret;
}

/* The records that lie in the piece as a whole. */
static GstFlowReturn
decode_piece (PcapStream * self, GError ** error)
{
  const guint8 *data = self->piece.lease->map.data;
  const gsize length = self->piece.lease->map.size;
  GstFlowReturn ret = GST_FLOW_OK;
  GstPcapPacket packet;
  gsize used;

  while (ret == GST_FLOW_OK && !self->given) {
    GstPcapDecoderResult result = decode (self, data + self->at,
        length - self->at, &used, &packet, &ret, error);

    if (result == GST_PCAP_DECODER_MORE) {
      g_byte_array_append (self->rest, data + self->at, length - self->at);
      self->at = length;
      return ret;
    }
    if (result == GST_PCAP_DECODER_PACKET && is_wanted (self, &packet))
      ret = handle_packet (self, &packet, data + self->at, used, FALSE);
    if (result != GST_PCAP_DECODER_ERROR)
      self->at += used;
  }
  return ret;
}

gboolean
pcap_stream_feed (PcapStream * self, GstBuffer * buffer, GError ** error)
{
  self->at = 0;
  return pcap_piece_set (&self->piece, buffer, error);
}

GstFlowReturn
pcap_stream_next (PcapStream * self, GError ** error)
{
  GstFlowReturn ret;
  gboolean corrupt;

  if (self->piece.lease == NULL)
    return PCAP_STREAM_HUNGRY;
  self->given = FALSE;
  ret = complete_rest (self, error);
  if (ret == GST_FLOW_OK && !self->given && self->rest->len == 0)
    ret = decode_piece (self, error);
  if (ret == GST_FLOW_OK && self->at < self->piece.lease->map.size)
    return ret;

  /* nobody waits for the next piece */
  pcap_piece_drop (&self->piece);
  corrupt = ret == GST_FLOW_ERROR && *error != NULL;
  if (ret != GST_FLOW_OK && !corrupt) {
    pcap_packets_drop (&self->packets);
    return ret;
  }
  ret = give_packets (self);
  if (corrupt)
    return GST_FLOW_ERROR;
  return ret == GST_FLOW_OK && !self->given ? PCAP_STREAM_HUNGRY : ret;
}
