/* gst-afring: what every capture source does
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcapturesource
 * @title: GstCaptureSource
 * @short_description: what every capture source does
 *
 * Packets are asked for one at a time. Every function that asks blocks until
 * there is a packet, or fails with %GST_CAPTURE_ERROR_STOPPED after
 * gst_capture_source_close(), or with %GST_CAPTURE_ERROR_UNBLOCKED once for each
 * gst_capture_source_unblock() that found it waiting.
 *
 * One thread reads a source; unblock, close and get_stats may come from any.
 */

#include "gstcapturesource.h"
#include "gstcapturepacket-private.h"

#include <string.h>

/* Some words of what glibc's loader keeps for libraries that come later; any other model
 * calls a function at each access. Other loaders keep nothing, and refuse a library
 * that wants it. */
#ifdef __GLIBC__
#define THREAD_LOCAL __thread __attribute__ ((tls_model ("initial-exec")))
#else
#define THREAD_LOCAL __thread
#endif

G_DEFINE_INTERFACE (GstCaptureSource, gst_capture_source, G_TYPE_OBJECT)

static void
gst_capture_source_default_init (GstCaptureSourceInterface * iface)
{
}

G_DEFINE_INTERFACE (GstCaptureSourceZeroCopy, gst_capture_source_zero_copy,
    GST_TYPE_CAPTURE_SOURCE)

/* Finding the interface of an instance, and checking that it has it, costs GLib
 * more than reading a packet. A thread mostly reads one source: the class of the
 * last one is remembered. NULL, with a critical warning, if @self is none. */
static inline GstCaptureSourceInterface *
get_iface (GstCaptureSource * self)
{
  static THREAD_LOCAL gpointer last_class = NULL;
  static THREAD_LOCAL GstCaptureSourceInterface *last_iface = NULL;

  if (G_UNLIKELY (self == NULL
          || ((GTypeInstance *) self)->g_class != last_class)) {
    g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), NULL);
    last_class = ((GTypeInstance *) self)->g_class;
    last_iface = GST_CAPTURE_SOURCE_GET_IFACE (self);
  }
  return last_iface;
}

static inline gboolean
next_view (GstCaptureSource * self, GstCaptureView * view, GError ** error)
{
  GstCaptureSourceInterface *iface = get_iface (self);

  return iface != NULL && iface->next_view (self, view, error);
}

/* The bytes of the next packet, by less than a whole view where the source can. */
static inline gboolean
next_bytes (GstCaptureSource * self, const guint8 ** payload, gsize * length,
    GstPacketType * type, guint32 * total_length, GError ** error)
{
  GstCaptureSourceInterface *iface = get_iface (self);
  GstCaptureView view;

  if (G_UNLIKELY (iface == NULL))
    return FALSE;
  if (G_LIKELY (iface->next_payload != NULL))
    return iface->next_payload (self, payload, length, type, total_length,
        error);
  if (!iface->next_view (self, &view, error))
    return FALSE;
  *payload = view.payload;
  *length = view.length;
  if (type != NULL)
    *type = view.type;
  if (total_length != NULL)
    *total_length = view.total_length;
  return TRUE;
}

static inline gboolean
next_ip_view (GstCaptureSource * self, GstCaptureView * view, GError ** error)
{
  do {
    if (!next_view (self, view, error))
      return FALSE;
  } while (view->ip_offset == GST_CAPTURE_NO_IP_OFFSET);
  return TRUE;
}

static inline gboolean
next_ip_bytes (GstCaptureSource * self, const guint8 ** payload, gsize * length,
    GstPacketType * type, guint32 * total_length, GError ** error)
{
  GstCaptureSourceInterface *iface = get_iface (self);
  GstCaptureView view;

  if (G_LIKELY (iface != NULL && iface->next_ip_packet != NULL))
    return iface->next_ip_packet (self, payload, length, type, total_length,
        error);
  if (!next_ip_view (self, &view, error))
    return FALSE;
  *payload = view.payload + view.ip_offset;
  *length = view.length - view.ip_offset;
  if (type != NULL)
    *type = view.type;
  if (total_length != NULL)
    *total_length = view.total_length;
  return TRUE;
}

static gboolean
default_next_payload (GstCaptureSourceZeroCopy * self, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  return next_bytes (GST_CAPTURE_SOURCE (self), payload, length, type,
      total_length, error);
}

static gboolean
default_next_ip_packet (GstCaptureSourceZeroCopy * self,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length, GError ** error)
{
  return next_ip_bytes (GST_CAPTURE_SOURCE (self), payload, length, type,
      total_length, error);
}

static void
gst_capture_source_zero_copy_default_init (GstCaptureSourceZeroCopyInterface *
    iface)
{
  iface->next_payload = default_next_payload;
  iface->next_ip_packet = default_next_ip_packet;
}

