/* afring-extcap: the way to a reader that nothing may depend on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much waits for the reader. Of small packets the number counts: each has a buffer. */
#define MAX_WAITING_BYTES (32 << 20)
#define MAX_WAITING_PACKETS 100000

/* The gate. */

struct _LiveGate
{
  GstElement *queue;
  GstPad *sink;                 /* of the queue */
  GstPad *source;
  gulong probe;
  guint64 lost;                 /* written by the thread that captures */
};

/* A queue can leak by itself, but does not count what is lost. */
static gboolean
has_room (LiveGate * self)
{
  guint bytes, packets;

  g_object_get (self->queue, "current-level-bytes", &bytes,
      "current-level-buffers", &packets, NULL);
  return bytes < MAX_WAITING_BYTES && packets < MAX_WAITING_PACKETS;
}

/* In the place of the push that is under way. What the queue answers, an error that was
 * downstream of it, would end the capture. */
static GstPadProbeReturn
pass (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  LiveGate *self = user_data;
  gboolean is_list = (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0;

  if (!has_room (self)) {
    self->lost += is_list ? gst_buffer_list_length (info->data) : 1;
    return GST_PAD_PROBE_DROP;
  }
  if (is_list)
    gst_pad_chain_list (self->sink, info->data);
  else
    gst_pad_chain (self->sink, info->data);
  info->data = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_OK;
  return GST_PAD_PROBE_HANDLED;
}

LiveGate *
live_gate_new (GstPad * source, GstElement * queue)
{
  LiveGate *self = g_new0 (LiveGate, 1);

  /* the gate bounds it */
  g_object_set (queue, "max-size-bytes", 0, "max-size-buffers", 0,
      "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  self->queue = gst_object_ref (queue);
  self->sink = gst_element_get_static_pad (queue, "sink");
  self->source = gst_object_ref (source);
  self->probe = gst_pad_add_probe (source, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, pass, self, NULL);
  return self;
}

GstElement *
live_gate_get_queue (LiveGate * self)
{
  return self->queue;
}

guint64
live_gate_get_lost (LiveGate * self)
{
  return self->lost;
}

void
live_gate_free (LiveGate * self)
{
  gst_pad_remove_probe (self->source, self->probe);
  gst_object_unref (self->source);
  gst_object_unref (self->sink);
  gst_object_unref (self->queue);
  g_free (self);
}

/* The reader. */

struct _LiveReader              /* a reference counted box */
{
  gchar *location;
  void (*gone) (gpointer user_data);    /* NULL: nobody wants to know any more */
  gpointer user_data;
  int fd;
  guint watch;                  /* 0: none */
};

static void
clear_reader (gpointer data)
{
  LiveReader *self = data;

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->location);
}

static void
unref_reader (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_reader);
}

static gboolean
error_seen (gint fd, GIOCondition condition, gpointer user_data)
{
  LiveReader *self = user_data;

  self->watch = 0;
  self->gone (self->user_data);
  return G_SOURCE_REMOVE;
}

/* On the main loop. */
static gboolean
opened (gpointer user_data)
{
  LiveReader *self = user_data;

  if (self->gone != NULL && self->fd >= 0)
    self->watch = g_unix_fd_add (self->fd, G_IO_ERR, error_seen, self);
  return G_SOURCE_REMOVE;
}

/* Only who has it open for writing is told that nobody reads (poll(2), POLLERR); nothing is
 * written. To open it waits for a reader, and misses none, however soon he goes. */
static gpointer
wait_for_reader (gpointer user_data)
{
  LiveReader *self = user_data;

  do
    self->fd = g_open (self->location, O_WRONLY | O_CLOEXEC, 0);
  while (self->fd < 0 && errno == EINTR);
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, opened, self,
      unref_reader);
  return NULL;
}

LiveReader *
live_reader_new (const gchar * location, void (*gone) (gpointer),
    gpointer user_data)
{
  LiveReader *self = g_atomic_rc_box_new0 (LiveReader);
  GStatBuf info;

  self->location = g_strdup (location);
  self->gone = gone;
  self->user_data = user_data;
  self->fd = -1;
  /* the thread, where no reader comes, ends with the program */
  if (g_stat (location, &info) == 0 && S_ISFIFO (info.st_mode))
    g_thread_unref (g_thread_new ("reader", wait_for_reader,
            g_atomic_rc_box_acquire (self)));
  return self;
}

void
live_reader_free (LiveReader * self)
{
  self->gone = NULL;
  if (self->watch != 0)
    g_source_remove (self->watch);
  unref_reader (self);
}
