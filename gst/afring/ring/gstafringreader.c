/* gst-afring: reading a ring source packet by packet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Mostly a call finds the next packet in the block in hand, good as it is. Each
 * function looks for that first, and leaves anything else to one that is not inlined
 * and does it all: so it needs neither registers nor stack of its own, which would
 * cost about as much as the reading. */

#include "gstafringreader.h"
#include "gstafringsource-private.h"

#include <gst/afring/packet/gstlinklayer.h>

gint gst_afring_reader_offset;

static inline GstAfringReader *
get_reader (gpointer source)
{
  return G_STRUCT_MEMBER_P (source, gst_afring_reader_offset);
}

void
gst_afring_reader_clear (GstAfringReader * self)
{
  g_clear_pointer (&self->lease, gst_afring_lease_unref);
  g_clear_pointer (&self->filter, gst_capture_filter_unref);
  self->walk.left = 0;
}

/* Any record: through as many blocks as it takes. Without a block in hand the walk
 * has nothing left. */
static gboolean
next_record (gpointer source, GstAfringRecord * record, GError ** error)
{
  GstAfringReader *self = get_reader (source);

  while (g_atomic_int_get (&self->closed)
      || !gst_afring_walk_next (&self->walk, record)) {
    /* the view that the last call gave ends here, also when stopped */
    gst_afring_reader_clear (self);
    self->lease = gst_afring_source_next_lease (source, -1, error);
    if (self->lease == NULL)
      return FALSE;
    gst_afring_source_start_walk (source, self->lease, &self->walk,
        &self->filter);
  }
  return TRUE;
}

static inline guint8
get_ip_offset (const GstAfringReader * self, const GstAfringRecord * record)
{
  return gst_link_layer_get_network_offset (self->link_type, record->data,
      record->captured_length);
}

/* A record that is good as it is; with @ip, right behind an Ethernet header. FALSE
 * if the next one is not. */
static inline gboolean
next_plain_record (GstAfringReader * self, gboolean ip,
    GstAfringRecord * record)
{
  struct tpacket3_hdr *header = gst_afring_walk_peek (&self->walk);

  if (G_UNLIKELY (header == NULL || g_atomic_int_get (&self->closed)
          || !gst_afring_walk_is_plain (&self->walk, header)))
    return FALSE;
  gst_afring_walk_describe (&self->walk, header, record);
  if (ip && G_UNLIKELY (!gst_link_layer_is_plain (self->link_type,
              record->data, record->captured_length)))
    return FALSE;
  gst_afring_walk_pass (&self->walk, header);
  return TRUE;
}

static inline void
give_view (const GstAfringRecord * record, guint8 ip_offset,
    GstCaptureView * view)
{
  view->payload = record->data;
  view->length = record->captured_length;
  view->total_length = record->wire_length;
  view->type = gst_afring_record_get_packet_type (record);
  view->ip_offset = ip_offset;
}

static inline void
give_bytes (const GstAfringRecord * record, guint8 offset,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length)
{
  *payload = record->data + offset;
  *length = record->captured_length - offset;
  if (type != NULL)
    *type = gst_afring_record_get_packet_type (record);
  if (total_length != NULL)
    *total_length = record->wire_length;
}

static G_GNUC_NO_INLINE gboolean
next_view_of_any (GstCaptureSource * source, GstCaptureView * view,
    GError ** error)
{
  GstAfringRecord record;

  if (!next_record (source, &record, error))
    return FALSE;
  give_view (&record, get_ip_offset (get_reader (source), &record), view);
  return TRUE;
}

static gboolean
next_view (GstCaptureSource * source, GstCaptureView * view, GError ** error)
{
  GstAfringRecord record;

  if (!next_plain_record (get_reader (source), TRUE, &record))
    return next_view_of_any (source, view, error);
  give_view (&record, GST_LINK_LAYER_PLAIN_OFFSET, view);
  return TRUE;
}

static G_GNUC_NO_INLINE gboolean
next_payload_of_any (GstCaptureSourceZeroCopy * source,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length, GError ** error)
{
  GstAfringRecord record;

  if (!next_record (source, &record, error))
    return FALSE;
  give_bytes (&record, 0, payload, length, type, total_length);
  return TRUE;
}

static gboolean
next_payload (GstCaptureSourceZeroCopy * source, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  GstAfringRecord record;

  if (!next_plain_record (get_reader (source), FALSE, &record))
    return next_payload_of_any (source, payload, length, type, total_length,
        error);
  give_bytes (&record, 0, payload, length, type, total_length);
  return TRUE;
}

static G_GNUC_NO_INLINE gboolean
next_ip_packet_of_any (GstCaptureSourceZeroCopy * source,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length, GError ** error)
{
  GstAfringRecord record;
  guint8 offset;

  do {
    if (!next_record (source, &record, error))
      return FALSE;
    offset = get_ip_offset (get_reader (source), &record);
  } while (offset == GST_CAPTURE_NO_IP_OFFSET);
  give_bytes (&record, offset, payload, length, type, total_length);
  return TRUE;
}

static gboolean
next_ip_packet (GstCaptureSourceZeroCopy * source, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  GstAfringRecord record;

  if (!next_plain_record (get_reader (source), TRUE, &record))
    return next_ip_packet_of_any (source, payload, length, type, total_length,
        error);
  give_bytes (&record, GST_LINK_LAYER_PLAIN_OFFSET, payload, length, type,
      total_length);
  return TRUE;
}

void
gst_afring_reader_init_source (GstCaptureSourceInterface * iface)
{
  iface->next_view = next_view;
}

void
gst_afring_reader_init_zero_copy (GstCaptureSourceZeroCopyInterface * iface)
{
  iface->next_payload = next_payload;
  iface->next_ip_packet = next_ip_packet;
}
