/* GstAfringSource on the real ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT 5004
#define N 500
#define SIZE 200

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  net_remove ("va");
}

static GstCaptureSource *
open_source (const gchar * filter)
{
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = gst_afring_source_new ("vb", &error,
      "block-size", 65536, "block-count", 16, "filter", filter, NULL);

  fail_unless (source != NULL, "%s", error ? error->message : "");
  return GST_CAPTURE_SOURCE (source);
}

typedef gboolean (*NextFunc) (GstCaptureSource * source, guint expected);

static void
check_payload (const guint8 * payload, gsize length, guint expected)
{
  fail_unless_equals_int (length, SIZE);
  fail_unless_equals_int (net_check_frame (payload, length), expected);
}

static void
check_ip (const guint8 * payload, gsize length, guint expected)
{
  fail_unless_equals_int (length, SIZE - 14);
  fail_unless_equals_int (payload[0], 0x45);
  fail_unless_equals_int (GST_READ_UINT32_BE (payload + NET_UDP_HEADERS - 14),
      expected);
}

static gboolean
next_packet (GstCaptureSource * source, guint expected)
{
  static GstCapturePacket *reused = NULL;
  GstCapturePacket *fresh = NULL;
  GstCapturePacket **packet = expected % 2 ? &fresh : &reused;
  const guint8 *payload;
  gsize length;

  if (reused == NULL)
    reused = gst_capture_source_new_packet (source);
  fail_unless (gst_capture_source_next_packet (source, packet, NULL));
  payload = gst_capture_packet_get_payload (*packet, &length);
  check_payload (payload, length, expected);
  payload = gst_capture_packet_get_ip_layer (*packet, &length);
  check_ip (payload, length, expected);
  fail_unless_equals_int (gst_capture_packet_get_total_length (*packet), SIZE);
  fail_unless_equals_int (gst_capture_packet_get_packet_type (*packet),
      GST_PACKET_TYPE_OTHERHOST);
  gst_capture_packet_free (fresh);
  if (expected == N - 1)
    g_clear_pointer (&reused, gst_capture_packet_free);
  return TRUE;
}

static gboolean
next_payload (GstCaptureSource * source, guint expected)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  GstPacketType type;
  guint32 total;

  fail_unless (gst_capture_source_next_payload (source, payload, &type, &total,
          NULL));
  check_payload (payload->data, payload->len, expected);
  fail_unless_equals_int (type, GST_PACKET_TYPE_OTHERHOST);
  fail_unless_equals_int (total, SIZE);
  return TRUE;
}

static gboolean
next_ip_packet (GstCaptureSource * source, guint expected)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  fail_unless (gst_capture_source_next_ip_packet (source, payload, NULL, NULL,
          NULL));
  check_ip (payload->data, payload->len, expected);
  return TRUE;
}

static gboolean
next_payload_zero_copy (GstCaptureSource * source, guint expected)
{
  const guint8 *payload;
  gsize length;

  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &payload, &length, NULL, NULL,
          NULL));
  check_payload (payload, length, expected);
  return TRUE;
}

static gboolean
next_ip_packet_zero_copy (GstCaptureSource * source, guint expected)
{
  const guint8 *payload;
  gsize length;

  fail_unless (gst_capture_source_zero_copy_next_ip_packet
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &payload, &length, NULL, NULL,
          NULL));
  check_ip (payload, length, expected);
  return TRUE;
}

static gboolean
check_in_function (const guint8 * payload, gsize length, guint32 total,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  check_payload (payload, length, GPOINTER_TO_UINT (user_data));
  fail_unless_equals_int (ip_offset, 14);
  fail_unless_equals_int (total, SIZE);
  if (GPOINTER_TO_UINT (user_data) % 2 == 0)
    return TRUE;
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "mine");
  return FALSE;
}

static gboolean
next_packet_fn (GstCaptureSource * source, guint expected)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = gst_capture_source_next_packet_fn (source, check_in_function,
      GUINT_TO_POINTER (expected), &error);

  /* what the function says is what the caller gets */
  fail_unless (ok == (expected % 2 == 0));
  fail_unless (ok == (error == NULL));
  return TRUE;
}

static const NextFunc next_funcs[] = {
  next_packet, next_payload, next_ip_packet, next_payload_zero_copy,
  next_ip_packet_zero_copy, next_packet_fn
};

