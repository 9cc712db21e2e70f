/* gst-afring: the AF_PACKET socket behind a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringsocket.h"
#include "gstafringblock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/if_ether.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define VLAN_TAG_LENGTH 4

/* The kernel puts the network header on a 16-byte boundary behind its own
 * headers, then moves everything by the reserve (af_packet.c, tpacket_rcv):
 * bytes of a packet with a 14-byte link header start at 82 plus the reserve. */
#define ETHERNET_RESERVE (VLAN_TAG_LENGTH + 2)  /* 4-byte aligned */
#define OTHER_RESERVE VLAN_TAG_LENGTH

static void
set_system_error (GError ** error, GstCaptureLink * link, const gchar * what)
{
  const GstAfringAccess to_capture = { 0, };

  gst_afring_access_set_error (&to_capture, link, what, error);
}

void
gst_afring_set_refused (GError ** error, GstCaptureFilter * filter)
{
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
      "The kernel refuses the filter of %u instructions: %s",
      gst_capture_filter_get_program (filter)->len, g_strerror (errno));
}

int
gst_afring_socket_new (const GstAfringAccess * access, GstCaptureLink * link,
    GError ** error)
{
  int fd = gst_afring_access_open_socket (access, link);

  if (fd < 0)
    set_system_error (error, link, "Cannot open a packet socket");
  return fd;
}

static gboolean
detach (int fd)
{
  gint unused = 0;              /* the number means nothing, but there has to be one */

  return setsockopt (fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
      sizeof (unused)) == 0;
}

gboolean
gst_afring_socket_set_filter (int fd, GstCaptureFilter * filter,
    GError ** error)
{
  if (filter == NULL) {
    detach (fd);                /* there need not be one */
    return TRUE;
  }
  if (gst_afring_socket_attach (fd, gst_capture_filter_get_program (filter)) ==
      GST_AFRING_ATTACHED)
    return TRUE;
  gst_afring_set_refused (error, filter);
  return FALSE;
}

static gboolean
set_version (int fd)
{
  gint version = TPACKET_V3;

  return setsockopt (fd, SOL_PACKET, PACKET_VERSION, &version,
      sizeof (version)) == 0;
}

gboolean
gst_afring_socket_quieten (int fd, GstCaptureLink * link, GError ** error)
{
  guint32 received, dropped, freezes;

  /* EBUSY where a capture is running, which is to go on */
  if (!set_version (fd)) {
    set_system_error (error, link, "Cannot use the socket that was given");
    return FALSE;
  }
  if (gst_afring_socket_halt (fd) == GST_AFRING_ATTACH_REFUSED) {
    set_system_error (error, link, "Cannot set a filter");
    return FALSE;
  }
  if (!gst_afring_socket_bind (fd, link, error))
    return FALSE;
  gst_afring_socket_read_counters (fd, &received, &dropped, &freezes);
  return TRUE;
}

static int
request_ring (int fd, const GstAfringGeometry * geometry, gboolean rx_hash)
{
  struct tpacket_req3 request = {
    .tp_block_size = geometry->block_size,
    .tp_block_nr = geometry->block_count,
    /* V3 packs packets whatever their size; a frame as big as a block is the
     * simplest that the kernel's checks let through */
    .tp_frame_size = geometry->block_size,
    .tp_frame_nr = geometry->block_count,
    .tp_retire_blk_tov = geometry->block_timeout,
    .tp_sizeof_priv = GST_AFRING_FIRST_PACKET_OFFSET
        - GST_AFRING_BLOCK_HEADER_LENGTH,
    .tp_feature_req_word = rx_hash ? TP_FT_REQ_FILL_RXHASH : 0,
  };

  return setsockopt (fd, SOL_PACKET, PACKET_RX_RING, &request,
      sizeof (request));
}

gboolean
gst_afring_socket_set_up_ring (int fd, GstCaptureLink * link,
    GstAfringGeometry * geometry, gboolean rx_hash, GError ** error)
{
  guint reserve = gst_capture_link_get_link_type (link) ==
      GST_CAPTURE_LINK_TYPE_ETHERNET ? ETHERNET_RESERVE : OTHER_RESERVE;

  if (!gst_afring_geometry_check (geometry, error))
    return FALSE;

  if (!set_version (fd)
      || setsockopt (fd, SOL_PACKET, PACKET_RESERVE, &reserve,
          sizeof (reserve)) < 0) {
    set_system_error (error, link, "Cannot prepare a TPACKET_V3 ring");
    return FALSE;
  }

  while (request_ring (fd, geometry, rx_hash) < 0) {
    if (errno == ENOMEM && geometry->may_shrink && geometry->block_count > 2) {
      geometry->block_count /= 2;
      continue;
    }
    if (errno == ENOMEM) {
      g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NO_MEMORY,
          "The kernel has no memory for a ring of %u blocks of %u bytes: lower "
          "block-count or block-size", geometry->block_count,
          geometry->block_size);
    } else {
      set_system_error (error, link, "Cannot set up the ring");
    }
    return FALSE;
  }
  return TRUE;
}