static THREAD_LOCAL gpointer last_zero_copy_class = NULL;
static THREAD_LOCAL GstCaptureSourceZeroCopyInterface *last_zero_copy = NULL;

/* As get_iface(), but FALSE if the class is another than the last one: what is done
 * then has to stay out of the functions below, which jump to the source's. */
static inline gboolean
is_last_zero_copy (GstCaptureSourceZeroCopy * self)
{
  return G_LIKELY (self != NULL
      && ((GTypeInstance *) self)->g_class == last_zero_copy_class);
}

static gboolean
find_zero_copy (GstCaptureSourceZeroCopy * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE_ZERO_COPY (self), FALSE);

  last_zero_copy_class = ((GTypeInstance *) self)->g_class;
  last_zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY_GET_IFACE (self);
  return TRUE;
}

static G_GNUC_NO_INLINE gboolean
first_payload (GstCaptureSourceZeroCopy * self, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  return find_zero_copy (self) && last_zero_copy->next_payload (self, payload,
      length, type, total_length, error);
}

static G_GNUC_NO_INLINE gboolean
first_ip_packet (GstCaptureSourceZeroCopy * self, const guint8 ** payload,
    gsize * length, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  return find_zero_copy (self) && last_zero_copy->next_ip_packet (self, payload,
      length, type, total_length, error);
}

/**
 * gst_capture_source_new_packet:
 * @self: a #GstCaptureSource
 *
 * Makes a packet to give to gst_capture_source_next_packet(), big enough for
 * anything that the source can capture.
 *
 * Returns: (transfer full): a new, empty packet
 */
GstCapturePacket *
gst_capture_source_new_packet (GstCaptureSource * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), NULL);

  return gst_capture_packet_new_sized (GST_CAPTURE_SOURCE_GET_IFACE
      (self)->get_snaplen (self));
}

/**
 * gst_capture_source_next_packet:
 * @self: a #GstCaptureSource
 * @packet: (inout) (nullable) (transfer full): a packet to fill; if it holds
 *   %NULL, a new one is made
 * @error: return location for a #GError
 *
 * Waits for the next packet and copies it.
 *
 * Returns: %TRUE with @packet filled; %FALSE leaves it as it was
 */
gboolean
gst_capture_source_next_packet (GstCaptureSource * self,
    GstCapturePacket ** packet, GError ** error)
{
  GstCaptureView view;

  g_return_val_if_fail (packet != NULL, FALSE);

  if (!next_view (self, &view, error))
    return FALSE;

  if (*packet == NULL)
    *packet = gst_capture_packet_new_sized (view.length);
  gst_capture_packet_set_view (*packet, &view);
  return TRUE;
}

static void
fill_payload (GByteArray * payload, const guint8 * data, gsize length)
{
  if (payload->len != length)
    g_byte_array_set_size (payload, length);
  if (length > 0)
    memcpy (payload->data, data, length);
}

/**
 * gst_capture_source_next_payload:
 * @self: a #GstCaptureSource
 * @payload: (out caller-allocates) (transfer full): filled with the packet's
 *   bytes from the link header on
 * @type: (out) (optional): which way the packet went
 * @total_length: (out) (optional): bytes that it had on the wire
 * @error: return location for a #GError
 *
 * Waits for the next packet and copies its bytes.
 *
 * Returns: %TRUE if there was one
 */
gboolean
gst_capture_source_next_payload (GstCaptureSource * self, GByteArray * payload,
    GstPacketType * type, guint32 * total_length, GError ** error)
{
  const guint8 *data;
  gsize length;

  g_return_val_if_fail (payload != NULL, FALSE);

  if (!next_bytes (self, &data, &length, type, total_length, error))
    return FALSE;
  fill_payload (payload, data, length);
  return TRUE;
}

/**
 * gst_capture_source_next_ip_packet:
 * @self: a #GstCaptureSource
 * @payload: (out caller-allocates) (transfer full): filled with the packet's
 *   bytes from the IP header on
 * @type: (out) (optional): which way the packet went
 * @total_length: (out) (optional): bytes that it had on the wire, link header
 *   included
 * @error: return location for a #GError
 *
 * Waits for the next packet that has an IP layer and copies that layer. Packets
 * without one are passed over; VLAN tags are accounted for.
 *
 * Returns: %TRUE if there was one
 */
gboolean
gst_capture_source_next_ip_packet (GstCaptureSource * self,
    GByteArray * payload, GstPacketType * type, guint32 * total_length,
    GError ** error)
{
  const guint8 *data;
  gsize length;

  g_return_val_if_fail (payload != NULL, FALSE);

  if (!next_ip_bytes (self, &data, &length, type, total_length, error))
    return FALSE;
  fill_payload (payload, data, length);
  return TRUE;
}