GST_START_TEST (test_next)
{
  GstCaptureSource *source = open_source (NULL);
  GstCaptureStats stats;

  net_send_frames ("va", 0, N, SIZE, PORT);
  for (guint i = 0; i < N; i++)
    next_funcs[__i__] (source, i);

  fail_unless (gst_capture_source_get_stats (source, &stats, NULL));
  fail_unless_equals_int (stats.packets_received, N);
  fail_unless_equals_int (stats.packets_dropped, 0);
  /* and clears */
  fail_unless (gst_capture_source_get_stats (source, &stats, NULL));
  fail_unless_equals_int (stats.packets_received, 0);
  assert_equals_string (gst_capture_link_get_name (gst_capture_source_get_link
          (source)), "vb");
  g_object_unref (source);
}
GST_END_TEST

typedef struct
{
  GstCaptureSource *source;
  gint code;
} Waiter;

static gpointer
wait_for_packet (gpointer user_data)
{
  Waiter *waiter = user_data;
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  fail_if (gst_capture_source_next_payload (waiter->source, payload, NULL, NULL,
          &error));
  waiter->code = error->code;
  return NULL;
}

/* Packet sockets of this network namespace. */
static guint
count_sockets (void)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  fail_unless (g_file_get_contents ("/proc/net/packet", &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  /* the first one is a heading */
  return g_strv_length (lines) - 1;
}

/* Without it the wait has no end. */
static void
check_wakes (gboolean (*func) (GstCaptureSource *, GError **), gint code,
    guint sockets)
{
  Waiter waiter = {.source = open_source (NULL) };
  GThread *thread = g_thread_new ("waiter", wait_for_packet, &waiter);

  g_usleep (100000);
  fail_unless (func (waiter.source, NULL));
  g_thread_join (thread);
  fail_unless_equals_int (waiter.code, code);
  fail_unless_equals_int (count_sockets (), sockets);
  g_object_unref (waiter.source);
}

GST_START_TEST (test_unblock_wakes)
{
  check_wakes (gst_capture_source_unblock, GST_CAPTURE_ERROR_UNBLOCKED, 1);
}
GST_END_TEST

GST_START_TEST (test_close_wakes)
{
  check_wakes (gst_capture_source_close, GST_CAPTURE_ERROR_STOPPED, 0);
}
GST_END_TEST

GST_START_TEST (test_unblock_loses_nothing)
{
  GstCaptureSource *source = open_source (NULL);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint unblocked = 0, last = N;

  net_send_frames ("va", 0, N, SIZE, PORT);
  for (guint i = 0; i < N;) {
    /* once for each: on a busy machine there is no block yet, and it is asked again */
    if (i % 10 == 0 && i != last)
      gst_capture_source_unblock (source, NULL);
    last = i;
    if (gst_capture_source_next_payload (source, payload, NULL, NULL, &error)) {
      check_payload (payload->data, payload->len, i++);
    } else {
      fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_UNBLOCKED);
      unblocked++;
      g_clear_error (&error);
    }
  }
  fail_unless (unblocked <= N / 10 + 1);
  g_object_unref (source);
}
GST_END_TEST

GST_START_TEST (test_closed)
{
  GstCaptureSource *source = open_source (NULL);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  const guint8 *view, *again;
  GstCaptureStats stats;
  GError *error = NULL;
  gsize length;

  net_send_frames ("va", 0, 10, SIZE, PORT);
  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &view, &length, NULL, NULL,
          NULL));
  fail_unless_equals_int (count_sockets (), 1);
  fail_unless (gst_capture_source_close (source, NULL));
  fail_unless_equals_int (count_sockets (), 0);
  /* valid until the next call, closed or not */
  check_payload (view, length, 0);

  fail_if (gst_capture_source_close (source, &error));
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_STOPPED);
  g_clear_error (&error);
  fail_if (gst_capture_source_unblock (source, &error));
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_STOPPED);
  g_clear_error (&error);
  fail_if (gst_capture_source_get_stats (source, &stats, &error));
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_STOPPED);
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++) {
    fail_if (gst_capture_source_next_payload (source, payload, NULL, NULL,
            &error));
    fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_STOPPED);
    g_clear_error (&error);
    fail_if (gst_capture_source_zero_copy_next_ip_packet
        (GST_CAPTURE_SOURCE_ZERO_COPY (source), &again, &length, NULL, NULL,
            &error));
    fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_STOPPED);
    g_clear_error (&error);
  }
  g_object_unref (source);
}
GST_END_TEST

/* Frames of two ports in turn. From a change on only the other port may come,
 * what was in the ring before included, and of that port every frame. */
