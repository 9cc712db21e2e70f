/* gst-afring: the kernel as the backend of a ring source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringkernel.h"
#include "gstafringsocket.h"
#include "gstafringsource-parts.h"
#include "gstafringtimestamps.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstcapturelink-private.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <unistd.h>

static gboolean
wants_incoming_only (const GstAfringConfig * config, GstCaptureLink * link)
{
  return config->direction == GST_CAPTURE_DIRECTION_IN
      || (config->direction == GST_CAPTURE_DIRECTION_INOUT
      && gst_capture_link_is_loopback (link));
}

/* Who cannot ask does not know that it is down. */
static gboolean
check_is_up (GstCaptureLink * link, GError ** error)
{
  const gchar *name = gst_capture_link_get_name (link);
  GstLinkState state;
  gboolean known = gst_capture_link_get_state (link, &state);
  gint saved_errno = errno;

  if (gst_capture_link_get_index (link) == 0
      || (known && (state.flags & IFF_UP) != 0))
    return TRUE;
  if (known || saved_errno == ENODEV) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
        "The interface %s is down; bring it up first (ip link set %s up)", name, name);
    return FALSE;
  }
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "Cannot ask whether the interface %s is up: %s", name,
      g_strerror (saved_errno));
  return FALSE;
}

static gboolean
check_link (const GstAfringSourcePrivate * parts, GstCaptureLink * link,
    GError ** error)
{
  const gchar *name = gst_capture_link_get_name (link);

  if (gst_capture_link_get_index (link) == 0 && !gst_capture_link_is_any (link)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "The link %s is no network interface", name);
    return FALSE;
  }
  return check_is_up (link, error)
      && gst_afring_fanout_check (&parts->fanout, error);
}

/* Nothing gets into the ring before the filter is there: a socket of our own is not bound
 * yet, one that was given lets nothing in. */
static gboolean
set_up_socket (const GstAfringSourcePrivate * parts, int fd,
    GstCaptureLink * link, GstCaptureFilter * filter,
    GstAfringGeometry * geometry, GError ** error)
{
  if (gst_afring_access_is_given (&parts->access) ?
      !gst_afring_socket_quieten (fd, link, error) :
      !gst_afring_socket_set_filter (fd, filter, error))
    return FALSE;
  return gst_afring_timestamps_set_up (fd, link,
      parts->access.timestamp_source, error)
      && gst_afring_socket_set_up_ring (fd, link, geometry,
      parts->config.rx_hash, error);
}

/* A socket with a ring that is not mapped, and that captures nothing yet. */
static int
open_socket (const GstAfringSourcePrivate * parts, GstCaptureLink * link,
    GstCaptureFilter * filter, GstAfringGeometry * geometry, GError ** error)
{
  int fd = gst_afring_socket_new (&parts->access, link, error);

  if (fd >= 0
      && !set_up_socket (parts, fd, link, filter, geometry, error)) {
    close (fd);
    return -1;
  }
  return fd;
}

static gboolean
widen_reception (GstAfringSourcePrivate * parts, int fd, GstCaptureLink * link,
    GError ** error)
{
  if (parts->config.promiscuous && !gst_afring_socket_let_through (fd, link,
          PACKET_MR_PROMISC, TRUE, error))
    return FALSE;
  if (parts->access.all_multicast && !gst_afring_socket_let_through (fd, link,
          PACKET_MR_ALLMULTI, TRUE, error))
    return FALSE;
  if (parts->access.multicast_groups != NULL)
    parts->groups = gst_afring_multicast_join (link,
        parts->access.multicast_groups, error);
  return parts->access.multicast_groups == NULL || parts->groups != NULL;
}

/* The kernel lets only a bound socket join a fanout group (af_packet.c, fanout_add).
 * What comes between these two calls is captured here and by the group: at 500,000
 * packets a second that was one packet in every fourth join, never more. To let nothing
 * in before the join would be worse: what the group gives to this member until its
 * filter is attached is lost, up to 15 packets at that rate. */