/**
 * gst_capture_source_next_packet_fn:
 * @self: a #GstCaptureSource
 * @func: (scope call): called with the packet
 * @user_data: data for @func
 * @error: return location for a #GError
 *
 * Waits for the next packet and calls @func with it where it lies, once.
 *
 * Returns: what @func returned; %FALSE without a call if there was no packet
 */
gboolean
gst_capture_source_next_packet_fn (GstCaptureSource * self,
    GstCapturePacketFunc func, gpointer user_data, GError ** error)
{
  GstCaptureSourceInterface *iface = get_iface (self);
  GstCaptureView view;

  g_return_val_if_fail (func != NULL, FALSE);

  if (G_LIKELY (iface != NULL && iface->next_packet_fn != NULL))
    return iface->next_packet_fn (self, func, user_data, error);
  if (!next_view (self, &view, error))
    return FALSE;
  return func (view.payload, view.length, view.total_length, view.type,
      view.ip_offset, user_data, error);
}

/**
 * gst_capture_source_next_view:
 * @self: a #GstCaptureSource
 * @view: (out caller-allocates): filled with the packet, where it lies
 * @error: return location for a #GError
 *
 * Waits for the next packet. What @view points to is valid until the next call that
 * asks this source for a packet.
 *
 * Returns: %TRUE if there was one
 */
gboolean
gst_capture_source_next_view (GstCaptureSource * self, GstCaptureView * view,
    GError ** error)
{
  g_return_val_if_fail (view != NULL, FALSE);

  return next_view (self, view, error);
}

/**
 * gst_capture_source_next_views: (skip)
 * @self: a #GstCaptureSource
 * @views: (array length=n): filled with packets, where they lie
 * @n: room in @views, at least 1
 * @error: return location for a #GError
 *
 * Waits for the next packet, and takes as many with it as lie ready beside it: those of
 * one block of a ring, or of one piece of a file. What @views point to is valid until
 * the next call that asks this source for a packet.
 *
 * Returns: how many packets there are; 0 with an error
 */
guint
gst_capture_source_next_views (GstCaptureSource * self, GstCaptureView * views,
    guint n, GError ** error)
{
  GstCaptureSourceInterface *iface = get_iface (self);

  g_return_val_if_fail (iface != NULL, 0);
  g_return_val_if_fail (views != NULL && n > 0, 0);

  if (iface->next_views != NULL)
    return iface->next_views (self, views, n, error);
  return iface->next_view (self, views, error) ? 1 : 0;
}

/**
 * gst_capture_source_set_timeout:
 * @self: a #GstCaptureSource
 * @timeout: milliseconds; -1: for ever, as it is at first; 0: not at all
 *
 * How long each call that asks for a packet waits for it. Then it fails with
 * %GST_CAPTURE_ERROR_TIMEOUT, and nothing is lost by it. A file never makes anybody
 * wait. For the thread that reads the source.
 */
void
gst_capture_source_set_timeout (GstCaptureSource * self, gint timeout)
{
  g_return_if_fail (GST_IS_CAPTURE_SOURCE (self));
  g_return_if_fail (timeout >= -1);

  if (GST_CAPTURE_SOURCE_GET_IFACE (self)->set_timeout != NULL)
    GST_CAPTURE_SOURCE_GET_IFACE (self)->set_timeout (self, timeout);
}

/**
 * gst_capture_source_get_fd:
 * @self: a #GstCaptureSource
 *
 * A file descriptor for poll(2) and the like that is readable when a call which asks
 * for a packet would not wait: there is one, or the call would fail at once. It belongs
 * to the source, is good for nothing but waiting for %G_IO_IN, and is valid until the
 * source goes. From the first call on each block that is read costs some system calls
 * more. For the thread that reads the source.
 *
 * A filter in user space can still refuse all packets that there are; with a timeout of
 * 0 a call does not wait then.
 *
 * Returns: the file descriptor, or -1 if there is none to be had
 */
gint
gst_capture_source_get_fd (GstCaptureSource * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), -1);

  if (GST_CAPTURE_SOURCE_GET_IFACE (self)->get_fd == NULL)
    return -1;
  return GST_CAPTURE_SOURCE_GET_IFACE (self)->get_fd (self);
}

/**
 * gst_capture_source_get_totals:
 * @self: a #GstCaptureSource
 * @totals: (out caller-allocates): filled with the counters since the start
 *
 * Unlike gst_capture_source_get_stats() this clears nothing, and after
 * gst_capture_source_close() it gives the last values. Can be called from any thread.
 */