GST_START_TEST (test_filter_change)
{
  GstCaptureSource *source = open_source ("udp port 1");
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  guint8 frame[SIZE];
  int sender = net_open_sender ("va");
  GError *error = NULL;

  for (guint i = 0; i < 300; i++) {
    net_make_frame (frame, SIZE, NULL, 1 + i % 2, i);
    net_send (sender, frame, SIZE);
  }
  for (guint i = 0; i < 20; i++) {
    fail_unless (gst_capture_source_next_payload (source, payload, NULL, NULL,
            NULL));
    check_payload (payload->data, payload->len, i * 2);
  }
  fail_unless (gst_afring_source_set_filter (GST_AFRING_SOURCE (source),
          "udp port 2", &error));
  fail_if (gst_afring_source_set_filter (GST_AFRING_SOURCE (source),
          "udp prot 2", &error));
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_FILTER);
  g_clear_error (&error);

  for (guint i = 300; i < 600; i++) {
    net_make_frame (frame, SIZE, NULL, 1 + i % 2, i);
    net_send (sender, frame, SIZE);
  }
  /* the block in hand was begun under the first filter */
  do {
    fail_unless (gst_capture_source_next_payload (source, payload, NULL, NULL,
            NULL));
  } while (net_check_frame (payload->data, payload->len) % 2 == 0
      && net_check_frame (payload->data, payload->len) < 300);
  for (guint i = 301; i < 600; i += 2) {
    check_payload (payload->data, payload->len, i);
    if (i < 599) {
      fail_unless (gst_capture_source_next_payload (source, payload, NULL, NULL,
              NULL));
    }
  }
  close (sender);
  g_object_unref (source);
}
GST_END_TEST

static void
check_open_error (const gchar * interface, gint code, const gchar * words,
    const gchar * property, guint value)
{
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = gst_afring_source_new (interface, &error, property,
      value, NULL);

  fail_unless (source == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR, code), "%s",
      error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

GST_START_TEST (test_errors)
{
  g_autoptr (GError) error = NULL;

  check_open_error ("nosuch", GST_CAPTURE_ERROR_NOT_FOUND, "nosuch", NULL, 0);
  check_open_error ("a-name-that-is-too-long", GST_CAPTURE_ERROR_NOT_FOUND,
      "a-name-that-is-too-long", NULL, 0);
  check_open_error ("vb", GST_CAPTURE_ERROR_GEOMETRY, "block-size",
      "block-size", G_MAXUINT);
  check_open_error ("vb", GST_CAPTURE_ERROR_GEOMETRY, "block-count",
      "block-count", G_MAXUINT);
  fail_unless (gst_afring_source_new ("vb", &error, "filter", "no such thing",
          NULL) == NULL);
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_FILTER);

  net_run ("ip link set vb down");
  check_open_error ("vb", GST_CAPTURE_ERROR_LINK_DOWN, "ip link set vb up",
      NULL, 0);
  net_set_up ("vb", "va");
}
GST_END_TEST

/* In a child that has given up its capabilities. */
GST_START_TEST (test_not_permitted)
{
  pid_t child = fork ();
  int status;

  if (child == 0) {
    struct __user_cap_header_struct header = {
      .version = _LINUX_CAPABILITY_VERSION_3
    };
    struct __user_cap_data_struct none[2] = { {0}, {0} };
    GError *error = NULL;

    if (syscall (SYS_capset, &header, none) != 0)
      _exit (10);
    if (gst_afring_source_new ("vb", &error, NULL) != NULL)
      _exit (11);
    if (!g_error_matches (error, GST_CAPTURE_ERROR,
            GST_CAPTURE_ERROR_NOT_PERMITTED))
      _exit (12);
    _exit (strstr (error->message, "setcap") != NULL ? 0 : 13);
  }
  fail_unless_equals_int (waitpid (child, &status, 0), child);
  fail_unless (WIFEXITED (status));
  fail_unless_equals_int (WEXITSTATUS (status), 0);
}
GST_END_TEST

/* Down gives one error, after which the same source goes on; removed gives one
 * for good. */
GST_START_TEST (test_link_goes)
{
  GstCaptureSource *source = open_source (NULL);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  GError *error = NULL;

  net_run ("ip link set vb down");
  fail_if (gst_capture_source_next_payload (source, payload, NULL, NULL,
          &error));
  fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_LINK_DOWN);
  g_clear_error (&error);

  net_set_up ("vb", "va");
  net_send_frames ("va", 0, 1, SIZE, PORT);
  fail_unless (gst_capture_source_next_payload (source, payload, NULL, NULL,
          &error));
  check_payload (payload->data, payload->len, 0);

  net_remove ("va");
  for (guint i = 0; i < 2; i++) {
    fail_if (gst_capture_source_next_payload (source, payload, NULL, NULL,
            &error));
    fail_unless_equals_int (error->code, GST_CAPTURE_ERROR_NOT_FOUND);
    g_clear_error (&error);
  }
  g_object_unref (source);
  net_add_veth ("va", "vb");
}
GST_END_TEST

