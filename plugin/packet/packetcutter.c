/* gst-afring: what is in packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetcutter.h"
#include "packetparts.h"

struct _PacketCutter
{
  PacketPad *out;
  PacketDissector *dissector;
  PacketParts *parts;
  guint64 forwarded;
  guint64 not_matched;
};

PacketCutter *
packet_cutter_new (gboolean defragment, PacketPad * out)
{
  PacketCutter *self = g_new0 (PacketCutter, 1);

  self->out = out;
  self->dissector = packet_dissector_new (defragment);
  self->parts = packet_parts_new ();
  return self;
}

void
packet_cutter_free (PacketCutter * self)
{
  packet_parts_free (self->parts);
  packet_dissector_free (self->dissector);
  g_free (self);
}

gboolean
packet_cutter_set_link_type (PacketCutter * self, guint32 link_type)
{
  return packet_dissector_set_link_type (self->dissector, link_type);
}

void
packet_cutter_clear (PacketCutter * self)
{
  packet_dissector_clear (self->dissector);
}

void
packet_cutter_get_counts (PacketCutter * self, PacketCounts * counts,
    guint64 * forwarded)
{
  packet_dissector_get_stats (self->dissector, &counts->dissected);
  counts->not_matched = self->not_matched;
  *forwarded = self->forwarded;
}

typedef struct
{
  DissectedPacket packet;
  gsize start;
  gsize end;
} Part;

/* FALSE if nothing of the packet goes on; else it has to be cut. A fragment alone has only
 * its IP header to show. */
static gboolean
find_part (PacketCutter * self, const PacketSelection * selection,
    GstBuffer * buffer, Part * part)
{
  DissectedPacket *packet = &part->packet;

  if (!packet_dissector_start (self->dissector, buffer, packet))
    return FALSE;
  if ((dissected_packet_is_fragment (packet)
          && selection->layer != PACKET_LAYER_NETWORK)
      || !packet_selection_matches (selection, &packet->headers)) {
    self->not_matched++;
    packet_dissector_finish (self->dissector, packet);
    return FALSE;
  }
  packet_selection_get_range (selection, &packet->headers, &part->start,
      &part->end);
  if (part->end > packet->map.size) {
    packet_dissector_finish_truncated (self->dissector, packet);
    return FALSE;
  }
  self->forwarded++;
  return TRUE;
}

GstBuffer *
packet_cutter_cut (PacketCutter * self, const PacketSelection * selection, GstBuffer * buffer,
    gboolean in_place)
{
  GstBuffer *cut;
  Part part;

  if (!find_part (self, selection, buffer, &part)) {
    packet_pad_withhold (self->out, buffer);
    return NULL;
  }
  cut = packet_dissector_cut (self->dissector, &part.packet, part.start,
      part.end, in_place);
  packet_pad_mark (self->out, cut);
  return cut;
}

/* Packets that lie in a ring or a file stay as they are. */
static GstBufferList *
cut_into_parts (PacketCutter * self, const PacketSelection * selection,
    GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  SlotList parts = { NULL, };

  packet_parts_begin (self->parts, list);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    Part part;

    if (find_part (self, selection, buffer, &part))
      packet_pad_mark (self->out, packet_parts_add (self->parts,
              &parts, self->dissector, &part.packet, part.start, part.end));
    else
      packet_pad_withhold (self->out, buffer);
  }
  packet_parts_end (self->parts);
  gst_buffer_list_unref (list);
  return parts.list != NULL ? slot_list_steal (&parts) :
      gst_buffer_list_new_sized (1);
}

/* A list that is ours alone is changed where it is; nothing is allocated then, as
 * long as all packets go on. */
static GstBufferList *
cut_in_place (PacketCutter * self, const PacketSelection * selection,
    GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *rest = NULL;

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    /* asking GStreamer whether it is writable costs more than all the rest */
    GstBuffer *part = packet_cutter_cut (self, selection, buffer,
        GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) == 1);

    if (part != buffer && rest == NULL) {
      rest = gst_buffer_list_new_sized (n);
      for (guint before = 0; before < i; before++)
        gst_buffer_list_add (rest,
            gst_buffer_ref (gst_buffer_list_get (list, before)));
    }
    if (rest != NULL && part != NULL)
      gst_buffer_list_add (rest, part == buffer ? gst_buffer_ref (part) : part);
  }
  if (rest == NULL)
    return list;
  gst_buffer_list_unref (list);
  return rest;
}

static GstBufferList *
cut_shared (PacketCutter * self, const PacketSelection * selection,
    GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *parts = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *part = packet_cutter_cut (self, selection, gst_buffer_list_get (list, i),
        FALSE);

    if (part != NULL)
      gst_buffer_list_add (parts, part);
  }
  gst_buffer_list_unref (list);
  return parts;
}

GstBufferList *
packet_cutter_cut_list (PacketCutter * self,
    const PacketSelection * selection, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);

  if (n > 0 && packet_parts_suit (gst_buffer_list_get (list, 0)))
    return cut_into_parts (self, selection, list);
  if (gst_buffer_list_is_writable (list))
    return cut_in_place (self, selection, list);
  return cut_shared (self, selection, list);
}