void
gst_capture_source_get_totals (GstCaptureSource * self,
    GstCaptureTotals * totals)
{
  g_return_if_fail (GST_IS_CAPTURE_SOURCE (self));
  g_return_if_fail (totals != NULL);

  memset (totals, 0, sizeof (*totals));
  if (GST_CAPTURE_SOURCE_GET_IFACE (self)->get_totals != NULL)
    GST_CAPTURE_SOURCE_GET_IFACE (self)->get_totals (self, totals);
}

/**
 * gst_capture_source_get_stats:
 * @self: a #GstCaptureSource
 * @stats: (out caller-allocates): filled with the counters since the last call
 * @error: return location for a #GError
 *
 * Returns and clears the counters. Can be called from any thread.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_STOPPED if the source is closed
 */
gboolean
gst_capture_source_get_stats (GstCaptureSource * self, GstCaptureStats * stats,
    GError ** error)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), FALSE);
  g_return_val_if_fail (stats != NULL, FALSE);

  return GST_CAPTURE_SOURCE_GET_IFACE (self)->get_stats (self, stats, error);
}

/**
 * gst_capture_source_get_link:
 * @self: a #GstCaptureSource
 *
 * The interface that it captures on, or one that stands for a file or a mock ring.
 *
 * Returns: (transfer none): the link that is captured on
 */
GstCaptureLink *
gst_capture_source_get_link (GstCaptureSource * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), NULL);

  return GST_CAPTURE_SOURCE_GET_IFACE (self)->get_link (self);
}

/**
 * gst_capture_source_unblock:
 * @self: a #GstCaptureSource
 * @error: return location for a #GError
 *
 * Makes a call that is waiting for a packet, or else the next one that would
 * wait, return %GST_CAPTURE_ERROR_UNBLOCKED. No packet is lost by it. Can be
 * called from any thread.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_STOPPED if the source is closed
 */
gboolean
gst_capture_source_unblock (GstCaptureSource * self, GError ** error)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), FALSE);

  return GST_CAPTURE_SOURCE_GET_IFACE (self)->unblock (self, error);
}

/**
 * gst_capture_source_close:
 * @self: a #GstCaptureSource
 * @error: return location for a #GError
 *
 * Ends the capture. A call that is waiting for a packet, and every later one,
 * gives %GST_CAPTURE_ERROR_STOPPED. Memory of packets that are still in use
 * stays valid until it is released. Can be called from any thread.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_STOPPED if it was closed before
 */
gboolean
gst_capture_source_close (GstCaptureSource * self, GError ** error)
{
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), FALSE);

  return GST_CAPTURE_SOURCE_GET_IFACE (self)->close (self, error);
}

/**
 * gst_capture_source_zero_copy_next_payload:
 * @self: a #GstCaptureSourceZeroCopy
 * @payload: (out) (array length=length) (transfer none): the packet from its
 *   link header on, where it lies
 * @length: (out): bytes in @payload
 * @type: (out) (optional): which way the packet went
 * @total_length: (out) (optional): bytes that it had on the wire
 * @error: return location for a #GError
 *
 * Waits for the next packet. Its bytes are valid until the next call that asks
 * this source for a packet.
 *
 * Returns: %TRUE if there was one
 */
gboolean
gst_capture_source_zero_copy_next_payload (GstCaptureSourceZeroCopy * self,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length, GError ** error)
{
  g_return_val_if_fail (payload != NULL && length != NULL, FALSE);

  if (!is_last_zero_copy (self))
    return first_payload (self, payload, length, type, total_length, error);
  return last_zero_copy->next_payload (self, payload, length, type,
      total_length, error);
}

/**
 * gst_capture_source_zero_copy_next_ip_packet:
 * @self: a #GstCaptureSourceZeroCopy
 * @payload: (out) (array length=length) (transfer none): the packet from its IP
 *   header on, where it lies
 * @length: (out): bytes in @payload
 * @type: (out) (optional): which way the packet went
 * @total_length: (out) (optional): bytes that it had on the wire, link header
 *   included
 * @error: return location for a #GError
 *
 * As gst_capture_source_zero_copy_next_payload(), for packets that have an IP
 * layer; others are passed over.
 *
 * Returns: %TRUE if there was one
 */
gboolean
gst_capture_source_zero_copy_next_ip_packet (GstCaptureSourceZeroCopy * self,
    const guint8 ** payload, gsize * length, GstPacketType * type,
    guint32 * total_length, GError ** error)
{
  g_return_val_if_fail (payload != NULL && length != NULL, FALSE);

  if (!is_last_zero_copy (self))
    return first_ip_packet (self, payload, length, type, total_length, error);
  return last_zero_copy->next_ip_packet (self, payload, length, type,
      total_length, error);
}
