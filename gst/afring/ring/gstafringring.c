/* gst-afring: the mapped ring, its blocks and leases
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringring-private.h"
#include "gstafringcopy.h"
#include "gstafringlease-private.h"
#include "gstafringslots.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/if_packet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Chunks for blocks that hold few bytes, and the least for whole ones: whoever keeps a
 * packet keeps its chunk. */
#define SMALL_CHUNK_SIZE (128 * 1024)
#define LEAST_WHOLE_CHUNK_SIZE (64 * 1024)

static void
set_system_error (GError ** error, const gchar * what)
{
  gint saved_errno = errno;

  g_set_error (error, GST_CAPTURE_ERROR,
      saved_errno == ENOMEM ? GST_CAPTURE_ERROR_NO_MEMORY :
      GST_CAPTURE_ERROR_FAILED, "%s: %s", what, g_strerror (saved_errno));
}

/* Edge-triggered on the ring's file: AF_PACKET's poll() says "readable" for as
 * long as the block that was closed last has not been given back, which with
 * leases is the normal case; a level-triggered wait would spin. An edge is one
 * closed block. Whoever waits has looked at the block's status before. */
static gboolean
open_wait_fds (GstAfringRing * self, GError ** error)
{
  struct epoll_event ring_event = {.events = EPOLLIN | EPOLLERR | EPOLLET };
  struct epoll_event wake_event = {.events = EPOLLIN };

  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  ring_event.data.fd = self->poll_fd;
  wake_event.data.fd = self->wake_fd;
  if (self->epoll_fd < 0 || self->wake_fd < 0
      || epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->poll_fd,
          &ring_event) < 0
      || epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd,
          &wake_event) < 0) {
    set_system_error (error, "Cannot wait for the ring");
    return FALSE;
  }
  return TRUE;
}

guint8 *
gst_afring_ring_map (GstAfringRing * self)
{
  gsize length = self->block_size * self->block_count;
  void *memory = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
      self->fd, 0);

  if (memory == MAP_FAILED)
    return NULL;
  /* a forked child must not keep the ring alive, nor give its blocks back */
  madvise (memory, length, MADV_DONTFORK);
  return memory;
}

void
gst_afring_ring_unmap (GstAfringRing * self, guint8 * window)
{
  if (munmap (window, self->block_size) < 0)
    GST_WARNING ("a block stays mapped at %p: %s", (gpointer) window,
        g_strerror (errno));
}

static gboolean
map_blocks (GstAfringRing * self, GError ** error)
{
  guint8 *memory;
  gsize length;

  if (!g_size_checked_mul (&length, self->block_size, self->block_count)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "A ring of %u blocks of %" G_GSIZE_FORMAT " bytes has no address space",
        self->block_count, self->block_size);
    return FALSE;
  }
  memory = gst_afring_ring_map (self);
  if (memory == NULL) {
    set_system_error (error, "Cannot map the ring");
    return FALSE;
  }
  self->blocks = g_new0 (GstAfringRingBlock, self->block_count);
  for (guint i = 0; i < self->block_count; i++)
    self->blocks[i].window = memory + i * self->block_size;
  return TRUE;
}

/* Window by window: what lies between two of them can be somebody else's. In a forked
 * child all of it is. */
static void
unmap_blocks (GstAfringRing * self)
{
  gboolean dead = gst_afring_ring_is_dead (self);

  for (guint i = 0; i < self->block_count; i++) {
    if (!dead)
      gst_afring_ring_unmap (self, self->blocks[i].window);
    if (!dead && self->blocks[i].spare != NULL)
      gst_afring_ring_unmap (self, self->blocks[i].spare);
    g_free (self->blocks[i].lease);
  }
  g_clear_pointer (&self->blocks, g_free);
}

/* Its number is free for somebody else's file long before the kernel is done with the
 * socket: a child that is forked meanwhile must not close that. */
static void
close_file (int *where)
{
  int fd = *where;

  *where = -1;
  if (fd >= 0)
    close (fd);
}

