/* gst-afring: reading a ring source packet by packet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Mostly a call finds the next packet in the block in hand, good as it is. Each
 * function looks for that first, and leaves anything else to one that is not inlined
 * and does it all: so it needs neither registers nor stack of its own, which would
 * cost about as much as the reading. */

#include "gstafringreader.h"
#include "gstafringsource-private.h"

#include <gst/afring/capture/gstcaptureerror.h>
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

/* Whoever polls has to be told, after each packet, whether there is another one. So none
 * of them takes the short way. */
static void
update_signal (gpointer source)
{
  GstAfringReader *self = get_reader (source);

  if (self->signals)
    gst_afring_source_update_signal (source, self->walk.left > 0);
}

static void
start_walk (gpointer source, GstAfringReader * self)
{
  gst_afring_source_start_walk (source, self->lease, &self->walk,
      &self->filter);
  self->walk.needs_work |= self->signals;
}

static GstAfringLease *
next_lease (gpointer source, GstAfringReader * self, GError ** error)
{
  GError *reason = NULL;
  GstAfringLease *lease = gst_afring_source_next_lease (source, self->timeout,
      &reason);

  if (lease == NULL && reason == NULL)
    g_set_error (&reason, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_TIMEOUT,
        "No packet came in %d ms", self->timeout);
  if (reason != NULL)
    g_propagate_error (error, reason);
  return lease;
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
    self->lease = next_lease (source, self, error);
    if (self->lease == NULL) {
      update_signal (source);
      return FALSE;
    }
    start_walk (source, self);
  }
  update_signal (source);
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

/* All of a view but what there is to say of a tag. */
static inline void
give_view (const GstAfringRecord * record, guint8 ip_offset,
    GstCaptureView * view)
{
  view->payload = record->data;
  view->length = record->captured_length;
  view->total_length = record->wire_length;
  view->type = gst_afring_record_get_packet_type (record);
  view->ip_offset = ip_offset;
  view->vlan_tci = view->vlan_tpid = 0;
  view->flags = gst_afring_record_get_flags (record);
  view->interface_id = record->address->sll_ifindex;
  view->capture_time = gst_afring_record_get_capture_time (record);
}

static void
give_any_view (GstAfringReader * self, const GstAfringRecord * record,
    GstCaptureView * view)
{
  GstPacketMeta meta;

  give_view (record, get_ip_offset (self, record), view);
  gst_afring_record_fill_meta (record, self->link_type, &meta);
  view->vlan_tci = meta.vlan_tci;
  view->vlan_tpid = meta.vlan_tpid;
  view->flags = meta.flags;
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
  give_any_view (get_reader (source), &record, view);
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

/* The rest of the block in hand, as far as there is room for it. */
static guint
next_views_at_hand (GstAfringReader * self, GstCaptureView * views, guint n)
{
  GstAfringRecord record;
  guint given = 0;

  while (given < n && !g_atomic_int_get (&self->closed)) {
    if (next_plain_record (self, TRUE, &record))
      give_view (&record, GST_LINK_LAYER_PLAIN_OFFSET, &views[given]);
    else if (gst_afring_walk_next (&self->walk, &record))
      give_any_view (self, &record, &views[given]);
    else
      break;
    given++;
  }
  return given;
}

static guint
next_views (GstCaptureSource * source, GstCaptureView * views, guint n,
    GError ** error)
{
  GstAfringReader *self = get_reader (source);
  guint given = next_views_at_hand (self, views, n);

  if (given == 0 && next_view_of_any (source, views, error))
    given = 1 + next_views_at_hand (self, views + 1, n - 1);
  update_signal (source);
  return given;
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

static gboolean
next_source_payload (GstCaptureSource * source, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  return next_payload ((GstCaptureSourceZeroCopy *) source, payload, length,
      type, total_length, error);
}

static gboolean
next_source_ip_packet (GstCaptureSource * source, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  return next_ip_packet ((GstCaptureSourceZeroCopy *) source, payload, length,
      type, total_length, error);
}

static gboolean
next_packet_fn (GstCaptureSource * source, GstCapturePacketFunc func,
    gpointer user_data, GError ** error)
{
  GstAfringReader *self = get_reader (source);
  guint8 ip_offset = GST_LINK_LAYER_PLAIN_OFFSET;
  GstAfringRecord record;

  if (!next_plain_record (self, TRUE, &record)) {
    if (!next_record (source, &record, error))
      return FALSE;
    ip_offset = get_ip_offset (self, &record);
  }
  return func (record.data, record.captured_length, record.wire_length,
      gst_afring_record_get_packet_type (&record), ip_offset, user_data, error);
}

static void
set_timeout (GstCaptureSource * source, gint timeout)
{
  get_reader (source)->timeout = timeout;
}

static gint
get_fd (GstCaptureSource * source)
{
  GstAfringReader *self = get_reader (source);
  gint fd = gst_afring_source_get_user_fd ((gpointer) source);

  if (fd >= 0 && !self->signals) {
    self->signals = TRUE;
    self->walk.needs_work = TRUE;
    update_signal (source);
  }
  return fd;
}

void
gst_afring_reader_init_source (GstCaptureSourceInterface * iface)
{
  iface->next_view = next_view;
  iface->next_views = next_views;
  iface->next_payload = next_source_payload;
  iface->next_ip_packet = next_source_ip_packet;
  iface->next_packet_fn = next_packet_fn;
  iface->set_timeout = set_timeout;
  iface->get_fd = get_fd;
}

void
gst_afring_reader_init_zero_copy (GstCaptureSourceZeroCopyInterface * iface)
{
  iface->next_payload = next_payload;
  iface->next_ip_packet = next_ip_packet;
}
