/* Interfaces and frames for tests that use the real ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_LIMIT (30 * G_TIME_SPAN_SECOND)

void
net_run (const gchar * format, ...)
{
  g_autofree gchar *command = NULL, *output = NULL;
  g_autoptr (GError) error = NULL;
  gint status;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  fail_unless (g_spawn_command_line_sync (command, NULL, &output, &status,
          &error), "%s: %s", command, error != NULL ? error->message : "");
  fail_unless (g_spawn_check_wait_status (status, &error), "%s: %s", command,
      output);
}

/* Until the interface is in use: what is sent before that is lost unseen. */
static void
wait_for_link (const gchar * name)
{
  g_autofree gchar *command = g_strdup_printf ("ip -o link show %s", name);
  gboolean up = FALSE;

  for (guint i = 0; !up && i < 500; i++) {
    g_autofree gchar *output = NULL;

    fail_unless (g_spawn_command_line_sync (command, &output, NULL, NULL,
            NULL));
    up = strstr (output, " state UP ") != NULL;
    if (!up)
      g_usleep (10000);
  }
  fail_unless (up, "%s", name);
}

void
net_add_veth (const gchar * name, const gchar * peer)
{
  /* of a test that failed and left it */
  if (if_nametoindex (name) != 0)
    net_remove (name);
  net_run ("ip link add %s type veth peer name %s", name, peer);
  net_run ("ip link set %s up", name);
  net_run ("ip link set %s up", peer);
  wait_for_link (name);
  wait_for_link (peer);
}

void
net_set_up (const gchar * name, const gchar * peer)
{
  net_run ("ip link set %s up", name);
  wait_for_link (name);
  wait_for_link (peer);
}

void
net_remove (const gchar * name)
{
  net_run ("ip link del %s", name);
}

struct _NetNamespace
{
  GPid pid;
  int in;                       /* its end ends the process */
};

/* A process keeps it, which ends when this one does: its pipe does then. */
NetNamespace *
net_namespace_new (void)
{
  const gchar *argv[] = { "unshare", "-n", "sh", "-c",
    "ip link set lo up; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; "
        "echo ready; exec cat", NULL
  };
  NetNamespace *self = g_new0 (NetNamespace, 1);
  gchar word[6];
  gint in, out;

  fail_unless (g_spawn_async_with_pipes (NULL, (gchar **) argv, NULL,
          G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &self->pid,
          &in, &out, NULL, NULL));
  fail_unless_equals_int (read (out, word, sizeof (word)), sizeof (word));
  close (out);
  self->in = in;
  return self;
}

GPid
net_namespace_get_pid (NetNamespace * self)
{
  return self->pid;
}

void
net_namespace_run (NetNamespace * self, const gchar * format, ...)
{
  g_autofree gchar *command = NULL;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  net_run ("nsenter -n -t %d %s", self->pid, command);
}

void
net_namespace_free (NetNamespace * self)
{
  close (self->in);
  waitpid (self->pid, NULL, 0);
  g_spawn_close_pid (self->pid);
  g_free (self);
}

int
net_open_sender (const gchar * interface)
{
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_ifindex = if_nametoindex (interface),
  };
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  fail_unless (fd >= 0);
  fail_unless (bind (fd, (struct sockaddr *) &address, sizeof (address)) == 0);
  return fd;
}

void
net_send (int sender, const guint8 * frame, gsize size)
{
  fail_unless_equals_int (send (sender, frame, size, 0), size);
}

static guint8
byte_at (guint32 number, gsize i)
{
  return (number * 31 + i * 7) & 0xff;
}