static void
ignore_signal (int number)
{
}

static void
interrupt_every (glong microseconds)
{
  const struct sigaction action = {.sa_handler = ignore_signal };
  const struct itimerval interval = {
    {0, microseconds}, {0, microseconds}
  };

  fail_unless_equals_int (sigaction (SIGALRM, &action, NULL), 0);
  fail_unless_equals_int (setitimer (ITIMER_REAL, &interval, NULL), 0);
}

/* The kernel does not tell of this one: it is seen although signals interrupt the
 * wait again and again. */
GST_START_TEST (test_removed_while_down)
{
  GstCaptureSource *source = open_source (NULL);
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GError) down = NULL;
  g_autoptr (GError) removed = NULL;

  net_run ("ip link set vb down");
  fail_if (gst_capture_source_next_payload (source, payload, NULL, NULL,
          &down));
  fail_unless_equals_int (down->code, GST_CAPTURE_ERROR_LINK_DOWN);

  net_remove ("va");
  interrupt_every (10000);
  fail_if (gst_capture_source_next_payload (source, payload, NULL, NULL,
          &removed));
  interrupt_every (0);
  fail_unless_equals_int (removed->code, GST_CAPTURE_ERROR_NOT_FOUND);
  g_object_unref (source);
  net_add_veth ("va", "vb");
}
GST_END_TEST

static gboolean
is_promiscuous (const gchar * interface)
{
  g_autofree gchar *command = g_strdup_printf ("ip -d link show %s", interface);
  g_autofree gchar *output = NULL;

  fail_unless (g_spawn_command_line_sync (command, &output, NULL, NULL, NULL));
  return strstr (output, "promiscuity 1") != NULL;
}

GST_START_TEST (test_promiscuous)
{
  GstAfringSource *source = gst_afring_source_new ("vb", NULL, "promiscuous",
      TRUE, NULL);
  const guint8 *view;
  gsize length;

  fail_unless (is_promiscuous ("vb"));
  /* what is held keeps the socket, but not the mode */
  net_send_frames ("va", 0, 1, SIZE, PORT);
  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &view, &length, NULL, NULL,
          NULL));
  gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL);
  fail_if (is_promiscuous ("vb"));
  g_object_unref (source);
}
GST_END_TEST

GST_START_TEST (test_link)
{
  g_autoptr (GstCaptureLink) link = gst_capture_link_new ("vb", NULL);
  g_autoptr (GstCaptureLink) lo = gst_capture_link_new ("lo", NULL);
  g_autoptr (GstCaptureLink) any = gst_capture_link_new ("any", NULL);
  g_autoptr (GstCaptureLink) first = gst_capture_link_new (NULL, NULL);
  GstAfringSource *source;

  fail_unless (gst_capture_link_get_index (link) > 1);
  fail_unless_equals_int (gst_capture_link_get_link_type (link), 1);
  fail_unless_equals_int (gst_capture_link_get_ip_offset (link), 14);
  fail_unless_equals_int (gst_capture_link_get_mtu (link), 1500);
  fail_unless (gst_capture_link_is_up (link));
  fail_if (gst_capture_link_is_loopback (link));
  fail_unless (gst_capture_link_is_loopback (lo));
  fail_unless_equals_int (gst_capture_link_get_link_type (any), 276);
  /* up and not loopback */
  fail_if (gst_capture_link_is_loopback (first));

  source = gst_afring_source_new_from_link (link, NULL, "snaplen", 64, NULL);
  fail_unless (source != NULL);
  fail_unless (gst_capture_source_get_link (GST_CAPTURE_SOURCE (source)) ==
      link);
  g_object_unref (source);
  net_run ("ip link set vb down");
  fail_if (gst_capture_link_is_up (link));
}
GST_END_TEST

static Suite *
source_suite (void)
{
  Suite *suite = suite_create ("source");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_next, 0, G_N_ELEMENTS (next_funcs));
  tcase_add_test (tc, test_unblock_wakes);
  tcase_add_test (tc, test_close_wakes);
  tcase_add_test (tc, test_unblock_loses_nothing);
  tcase_add_test (tc, test_closed);
  tcase_add_test (tc, test_filter_change);
  tcase_add_test (tc, test_errors);
  tcase_add_test (tc, test_not_permitted);
  tcase_add_test (tc, test_link_goes);
  tcase_add_test (tc, test_removed_while_down);
  tcase_add_test (tc, test_promiscuous);
  tcase_add_test (tc, test_link);
  return suite;
}

GST_CHECK_MAIN (source)