static void
close_files (GstAfringRing * self)
{
  if (self->poll_fd == self->fd)
    self->poll_fd = -1;
  close_file (&self->poll_fd);
  close_file (&self->fd);
}

/* The kernel frees it only when asked, as long as anybody has the socket. */
void
gst_afring_ring_release (int fd)
{
  struct tpacket_req3 none = { 0, };

  if (setsockopt (fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof (none)) < 0)
    GST_WARNING ("a socket that was given keeps its ring: %s", g_strerror (errno));
}

void
gst_afring_ring_set_lent (GstAfringRing * self)
{
  self->lent = TRUE;
}

void
gst_afring_ring_close (GstAfringRing * self)
{
  if (self->blocks != NULL)
    unmap_blocks (self);
  if (self->lent && self->fd >= 0)
    gst_afring_ring_release (self->fd);
  close_files (self);
}

static void
close_wait_fds (GstAfringRing * self)
{
  close_file (&self->epoll_fd);
  close_file (&self->wake_fd);
  close_file (&self->user_fd);
  close_file (&self->signal_fd);
}

/* In a child: its copies of the files go, so that it does not keep a socket alive. */
static void
forked (GstAfringForkNode * node)
{
  GstAfringRing *self = (gpointer) ((guint8 *) node -
      G_STRUCT_OFFSET (GstAfringRing, fork_node));

  close_files (self);
  close_wait_fds (self);
  if (self->forked != NULL)
    self->forked (self->forked_data);
}

gboolean
gst_afring_ring_is_dead (GstAfringRing * self)
{
  return self->generation != gst_afring_fork_generation;
}

void
gst_afring_ring_set_forked_func (GstAfringRing * self, GstAfringForkedFunc func,
    gpointer data)
{
  self->forked = NULL;
  self->forked_data = data;
  self->forked = func;
}

GstAfringRing *
gst_afring_ring_new (int fd, int poll_fd, gsize block_size, guint block_count,
    GError ** error)
{
  GstAfringRing *self = g_new0 (GstAfringRing, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->bound_lock);
  self->fd = fd;
  self->poll_fd = poll_fd >= 0 ? poll_fd : fd;
  self->epoll_fd = self->wake_fd = self->user_fd = self->signal_fd = -1;
  self->block_size = block_size;
  self->block_count = block_count;
  self->generation = gst_afring_fork_generation;
  self->fork_node.forked = forked;
  self->small = gst_afring_pool_new (SMALL_CHUNK_SIZE);
  self->whole = gst_afring_pool_new (CLAMP (block_size,
          LEAST_WHOLE_CHUNK_SIZE, GST_AFRING_MOST_COPIED));
  gst_afring_fork_register (&self->fork_node);

  if (!map_blocks (self, error) || !open_wait_fds (self, error)) {
    gst_afring_ring_unref (self);
    return NULL;
  }
  return self;
}