void
net_make_frame (guint8 * frame, gsize size, const NetTag * tags, guint16 port,
    guint32 number)
{
  gsize at = 12;

  memset (frame, 0, size);
  memcpy (frame, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01", 12);
  for (; tags != NULL && tags->protocol != 0; tags++, at += 4) {
    GST_WRITE_UINT16_BE (frame + at, tags->protocol);
    GST_WRITE_UINT16_BE (frame + at + 2, tags->tci);
  }
  g_assert (size >= at + NET_MIN_FRAME - 12);

  GST_WRITE_UINT16_BE (frame + at, 0x0800);
  at += 2;
  frame[at] = 0x45;
  GST_WRITE_UINT16_BE (frame + at + 2, size - at);
  frame[at + 8] = 64;
  frame[at + 9] = 17;
  memcpy (frame + at + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
  GST_WRITE_UINT16_BE (frame + at + 20, 1000);
  GST_WRITE_UINT16_BE (frame + at + 22, port);
  GST_WRITE_UINT16_BE (frame + at + 24, size - at - 20);
  GST_WRITE_UINT32_BE (frame + at + 28, number);
  for (at += 32; at < size; at++)
    frame[at] = byte_at (number, at);
}

void
net_send_frames (const gchar * interface, guint first, guint n, gsize size,
    guint16 port)
{
  int sender = net_open_sender (interface);
  g_autofree guint8 *frame = g_malloc (size);

  for (guint i = first; i < first + n; i++) {
    net_make_frame (frame, size, NULL, port, i);
    net_send (sender, frame, size);
  }
  close (sender);
}

gint64
net_check_frame (const guint8 * frame, gsize size)
{
  guint32 number;

  if (size < NET_MIN_FRAME || GST_READ_UINT16_BE (frame + 12) != 0x0800)
    return -1;
  number = GST_READ_UINT32_BE (frame + NET_UDP_HEADERS);
  for (gsize i = NET_MIN_FRAME; i < size; i++) {
    if (frame[i] != byte_at (number, i))
      return -1;
  }
  return number;
}

static GstPadProbeReturn
collect_list (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  NetCollector *self = user_data;
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

  g_mutex_lock (&self->lock);
  self->n += gst_buffer_list_length (list);
  self->n_lists++;
  for (guint i = 0; self->keep && i < gst_buffer_list_length (list); i++)
    g_ptr_array_add (self->buffers,
        gst_buffer_ref (gst_buffer_list_get (list, i)));
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

NetCollector *
net_collector_new (const gchar * properties, gboolean keep)
{
  NetCollector *self = g_new0 (NetCollector, 1);
  g_autofree gchar *line = g_strdup_printf ("afringsrc name=src %s ! fakesink "
      "async=false sync=false enable-last-sample=false", properties);
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->keep = keep;
  self->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  self->pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  self->src = gst_bin_get_by_name (GST_BIN (self->pipeline), "src");
  self->pad = gst_element_get_static_pad (self->src, "src");
  gst_pad_add_probe (self->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, collect_list,
      self, NULL);
  return self;
}

void
net_collector_play (NetCollector * self)
{
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE);
  fail_unless (gst_element_get_state (self->pipeline, NULL, NULL,
          5 * GST_SECOND) != GST_STATE_CHANGE_FAILURE);
}

void
net_collector_wait (NetCollector * self, guint n)
{
  gint64 limit = g_get_monotonic_time () + WAIT_LIMIT;

  g_mutex_lock (&self->lock);
  while (self->n < n && g_cond_wait_until (&self->cond, &self->lock, limit));
  fail_unless (self->n >= n, "%u of %u packets came", self->n, n);
  g_mutex_unlock (&self->lock);
}

void
net_collector_end (NetCollector * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message = NULL;

  fail_unless (gst_element_send_event (self->pipeline, gst_event_new_eos ()));
  message = gst_bus_timed_pop_filtered (bus, WAIT_LIMIT * GST_USECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "no EOS");
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
}

GstMessage *
net_wait_message (GstElement * pipeline, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus,
      WAIT_LIMIT * GST_USECOND, type);

  fail_unless (message != NULL, "no %s", gst_message_type_get_name (type));
  return message;
}

void
net_expect_link (NetCollector * collector, const gchar * name, gboolean up,
    gboolean carrier)
{
  gboolean is_up, has_carrier;

  do {
    GstMessage *message = net_wait_message (collector->pipeline,
        GST_MESSAGE_ELEMENT);
    const GstStructure *structure = gst_message_get_structure (message);

    fail_unless (gst_structure_has_name (structure, "GstAfringSrcLink"));
    assert_equals_string (gst_structure_get_string (structure, "interface"),
        name);
    fail_unless (gst_structure_get (structure, "up", G_TYPE_BOOLEAN, &is_up,
            "carrier", G_TYPE_BOOLEAN, &has_carrier, NULL));
    gst_message_unref (message);
  } while (is_up == up && has_carrier != carrier);
  fail_unless_equals_int (is_up, up);
}

guint
net_collector_get_count (NetCollector * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n;
  g_mutex_unlock (&self->lock);
  return n;
}

void
net_collector_free (NetCollector * self)
{
  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_NULL) ==
      GST_STATE_CHANGE_SUCCESS);
  g_ptr_array_unref (self->buffers);
  gst_object_unref (self->pad);
  gst_object_unref (self->src);
  gst_object_unref (self->pipeline);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

guint64
net_get_stat (GstElement * element, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "no %s", field);
  return value;
}
