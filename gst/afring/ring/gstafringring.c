/* gst-afring: the mapped ring, its blocks and leases
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringring.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  guint8 *window;               /* where the block is mapped */
  guint64 taken;                /* sequence number of the last lease */
} Block;

struct _GstAfringRing
{
  gatomicrefcount refs;

  int fd;                       /* what is mapped */
  int poll_fd;                  /* what tells of closed blocks; may be the same */
  int epoll_fd;
  int wake_fd;

  guint8 *memory;
  gsize block_size;
  guint block_count;
  Block *blocks;

  guint next;                   /* the block that the kernel closes next */
  guint64 last_sequence;
  gint held;                    /* atomic */
};

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

static gboolean
map_blocks (GstAfringRing * self, GError ** error)
{
  gsize length;
  void *memory;

  if (!g_size_checked_mul (&length, self->block_size, self->block_count)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "A ring of %u blocks of %" G_GSIZE_FORMAT " bytes has no address space",
        self->block_count, self->block_size);
    return FALSE;
  }

  memory = mmap (NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
  if (memory == MAP_FAILED) {
    set_system_error (error, "Cannot map the ring");
    return FALSE;
  }
  /* a forked child must not keep the ring alive */
  madvise (memory, length, MADV_DONTFORK);

  self->memory = memory;
  self->blocks = g_new0 (Block, self->block_count);
  for (guint i = 0; i < self->block_count; i++)
    self->blocks[i].window = self->memory + i * self->block_size;
  return TRUE;
}

GstAfringRing *
gst_afring_ring_new (int fd, int poll_fd, gsize block_size, guint block_count,
    GError ** error)
{
  GstAfringRing *self = g_new0 (GstAfringRing, 1);

  g_atomic_ref_count_init (&self->refs);
  self->fd = fd;
  self->poll_fd = poll_fd >= 0 ? poll_fd : fd;
  self->epoll_fd = self->wake_fd = -1;
  self->block_size = block_size;
  self->block_count = block_count;

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

  if (self->memory != NULL)
    munmap (self->memory, self->block_size * self->block_count);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  if (self->poll_fd != self->fd)
    close (self->poll_fd);
  close (self->fd);
  g_free (self->blocks);
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

/* A block that is out on lease still says USER; that it has been given back and
 * filled again shows only in its sequence number. */
static gboolean
is_ready (const Block * block)
{
  return (gst_afring_block_get_status (block->window) & TP_STATUS_USER) != 0
      && gst_afring_block_get_sequence (block->window) != block->taken;
}

GstAfringLease *
gst_afring_ring_take (GstAfringRing * self)
{
  Block *block = &self->blocks[self->next];
  GstAfringLease *lease;

  if (!is_ready (block))
    return NULL;

  lease = g_new (GstAfringLease, 1);
  g_atomic_ref_count_init (&lease->refs);
  lease->ring = gst_afring_ring_ref (self);
  lease->block = block->window;

  block->taken = gst_afring_block_get_sequence (block->window);
  self->last_sequence = block->taken;
  self->next = (self->next + 1) % self->block_count;
  g_atomic_int_inc (&self->held);
  return lease;
}

guint64
gst_afring_ring_get_open_sequence (GstAfringRing * self)
{
  guint closed = 0;

  while (closed < self->block_count
      && is_ready (&self->blocks[(self->next + closed) % self->block_count]))
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

void
gst_afring_ring_wake (GstAfringRing * self)
{
  guint64 one = 1;

  /* can fail only when the counter is full, which wakes just as well */
  if (write (self->wake_fd, &one, sizeof (one)) < 0)
    return;
}

GstAfringLease *
gst_afring_lease_ref (GstAfringLease * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_afring_lease_unref (GstAfringLease * self)
{
  GstAfringRing *ring = self->ring;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_afring_block_set_status (self->block, TP_STATUS_KERNEL);
  g_atomic_int_add (&ring->held, -1);
  g_free (self);
  gst_afring_ring_unref (ring);
}