GstAfringRing *
gst_afring_ring_ref (GstAfringRing * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_afring_ring_unref (GstAfringRing * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_afring_fork_unregister (&self->fork_node);
  if (self->slots != NULL) {
    gst_afring_slots_close (self->slots);
    gst_afring_slots_unref (self->slots);
  }
  gst_afring_ring_close (self);
  close_wait_fds (self);
  gst_afring_pool_free (self->small);
  gst_afring_pool_free (self->whole);
  /* in a forked child a thread that is not there may have it */
  if (!gst_afring_ring_is_dead (self))
    g_mutex_clear (&self->bound_lock);
  g_free (self);
}

int
gst_afring_ring_get_fd (GstAfringRing * self)
{
  return self->fd;
}

gsize
gst_afring_ring_get_block_size (GstAfringRing * self)
{
  return self->block_size;
}

guint
gst_afring_ring_get_block_count (GstAfringRing * self)
{
  return self->block_count;
}

guint
gst_afring_ring_get_held_blocks (GstAfringRing * self)
{
  return g_atomic_int_get (&self->held);
}

guint
gst_afring_ring_get_evicted_blocks (GstAfringRing * self)
{
  return (guint) g_atomic_int_get (&self->evicted_blocks);
}

guint
gst_afring_ring_get_copied_blocks (GstAfringRing * self)
{
  return (guint) g_atomic_int_get (&self->copied_blocks);
}

gsize
gst_afring_ring_sum_evicted_bytes (GstAfringRing * self)
{
  return __atomic_load_n (&self->evicted_bytes, __ATOMIC_RELAXED)
      + gst_afring_pool_get_used (self->small)
      + gst_afring_pool_get_used (self->whole);
}

/* With the lock nothing is added between one and the next: the sum is never more than
 * there was at one time. */
gsize
gst_afring_ring_get_evicted_bytes (GstAfringRing * self)
{
  gsize bytes;

  if (gst_afring_ring_is_dead (self))
    return gst_afring_ring_sum_evicted_bytes (self);
  g_mutex_lock (&self->bound_lock);
  bytes = gst_afring_ring_sum_evicted_bytes (self);
  g_mutex_unlock (&self->bound_lock);
  return bytes;
}

/* A block that is out on lease still says USER; that it has been given back and
 * filled again shows only in its sequence number. */
static gboolean
is_ready (const GstAfringRingBlock * block)
{
  return (gst_afring_block_get_status (block->window) & TP_STATUS_USER) != 0
      && gst_afring_block_get_sequence (block->window) != block->taken;
}

/* The lease of the block's last hand-over serves for the next one. */
static GstAfringLease *
get_free_lease (GstAfringRing * self, GstAfringRingBlock * block)
{
  if (block->lease != NULL
      && gst_afring_lease_get_state (block->lease) != GST_AFRING_RELEASED) {
    if (!gst_afring_lease_change_state (block->lease, GST_AFRING_LEASED,
            GST_AFRING_LOST))
      return NULL;
    block->lease = NULL;
    g_atomic_int_add (&self->held, -1);
  }
  if (block->lease == NULL)
    block->lease = g_new0 (GstAfringLease, 1);
  return block->lease;
}

GstAfringLease *
gst_afring_ring_take (GstAfringRing * self)
{
  GstAfringRingBlock *block = gst_afring_ring_get_block (self, self->next);
  GstAfringLease *lease;

  if (!is_ready (block))
    return NULL;
  lease = get_free_lease (self, block);
  if (lease == NULL)
    return NULL;
  gst_afring_lease_begin (lease, self, block->window);

  block->taken = gst_afring_block_get_sequence (block->window);
  self->last_sequence = block->taken;
  self->next++;
  g_atomic_int_inc (&self->held);
  return lease;
}

/* The kernel writes a packet's header when its bytes are there (af_packet.c,
 * tpacket_rcv), and counts it in the block before. */
static gboolean
is_complete (GstAfringRing * self, const guint8 * window)
{
  gsize offset = gst_afring_block_get_first_offset (window);
  guint32 left = gst_afring_block_get_packets (window);

  for (; left > 0; left--) {
    const struct tpacket3_hdr *header = (gconstpointer) (window + offset);

    if (offset + GST_AFRING_FRAME_HEADER_LENGTH > self->block_size
        || !(__atomic_load_n (&header->tp_status, __ATOMIC_ACQUIRE)
            & TP_STATUS_USER))
      return FALSE;
    offset += header->tp_next_offset;
  }
  return TRUE;
}

GstAfringLease *
gst_afring_ring_take_open (GstAfringRing * self)
{
  GstAfringRingBlock *block = gst_afring_ring_get_block (self, self->next);
  GstAfringLease *lease;

  /* another program's kernel closes it itself */
  if (self->poll_fd != self->fd
      || gst_afring_block_get_status (block->window) != TP_STATUS_KERNEL
      || gst_afring_block_get_sequence (block->window) !=
      self->last_sequence + 1
      || gst_afring_block_get_packets (block->window) == 0
      || !is_complete (self, block->window))
    return NULL;
  lease = gst_afring_lease_new_copy (self, block->window);
  if (lease == NULL)
    return NULL;
  block->taken = gst_afring_block_get_sequence (block->window);
  self->last_sequence = block->taken;
  self->next++;
  return lease;
}

guint64
gst_afring_ring_get_open_sequence (GstAfringRing * self)
{
  guint closed = 0;

  while (closed < self->block_count
      && is_ready (gst_afring_ring_get_block (self, self->next + closed)))
    closed++;
  return self->last_sequence + closed + 1;
}

GstAfringWake
gst_afring_ring_wait (GstAfringRing * self, gint timeout)
{
  struct epoll_event events[2];
  gint n = epoll_wait (self->epoll_fd, events, G_N_ELEMENTS (events), timeout);
  gboolean signalled = FALSE;
  guint64 count;

  for (gint i = 0; i < n; i++) {
    /* an error is an edge and would not come again; the signal stays */
    if (events[i].events & EPOLLERR)
      return GST_AFRING_WAKE_ERROR;
    if (events[i].data.fd == self->wake_fd)
      signalled = read (self->wake_fd, &count, sizeof (count)) > 0;
  }
  if (signalled)
    return GST_AFRING_WAKE_SIGNAL;
  return n == 0 ? GST_AFRING_WAKE_TIMEOUT : GST_AFRING_WAKE_BLOCK;
}

/* Can fail only when the counter is full, which wakes just as well. */
static void
signal_event (int fd)
{
  guint64 one = 1;

  if (write (fd, &one, sizeof (one)) < 0)
    return;
}

void
gst_afring_ring_wake (GstAfringRing * self)
{
  signal_event (self->wake_fd);
}

gboolean
gst_afring_ring_has_block (GstAfringRing * self)
{
  return self->blocks != NULL
      && is_ready (gst_afring_ring_get_block (self, self->next));
}

/* The ring's own file alone would not do: it says nothing of packets that are left in
 * the block in hand, and it is readable until that is given back. So it is waited for
 * by its edges, beside an event that says the rest. */
gint
gst_afring_ring_get_user_fd (GstAfringRing * self)
{
  struct epoll_event ring_event = {.events = EPOLLIN | EPOLLERR | EPOLLET };
  struct epoll_event signal_event = {.events = EPOLLIN };
  int fd, signal_fd;

  if (self->user_fd >= 0)
    return self->user_fd;
  fd = epoll_create1 (EPOLL_CLOEXEC);
  signal_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd >= 0 && signal_fd >= 0
      && epoll_ctl (fd, EPOLL_CTL_ADD, self->poll_fd, &ring_event) == 0
      && epoll_ctl (fd, EPOLL_CTL_ADD, signal_fd, &signal_event) == 0) {
    self->user_fd = fd;
    g_atomic_int_set (&self->signal_fd, signal_fd);
    return fd;
  }
  if (fd >= 0)
    close (fd);
  if (signal_fd >= 0)
    close (signal_fd);
  return -1;
}

void
gst_afring_ring_set_signal (GstAfringRing * self)
{
  int fd = g_atomic_int_get (&self->signal_fd);

  if (fd >= 0)
    signal_event (fd);
}

/* Takes the edge too, if there is one. */
void
gst_afring_ring_clear_signal (GstAfringRing * self)
{
  struct epoll_event events[2];
  guint64 count;
  gint n;

  if (self->user_fd < 0)
    return;
  if (read (self->signal_fd, &count, sizeof (count)) < 0 && errno != EAGAIN)
    GST_WARNING ("cannot set a signal back: %s", g_strerror (errno));
  n = epoll_wait (self->user_fd, events, G_N_ELEMENTS (events), 0);
  /* an error is still to be told */
  for (gint i = 0; i < n; i++)
    if (events[i].events & EPOLLERR)
      signal_event (self->signal_fd);
}
