/* gst-afring: the kernel's part of a mock ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringmockkernel.h"
#include "gstafringfork.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* af_packet.c: V3_ALIGNMENT, and the room that tpacket_rcv makes for
 * a link header. */
#define V3_ALIGNMENT 8
#define ALIGN8(n) (((n) + V3_ALIGNMENT - 1) & ~(gsize) (V3_ALIGNMENT - 1))
#define LEAST_LINK_HEADER 16
#define RESERVE 6
#define VLAN_TAG_LENGTH 4
#define MAC_ADDRESSES_LENGTH 12

/* How often to look whether the reader has given a block back. It does that with
 * one store and tells nobody. Microseconds. */
#define RELEASE_POLL 200

struct _GstAfringMockKernel
{
  GMutex lock;
  GCond cond;

  guint8 *memory;
  gsize length;
  gsize block_size;
  guint block_count;
  guint block_timeout;
  guint link_header;            /* bytes of a packet before its network header */
  int event_fd;

  guint open;                   /* the block being filled, or to be next */
  gboolean is_open;
  gsize offset;                 /* in the open block, of the next packet */
  gsize last;                   /* of the last packet; 0: none */
  gint64 due;                   /* when the open block is closed, monotonic */
  guint64 sequence;
  guint hand;                   /* the next block to hand over */
  guint closed;                 /* blocks closed and not handed over */
  gboolean frozen;

  guint generation;             /* of the process, see gstafringfork.h */
  GThread *thread;
  gboolean finished;
  gboolean stopped;
  GstClockTime interval;

  guint32 received, freezes;
};

static guint8 *
get_block (GstAfringMockKernel * self, guint index)
{
  return self->memory + index * self->block_size;
}

static struct tpacket_hdr_v1 *
get_header (GstAfringMockKernel * self, guint index)
{
  return &((struct tpacket_block_desc *) (gpointer) get_block (self,
          index))->hdr.bh1;
}

static gboolean
set_error (GError ** error, const gchar * what)
{
  gint saved_errno = errno;

  g_set_error (error, GST_CAPTURE_ERROR, saved_errno == ENOMEM ?
      GST_CAPTURE_ERROR_NO_MEMORY : GST_CAPTURE_ERROR_FAILED, "%s: %s", what,
      g_strerror (saved_errno));
  return FALSE;
}

static gboolean
map_memory (GstAfringMockKernel * self, int fd, GError ** error)
{
  gint result;

  do
    result = ftruncate (fd, self->length);
  while (result < 0 && errno == EINTR);
  if (result < 0)
    return set_error (error, "Cannot size a mock ring");
  self->memory = mmap (NULL, self->length, PROT_READ | PROT_WRITE, MAP_SHARED,
      fd, 0);
  if (self->memory == MAP_FAILED) {
    self->memory = NULL;
    return set_error (error, "Cannot map a mock ring");
  }
  /* as the ring's own mappings: not a forked child's */
  madvise (self->memory, self->length, MADV_DONTFORK);
  return TRUE;
}

GstAfringMockKernel *
gst_afring_mock_kernel_new (const GstAfringGeometry * geometry,
    guint link_header, GstAfringRing ** ring, GError ** error)
{
  GstAfringMockKernel *self = g_new0 (GstAfringMockKernel, 1);
  int fd = memfd_create ("afring-mock", MFD_CLOEXEC), poll_fd = -1;

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->block_size = geometry->block_size;
  self->block_count = geometry->block_count;
  self->block_timeout = geometry->block_timeout;
  self->link_header = link_header;
  self->length = self->block_size * self->block_count;
  self->sequence = 1;
  self->generation = gst_afring_fork_generation;
  self->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (fd < 0 || self->event_fd < 0) {
    set_error (error, "Cannot make a mock ring");
  } else if (map_memory (self, fd, error)) {
    poll_fd = dup (self->event_fd);
    *ring = gst_afring_ring_new (fd, poll_fd, self->block_size,
        self->block_count, error);
    if (*ring != NULL)
      return self;
    fd = -1;                    /* the ring has closed it */
  }
  if (fd >= 0)
    close (fd);
  gst_afring_mock_kernel_free (self);
  return NULL;
}

gboolean
gst_afring_mock_kernel_is_dead (GstAfringMockKernel * self)
{
  return self->generation != gst_afring_fork_generation;
}

