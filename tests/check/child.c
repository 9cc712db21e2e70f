/* What a forked child does and how it ends.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "child.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60             /* seconds */
#define OWN_SIZE (64 * 1024)
#define FILLING 0x5a

/* Under valgrind a child that ends is searched for leaks, and has all that the
 * parent's other threads had in hand. */
static void
leave (int status)
{
  if (g_getenv ("AFRING_MEMCHECK") != NULL)
    execlp (status == 0 ? "true" : "false", "", NULL);
  _exit (status);
}

void
child_fail (const gchar * file, guint line, const gchar * what)
{
  fprintf (stderr, "%s:%u: in the child: %s\n", file, line, what);
  leave (1);
  abort ();
}

static void
live (Child * self, int go, int ready, ChildFunc func, gpointer data)
{
  gchar byte;

  alarm (PATIENCE);
  func (data);
  close (ready);
  if (read (go, &byte, 1) != 0)
    leave (2);
  leave (0);
}

void
child_start (Child * self, ChildFunc func, gpointer data)
{
  int go[2], ready[2];

  fail_unless (pipe (go) == 0 && pipe (ready) == 0);
  self->pid = fork ();
  fail_unless (self->pid >= 0);
  if (self->pid == 0) {
    close (go[1]);
    close (ready[0]);
    live (self, go[0], ready[1], func, data);
  }
  close (go[0]);
  close (ready[1]);
  self->go = go[1];
  self->ready = ready[0];
}

void
child_wait (Child * self)
{
  gchar byte;

  fail_unless (read (self->ready, &byte, 1) == 0);
}

void
child_end (Child * self)
{
  int status;

  close (self->go);
  close (self->ready);
  fail_unless (waitpid (self->pid, &status, 0) == self->pid);
  fail_unless (WIFEXITED (status) && WEXITSTATUS (status) == 0,
      "the child's status is 0x%x", status);
}

void
child_run (ChildFunc func, gpointer data)
{
  Child child;

  child_start (&child, func, data);
  child_end (&child);
}

gboolean
child_is_stopped (gboolean result, GError ** error)
{
  gboolean stopped = !result && g_error_matches (*error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_STOPPED);

  g_clear_error (error);
  return stopped;
}

static gboolean
take_packet (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  return TRUE;
}

void
child_check_stopped (GstCaptureSource * source)
{
  GstCaptureSourceZeroCopy *zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  GByteArray *bytes = g_byte_array_new ();
  GstCapturePacket *packet = NULL;
  GstCaptureStats stats;
  const guint8 *payload;
  GError *error = NULL;
  gsize length;

  /* twice: the first one could change what the second one finds */
  for (guint i = 0; i < 2; i++) {
    child_check (child_is_stopped (gst_capture_source_next_packet (source,
                &packet, &error), &error));
    child_check (child_is_stopped (gst_capture_source_next_payload (source,
                bytes, NULL, NULL, &error), &error));
    child_check (child_is_stopped (gst_capture_source_next_ip_packet (source,
                bytes, NULL, NULL, &error), &error));
    child_check (child_is_stopped (gst_capture_source_next_packet_fn (source,
                take_packet, NULL, &error), &error));
    child_check (child_is_stopped (gst_capture_source_zero_copy_next_payload
            (zero_copy, &payload, &length, NULL, NULL, &error), &error));
    child_check (child_is_stopped (gst_capture_source_zero_copy_next_ip_packet
            (zero_copy, &payload, &length, NULL, NULL, &error), &error));
    child_check (child_is_stopped (gst_capture_source_get_stats (source,
                &stats, &error), &error));
    child_check (child_is_stopped (gst_capture_source_unblock (source,
                &error), &error));
    child_check (child_is_stopped (gst_capture_source_close (source, &error),
            &error));
    child_check (child_is_stopped (gst_afring_source_set_filter
            (GST_AFRING_SOURCE (source), "tcp", &error), &error));
  }
  g_clear_pointer (&packet, gst_capture_packet_free);
  g_byte_array_unref (bytes);
}

guint8 *
child_map_at (gconstpointer address, gsize * size)
{
  guintptr page = sysconf (_SC_PAGESIZE);
  guint8 *memory = mmap ((gpointer) ((guintptr) address & ~(page - 1)),
      OWN_SIZE, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

  child_check (memory != MAP_FAILED);
  memset (memory, FILLING, OWN_SIZE);
  *size = OWN_SIZE;
  return memory;
}

gboolean
child_is_untouched (const guint8 * memory, gsize size)
{
  unsigned char resident[OWN_SIZE / 4096];

  /* not there any more: EFAULT or ENOMEM, and no signal */
  if (mincore ((gpointer) memory, size, resident) != 0)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    if (memory[i] != FILLING)
      return FALSE;
  }
  return TRUE;
}