static gboolean
begin (GstAfringSourcePrivate * parts, int fd, GstCaptureLink * link,
    GstCaptureFilter * filter, GError ** error)
{
  gboolean incoming_only = wants_incoming_only (&parts->config, link);

  gst_afring_socket_ignore_outgoing (fd, incoming_only);
  if (!widen_reception (parts, fd, link, error))
    return FALSE;
  if (gst_afring_access_is_given (&parts->access) ?
      !gst_afring_socket_set_filter (fd, filter, error) :
      !gst_afring_socket_bind (fd, link, error))
    return FALSE;
  return gst_afring_fanout_join (&parts->fanout, fd, link, incoming_only, error);
}

static GstAfringRing *
kernel_open (GstAfringSource * source, const GstAfringConfig * config,
    GstCaptureLink * link, GstCaptureFilter * filter, GError ** error)
{
  GstAfringSourcePrivate *parts = gst_afring_source_get_parts (source);
  GstAfringGeometry geometry;
  GstAfringRing *ring;
  int fd;

  if (!check_link (parts, link, error))
    return NULL;
  gst_afring_config_get_geometry (config, &geometry);
  fd = open_socket (parts, link, filter, &geometry, error);
  if (fd < 0)
    return NULL;
  ring = gst_afring_ring_new (fd, -1, geometry.block_size,
      geometry.block_count, error);
  if (ring == NULL && gst_afring_access_is_given (&parts->access))
    gst_afring_ring_release (parts->access.fd);
  if (ring == NULL)
    return NULL;
  if (gst_afring_access_is_given (&parts->access))
    gst_afring_ring_set_lent (ring);
  if (!begin (parts, fd, link, filter, error)) {
    g_clear_pointer (&parts->groups, gst_afring_multicast_leave);
    gst_afring_ring_unref (ring);
    return NULL;
  }
  return ring;
}

static GstAfringAttached
kernel_attach (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureFilter * filter)
{
  return gst_afring_socket_attach (gst_afring_ring_get_fd (ring),
      gst_capture_filter_get_program (filter));
}

static GstAfringAttached
kernel_halt (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureLink * link)
{
  GstAfringSourcePrivate *parts = gst_afring_source_get_parts (source);
  int fd = gst_afring_ring_get_fd (ring);
  GstAfringAttached attached = gst_afring_socket_halt (fd);

  /* the socket lives as long as its memory is in use; the interface must not
   * stay promiscuous for so long */
  if (parts->config.promiscuous)
    gst_afring_socket_let_through (fd, link, PACKET_MR_PROMISC, FALSE, NULL);
  if (parts->access.all_multicast)
    gst_afring_socket_let_through (fd, link, PACKET_MR_ALLMULTI, FALSE, NULL);
  g_clear_pointer (&parts->groups, gst_afring_multicast_leave);
  return attached;
}

static gboolean
kernel_read_counters (GstAfringSource * source, GstAfringRing * ring,
    guint32 * received, guint32 * dropped, guint32 * freezes)
{
  return gst_afring_socket_read_counters (gst_afring_ring_get_fd (ring),
      received, dropped, freezes);
}

static GError *
kernel_take_error (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureLink * link)
{
  int fd = gst_afring_ring_get_fd (ring);
  int value = gst_afring_socket_take_error (fd);
  const gchar *name = gst_capture_link_get_name (link);

  if (!gst_afring_socket_has_interface (fd, link))
    return g_error_new (GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "The interface %s has been removed", name);
  if (value == 0)
    return NULL;
  if (value == ENETDOWN)
    return g_error_new (GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
        "The interface %s went down", name);
  return g_error_new (GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "The capture on %s failed: %s", name, g_strerror (value));
}

const GstAfringBackend gst_afring_kernel_backend = {
  kernel_open,
  kernel_attach,
  kernel_halt,
  kernel_read_counters,
  kernel_take_error,
  FALSE,
};