void
gst_afring_mock_kernel_free (GstAfringMockKernel * self)
{
  if (gst_afring_mock_kernel_is_dead (self)) {
    close (self->event_fd);
    g_free (self);
    return;
  }
  gst_afring_mock_kernel_stop (self);
  gst_afring_mock_kernel_join (self);
  if (self->memory != NULL)
    munmap (self->memory, self->length);
  if (self->event_fd >= 0)
    close (self->event_fd);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* Blocks. All with the lock. */

static void
open_block (GstAfringMockKernel * self)
{
  struct tpacket_block_desc *desc = (gpointer) get_block (self, self->open);
  struct tpacket_hdr_v1 *header = &desc->hdr.bh1;

  desc->version = 1;            /* as prb_init_ft_ops() has it */
  desc->offset_to_priv = GST_AFRING_BLOCK_HEADER_LENGTH;
  header->num_pkts = 0;
  header->offset_to_first_pkt = GST_AFRING_FIRST_PACKET_OFFSET;
  header->blk_len = GST_AFRING_FIRST_PACKET_OFFSET;
  header->seq_num = self->sequence++;

  self->is_open = TRUE;
  self->offset = GST_AFRING_FIRST_PACKET_OFFSET;
  self->last = 0;
  self->due = g_get_monotonic_time () +
      self->block_timeout * G_TIME_SPAN_MILLISECOND;
  g_cond_broadcast (&self->cond);       /* there is a time to wait for */
}

static void
close_block (GstAfringMockKernel * self)
{
  struct tpacket_hdr_v1 *header = get_header (self, self->open);

  if (self->last != 0)
    ((struct tpacket3_hdr *) (gpointer) (get_block (self,
                self->open) + self->last))->tp_next_offset = 0;
  header->blk_len = self->offset;
  self->is_open = FALSE;
  self->open = (self->open + 1) % self->block_count;
  self->closed++;
  g_cond_broadcast (&self->cond);
}

/* The block that is next in order, and only that, has to be free: neither the
 * reader's, nor waiting to be handed over. */
static gboolean
can_open (GstAfringMockKernel * self)
{
  gboolean free = self->closed < self->block_count
      && gst_afring_block_get_status (get_block (self, self->open)) ==
      TP_STATUS_KERNEL;

  if (!free && !self->frozen)
    self->freezes++;
  self->frozen = !free;
  return free;
}

/* How far behind its header a packet's bytes begin (tpacket_rcv). */
static gsize
get_data_offset (GstAfringMockKernel * self)
{
  gsize network = TPACKET_ALIGN (TPACKET3_HDRLEN +
      MAX (self->link_header, LEAST_LINK_HEADER)) + RESERVE;

  return network - self->link_header;
}

static gboolean
fits (GstAfringMockKernel * self, gsize offset, guint32 length)
{
  return offset + ALIGN8 (get_data_offset (self) + length) < self->block_size;
}

/* A packet that is bigger than a block is cut. */
static guint32
clamp (GstAfringMockKernel * self, guint32 length)
{
  gsize most = self->block_size - GST_AFRING_FIRST_PACKET_OFFSET - V3_ALIGNMENT
      - get_data_offset (self);

  return MIN (length, most);
}

static gboolean
make_room (GstAfringMockKernel * self, guint32 length)
{
  if (self->is_open && !fits (self, self->offset, length))
    close_block (self);
  if (self->is_open)
    return TRUE;
  if (!can_open (self))
    return FALSE;
  open_block (self);
  return TRUE;
}

/* Packets. */

gboolean
gst_afring_mock_kernel_takes_tag (const GstAfringMockKernel * self,
    const GstAfringMockPacket * packet, guint32 length)
{
  guint16 protocol;

  if (self->link_header != ETH_HLEN || packet->type == GST_PACKET_TYPE_OUTGOING
      || length < ETH_HLEN + VLAN_TAG_LENGTH)
    return FALSE;
  protocol = GST_READ_UINT16_BE (packet->data + MAC_ADDRESSES_LENGTH);
  return protocol == ETH_P_8021Q || protocol == ETH_P_8021AD;
}

static void
fill_address (GstAfringMockKernel * self, const GstAfringMockPacket * packet,
    const guint8 * data, guint32 length, struct sockaddr_ll *address)
{
  memset (address, 0, sizeof (*address));
  address->sll_family = AF_PACKET;
  address->sll_ifindex = packet->interface_id;
  address->sll_hatype = ARPHRD_ETHER;
  address->sll_pkttype = packet->type;
  if (self->link_header == ETH_HLEN && length >= ETH_HLEN) {
    memcpy (&address->sll_protocol, data + MAC_ADDRESSES_LENGTH, 2);
    address->sll_halen = ETH_ALEN;
    memcpy (address->sll_addr, data + ETH_ALEN, ETH_ALEN);
  }
}

static void
lay_packet (GstAfringMockKernel * self, const GstAfringMockPacket * packet,
    guint32 length)
{
  guint8 *block = get_block (self, self->open);
  struct tpacket3_hdr *header = (gpointer) (block + self->offset);
  struct tpacket_hdr_v1 *block_header = get_header (self, self->open);
  guint8 *data;

  memset (header, 0, GST_AFRING_FRAME_HEADER_LENGTH);
  header->tp_mac = get_data_offset (self);
  header->tp_net = header->tp_mac + self->link_header;
  header->tp_sec = packet->time / GST_SECOND;
  header->tp_nsec = packet->time % GST_SECOND;
  header->tp_status = TP_STATUS_USER;
  header->tp_snaplen = length;
  header->tp_len = packet->wire_length;

  data = (guint8 *) header + header->tp_mac;
  if (gst_afring_mock_kernel_takes_tag (self, packet, length)) {
    const guint8 *tag = packet->data + MAC_ADDRESSES_LENGTH;

    header->tp_status |= TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID;
    header->hv1.tp_vlan_tpid = GST_READ_UINT16_BE (tag);
    header->hv1.tp_vlan_tci = GST_READ_UINT16_BE (tag + 2);
    header->tp_snaplen -= VLAN_TAG_LENGTH;
    header->tp_len -= VLAN_TAG_LENGTH;
    memcpy (data, packet->data, MAC_ADDRESSES_LENGTH);
    memcpy (data + MAC_ADDRESSES_LENGTH, tag + VLAN_TAG_LENGTH,
        length - MAC_ADDRESSES_LENGTH - VLAN_TAG_LENGTH);
  } else if (length > 0) {
    memcpy (data, packet->data, length);
  }
  fill_address (self, packet, data, header->tp_snaplen, (gpointer)
      ((guint8 *) header + TPACKET_ALIGN (sizeof (*header))));

  header->tp_next_offset = ALIGN8 (header->tp_mac + header->tp_snaplen);
  if (block_header->num_pkts++ == 0) {
    block_header->ts_first_pkt.ts_sec = header->tp_sec;
    block_header->ts_first_pkt.ts_nsec = header->tp_nsec;
  }
  block_header->ts_last_pkt.ts_sec = header->tp_sec;
  block_header->ts_last_pkt.ts_nsec = header->tp_nsec;
  self->last = self->offset;
  self->offset += header->tp_next_offset;
  self->received++;
}

static GstAfringMockResult
store_locked (GstAfringMockKernel * self, const GstAfringMockPacket * packet)
{
  guint32 length = clamp (self, packet->captured_length);

  if (self->stopped || self->finished)
    return GST_AFRING_MOCK_STOPPED;
  if (!make_room (self, length))
    return GST_AFRING_MOCK_FULL;
  lay_packet (self, packet, length);
  return GST_AFRING_MOCK_STORED;
}

GstAfringMockResult
gst_afring_mock_kernel_store_wait (GstAfringMockKernel * self,
    const GstAfringMockPacket * packet)
{
  GstAfringMockResult result;

  g_mutex_lock (&self->lock);
  while ((result = store_locked (self, packet)) == GST_AFRING_MOCK_FULL)
    g_cond_wait_until (&self->cond, &self->lock,
        g_get_monotonic_time () + RELEASE_POLL);
  g_mutex_unlock (&self->lock);
  return result;
}

gboolean
gst_afring_mock_kernel_has_room (GstAfringMockKernel * self, guint32 length)
{
  gboolean room;

  g_mutex_lock (&self->lock);
  length = clamp (self, length);
  room = !self->stopped && !self->finished;
  if (room && self->is_open && !fits (self, self->offset, length)) {
    /* the block after the open one */
    room = self->closed + 1 < self->block_count
        && gst_afring_block_get_status (get_block (self,
            (self->open + 1) % self->block_count)) == TP_STATUS_KERNEL;
  } else if (room && !self->is_open) {
    room = self->closed < self->block_count
        && gst_afring_block_get_status (get_block (self, self->open)) ==
        TP_STATUS_KERNEL;
  }
  g_mutex_unlock (&self->lock);
  return room;
}

void
gst_afring_mock_kernel_close_block (GstAfringMockKernel * self, gboolean force)
{
  g_mutex_lock (&self->lock);
  while (force && !self->is_open && !self->stopped) {
    if (can_open (self))
      open_block (self);
    else
      g_cond_wait_until (&self->cond, &self->lock,
          g_get_monotonic_time () + RELEASE_POLL);
  }
  if (self->is_open && (self->last != 0 || force))
    close_block (self);
  g_mutex_unlock (&self->lock);
}

/* The thread. */

static void
hand_over (GstAfringMockKernel * self, guint index, guint32 status)
{
  guint64 one = 1;

  gst_afring_block_set_status (get_block (self, index), TP_STATUS_USER |
      status);
  if (write (self->event_fd, &one, sizeof (one)) < 0)
    return;                     /* full: the reader is awake as it is */
}

/* Waits for a block to be closed, or closes the open one when it is due. FALSE
 * if there will be none any more. */
static gboolean
await_closed (GstAfringMockKernel * self, guint32 * status)
{
  *status = 0;
  while (self->closed == 0 && !self->stopped) {
    gint64 now = g_get_monotonic_time ();

    if (self->is_open && self->last != 0 && (self->finished
            || now >= self->due)) {
      close_block (self);
      *status = TP_STATUS_BLK_TMO;
    } else if (self->finished) {
      return FALSE;
    } else if (self->is_open) {
      /* an empty one is not closed: its time begins anew */
      if (now >= self->due)
        self->due = now + self->block_timeout * G_TIME_SPAN_MILLISECOND;
      g_cond_wait_until (&self->cond, &self->lock, self->due);
    } else {
      g_cond_wait (&self->cond, &self->lock);
    }
  }
  return !self->stopped;
}

static gpointer
run_thread (gpointer data)
{
  GstAfringMockKernel *self = data;
  guint32 status;

  g_mutex_lock (&self->lock);
  while (await_closed (self, &status)) {
    hand_over (self, self->hand, status);
    self->hand = (self->hand + 1) % self->block_count;
    self->closed--;
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* Outside the lock, with nothing but the blocks between it and the reader. */
static gpointer
run_endless_thread (gpointer data)
{
  GstAfringMockKernel *self = data;
  guint64 sequence = self->sequence;
  guint index = 0;

  while (!g_atomic_int_get (&self->stopped)
      && !g_atomic_int_get (&self->finished)) {
    if (gst_afring_block_get_status (get_block (self, index)) !=
        TP_STATUS_KERNEL) {
      g_usleep (self->interval == 0 ? 1 : GST_TIME_AS_USECONDS (self->interval));
      continue;
    }
    get_header (self, index)->seq_num = sequence++;
    hand_over (self, index, 0);
    index = (index + 1) % self->block_count;
    if (self->interval > 0)
      g_usleep (MAX (GST_TIME_AS_USECONDS (self->interval), 1));
  }
  return NULL;
}

/* With the lock. */
static gboolean
start_thread (GstAfringMockKernel * self, GThreadFunc func, GError ** error)
{
  g_autoptr (GError) reason = NULL;

  if (self->thread != NULL || self->stopped)
    return TRUE;
  self->thread = g_thread_try_new ("afring-mock", func, self, &reason);
  if (self->thread == NULL)
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        reason->message);
  return self->thread != NULL;
}

gboolean
gst_afring_mock_kernel_run (GstAfringMockKernel * self, GError ** error)
{
  gboolean ok;

  g_mutex_lock (&self->lock);
  ok = start_thread (self, run_thread, error);
  g_mutex_unlock (&self->lock);
  return ok;
}

gboolean
gst_afring_mock_kernel_run_endlessly (GstAfringMockKernel * self,
    GstClockTime interval, GError ** error)
{
  gboolean filled, ok;

  g_mutex_lock (&self->lock);
  filled = self->closed == self->block_count
      || (self->closed + 1 == self->block_count && self->is_open
      && self->last != 0);
  if (filled && self->is_open)
    close_block (self);
  if (filled && self->thread == NULL)
    self->interval = interval;
  if (!filled)
    g_set_error_literal (error, GST_CAPTURE_ERROR,
        GST_CAPTURE_ERROR_NOT_POPULATED,
        "Every block of the ring has to be filled before it can be handed over "
        "again and again: add packets until can_add_packets() says no");
  ok = filled && start_thread (self, run_endless_thread, error);
  g_mutex_unlock (&self->lock);
  return ok;
}

void
gst_afring_mock_kernel_finish (GstAfringMockKernel * self)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->finished, TRUE);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
gst_afring_mock_kernel_stop (GstAfringMockKernel * self)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->stopped, TRUE);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
gst_afring_mock_kernel_join (GstAfringMockKernel * self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  thread = g_steal_pointer (&self->thread);
  g_mutex_unlock (&self->lock);
  if (thread != NULL)
    g_thread_join (thread);
}

void
gst_afring_mock_kernel_mark_all (GstAfringMockKernel * self, guint32 status)
{
  for (guint i = 0; i < self->block_count; i++)
    gst_afring_block_set_status (get_block (self, i), status);
}

void
gst_afring_mock_kernel_read_counters (GstAfringMockKernel * self,
    guint32 * received, guint32 * dropped, guint32 * freezes)
{
  g_mutex_lock (&self->lock);
  *received = self->received;
  *dropped = 0;                 /* adding waits instead */
  *freezes = self->freezes;
  self->received = self->freezes = 0;
  g_mutex_unlock (&self->lock);
}