gboolean
gst_afring_socket_let_through (int fd, GstCaptureLink * link, gint type,
    gboolean through, GError ** error)
{
  struct packet_mreq membership = {
    .mr_ifindex = gst_capture_link_get_index (link),
    .mr_type = type,
  };

  /* "any" has no interface to be promiscuous on */
  if (gst_capture_link_is_any (link))
    return TRUE;
  if (setsockopt (fd, SOL_PACKET,
          through ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP,
          &membership, sizeof (membership)) < 0) {
    set_system_error (error, link, type == PACKET_MR_PROMISC ?
        "Cannot change the promiscuous mode" :
        "Cannot change whether all multicast comes through");
    return FALSE;
  }
  return TRUE;
}

void
gst_afring_socket_ignore_outgoing (int fd, gboolean ignore)
{
  gint value = ignore;

  if (setsockopt (fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &value,
          sizeof (value)) < 0)
    GST_DEBUG ("outgoing packets are left to the filter: %s",
        g_strerror (errno));
}

gboolean
gst_afring_socket_bind (int fd, GstCaptureLink * link, GError ** error)
{
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_protocol = htons (ETH_P_ALL),
    .sll_ifindex = gst_capture_link_get_index (link),
  };

  if (bind (fd, (struct sockaddr *) &address, sizeof (address)) < 0) {
    if (errno == EINVAL)        /* the one thing that it says so to here */
      g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
          "The socket that fd gives is a member of a fanout group, which it leaves only "
          "when all who have it have closed it; give another one");
    else
      set_system_error (error, link, "Cannot start the capture");
    return FALSE;
  }
  return TRUE;
}

static gboolean
attach (int fd, const struct sock_fprog *program)
{
  return setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, program,
      sizeof (*program)) == 0;
}

/* The kernel allocates the new program beside the old one, from what a socket may
 * have (net.core.optmem_max; 20,480 bytes before Linux 6.8). */
GstAfringAttached
gst_afring_socket_attach (int fd, const struct sock_fprog *program)
{
  if (attach (fd, program))
    return GST_AFRING_ATTACHED;
  if (errno != ENOMEM)
    return GST_AFRING_ATTACH_REFUSED;
  if (!detach (fd))
    return GST_AFRING_ATTACH_REFUSED;
  return attach (fd, program) ? GST_AFRING_ATTACHED_LATE :
      GST_AFRING_ATTACH_DETACHED;
}

GstAfringAttached
gst_afring_socket_halt (int fd)
{
  struct sock_filter nothing = { BPF_RET | BPF_K, 0, 0, 0 };
  struct sock_fprog program = {.len = 1,.filter = &nothing };

  return gst_afring_socket_attach (fd, &program);
}

gboolean
gst_afring_socket_read_counters (int fd, guint32 * received, guint32 * dropped,
    guint32 * freezes)
{
  struct tpacket_stats_v3 stats = { 0, };
  socklen_t length = sizeof (stats);

  if (getsockopt (fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length) < 0)
    return FALSE;
  /* V3 counts what it dropped among the packets */
  *received = stats.tp_packets - stats.tp_drops;
  *dropped = stats.tp_drops;
  *freezes = stats.tp_freeze_q_cnt;
  return TRUE;
}

int
gst_afring_socket_take_error (int fd)
{
  int value = 0;
  socklen_t length = sizeof (value);

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &value, &length) < 0)
    return errno;
  return value;
}

gboolean
gst_afring_socket_has_interface (int fd, GstCaptureLink * link)
{
  struct sockaddr_ll address = { 0, };
  socklen_t length = sizeof (address);

  if (gst_capture_link_is_any (link))
    return TRUE;
  return getsockname (fd, (struct sockaddr *) &address, &length) == 0
      && address.sll_ifindex == (gint) gst_capture_link_get_index (link);
}
