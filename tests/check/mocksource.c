/* The mock ring: the ring's own code without a network.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

/* valgrind takes some fifty times as long */
#define IS_MEMCHECK (g_getenv ("AFRING_MEMCHECK") != NULL)
#define N_ROUNDS (IS_MEMCHECK ? 3u : 100u)
#define N_DISTINCT 100

/* Packet number @i of N_DISTINCT: its addresses, ports, length, type and bytes
 * all follow from the number. */
static GstCapturePacket *
make_packet (guint i)
{
  g_autofree gchar *src = g_strdup_printf ("10.0.%u.1", i);
  g_autofree gchar *dst = g_strdup_printf ("10.1.%u.2", i);
  guint8 extra[200];
  GstCapturePacket *packet;

  for (guint j = 0; j < sizeof (extra); j++)
    extra[j] = i + j;
  packet = gst_capture_packet_build (src, dst, 1000 + i, 2000 + i, 17, extra,
      i, i % 5, 100 + i, NULL);
  fail_unless (packet != NULL);
  return packet;
}

static GstCaptureSource *
make_source (const gchar * property, guint value)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSource *source = gst_afring_mock_source_new ("mock", &error,
      "block-size", 65536, "block-count", 8, property, value, NULL);

  fail_unless (source != NULL, "%s", error ? error->message : "");
  return GST_CAPTURE_SOURCE (source);
}

static gpointer
add_packets (gpointer data)
{
  for (guint i = 0; i < N_ROUNDS * N_DISTINCT; i++) {
    GstCapturePacket *packet = make_packet (i % N_DISTINCT);

    fail_unless (gst_afring_mock_source_add_packet (data, packet, NULL));
    gst_capture_packet_free (packet);
  }
  gst_afring_mock_source_done (data);
  return NULL;
}

static void
check_bytes (guint i, gsize skip, const guint8 * payload, gsize length,
    GstPacketType type, guint32 total, gsize snaplen)
{
  GstCapturePacket *expected = make_packet (i % N_DISTINCT);
  const guint8 *bytes;
  gsize n;

  bytes = gst_capture_packet_get_payload (expected, &n);
  n = MIN (n, snaplen);
  fail_unless_equals_int (length, n - skip);
  fail_unless (memcmp (payload, bytes + skip, length) == 0);
  fail_unless_equals_int (type, i % N_DISTINCT % 5);
  fail_unless_equals_int (total, 100 + i % N_DISTINCT);
  gst_capture_packet_free (expected);
}

typedef struct
{
  guint n;
  gsize snaplen;
} Expected;

static gboolean
check_in_function (const guint8 * payload, gsize length, guint32 total,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  Expected *expected = user_data;

  fail_unless_equals_int (ip_offset, 14);
  check_bytes (expected->n, 0, payload, length, type, total,
      expected->snaplen);
  return TRUE;
}

/* The nine ways to read. */
static void
read_one (GstCaptureSource * source, guint method, guint i, gsize snaplen)
{
  static GstCapturePacket *kept = NULL;
  static GByteArray *kept_bytes = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GstCapturePacket) fresh = NULL;
  GstCaptureSourceZeroCopy *zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  Expected expected = { i, snaplen };
  const guint8 *payload;
  GstPacketType type;
  guint32 total;
  gsize length;

  if (kept == NULL)
    kept = gst_capture_source_new_packet (source);
  if (kept_bytes == NULL)
    kept_bytes = g_byte_array_new ();

  switch (method) {
    case 0:
    case 1:{
      GstCapturePacket **packet = method == 0 ? &fresh : &kept;

      fail_unless (gst_capture_source_next_packet (source, packet, NULL));
      payload = gst_capture_packet_get_payload (*packet, &length);
      check_bytes (i, 0, payload, length,
          gst_capture_packet_get_packet_type (*packet),
          gst_capture_packet_get_total_length (*packet), snaplen);
      payload = gst_capture_packet_get_ip_layer (*packet, &length);
      fail_unless_equals_int (payload[0], 0x45);
      break;
    }
    case 2:
    case 3:{
      GByteArray *array = method == 2 ? bytes : kept_bytes;

      fail_unless (gst_capture_source_next_payload (source, array, &type,
              &total, NULL));
      check_bytes (i, 0, array->data, array->len, type, total, snaplen);
      break;
    }
    case 4:
    case 5:{
      GByteArray *array = method == 4 ? bytes : kept_bytes;

      fail_unless (gst_capture_source_next_ip_packet (source, array, &type,
              &total, NULL));
      check_bytes (i, 14, array->data, array->len, type, total, snaplen);
      break;
    }
    case 6:
      fail_unless (gst_capture_source_zero_copy_next_payload (zero_copy,
              &payload, &length, &type, &total, NULL));
      check_bytes (i, 0, payload, length, type, total, snaplen);
      break;
    case 7:
      fail_unless (gst_capture_source_zero_copy_next_ip_packet (zero_copy,
              &payload, &length, &type, &total, NULL));
      check_bytes (i, 14, payload, length, type, total, snaplen);
      break;
    case 8:
      fail_unless (gst_capture_source_next_packet_fn (source,
              check_in_function, &expected, NULL));
      break;
  }
}

static void
check_method (guint method, gsize snaplen)
{
  GstCaptureSource *source = make_source ("snaplen", snaplen);
  GThread *thread = g_thread_new ("add", add_packets, source);
  GstCaptureStats stats;

  fail_unless (gst_afring_mock_source_run (GST_AFRING_MOCK_SOURCE (source),
          NULL));
  for (guint i = 0; i < N_ROUNDS * N_DISTINCT; i++)
    read_one (source, method, i, snaplen);
  g_thread_join (thread);
  fail_unless (gst_afring_mock_source_wait (GST_AFRING_MOCK_SOURCE (source),
          NULL));
  fail_unless (gst_capture_source_get_stats (source, &stats, NULL));
  fail_unless_equals_int (stats.packets_received, N_ROUNDS * N_DISTINCT);
  fail_unless_equals_int (stats.packets_dropped, 0);
  g_object_unref (source);
}

GST_START_TEST (test_methods)
{
  check_method (__i__, 65536);
  check_method (__i__, 60);
}
GST_END_TEST

/* Adding until there is no room, before run(); then all of it is read. */
GST_START_TEST (test_fill)
{
  static const guint sizes[] = { 4096, 16384, 1 << 20, 10 << 20 };
  static const guint counts[] = { 1, 2, 7, 64 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (guint c = 0; c < G_N_ELEMENTS (counts); c++) {
      GstAfringMockSource *source;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      guint8 large[1400] = { 0, };
      g_autoptr (GstCapturePacket) packet = gst_capture_packet_new (large,
          sizeof (large), GST_PACKET_TYPE_HOST, sizeof (large), 14);
      GstCaptureStats stats;
      guint n = 0;

      if ((guint64) sizes[s] * counts[c] > (IS_MEMCHECK ? 256 << 10 :
              64 << 20))
        continue;
      source = gst_afring_mock_source_new ("mock", NULL, "block-size", sizes[s],
          "block-count", counts[c], "snaplen", 1400, NULL);
      while (gst_afring_mock_source_can_add_packets (source)) {
        fail_unless (gst_afring_mock_source_add_packet (source, packet, NULL));
        n++;
      }
      fail_unless (n >= counts[c] * (sizes[s] / 2048));
      gst_capture_source_get_stats (GST_CAPTURE_SOURCE (source), &stats, NULL);
      fail_unless_equals_int (stats.packets_received, n);

      gst_afring_mock_source_run (source, NULL);
      gst_afring_mock_source_done (source);
      for (guint i = 0; i < n; i++) {
        fail_unless (gst_capture_source_next_payload (GST_CAPTURE_SOURCE
                (source), bytes, NULL, NULL, NULL));
        fail_unless_equals_int (bytes->len, 1400);
      }
      fail_unless (gst_afring_mock_source_wait (source, NULL));
      g_object_unref (source);
    }
  }
}
GST_END_TEST

static gpointer
read_until_stopped (gpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;

  while (gst_capture_source_next_payload (data, bytes, NULL, NULL, &error))
    n++;
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_STOPPED));
  return GUINT_TO_POINTER (n);
}

#define N_EACH (IS_MEMCHECK ? 200u : 5000u)

static gpointer
add_some (gpointer mock)
{
  for (guint i = 0; i < N_EACH; i++) {
    g_autoptr (GstCapturePacket) packet = make_packet (i % N_DISTINCT);

    fail_unless (gst_afring_mock_source_add_packet (mock, packet, NULL));
  }
  return NULL;
}

/* Four producers, one reader, closed from here when all has been read. */
GST_START_TEST (test_producers)
{
  GstCaptureSource *source = make_source (NULL, 0);
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (source);
  GThread *reader = g_thread_new ("read", read_until_stopped, source);
  GThread *producers[4];
  GstCaptureStats stats;

  gst_afring_mock_source_run (mock, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (producers); i++)
    producers[i] = g_thread_new ("add", add_some, mock);
  for (guint i = 0; i < G_N_ELEMENTS (producers); i++)
    g_thread_join (producers[i]);
  gst_capture_source_get_stats (source, &stats, NULL);
  gst_afring_mock_source_done (mock);
  gst_afring_mock_source_wait (mock, NULL);
  g_usleep (200000);
  fail_unless (gst_capture_source_close (source, NULL));
  fail_if (gst_capture_source_close (source, NULL));
  fail_unless_equals_int (GPOINTER_TO_UINT (g_thread_join (reader)),
      N_EACH * G_N_ELEMENTS (producers));
  fail_unless_equals_int (stats.packets_received,
      N_EACH * G_N_ELEMENTS (producers));
  g_object_unref (source);
}
GST_END_TEST

/* As in the kernel: with one block held nothing goes on, and then all does. */
GST_START_TEST (test_held_block_freezes)
{
  GstCaptureSource *source = make_source (NULL, 0);
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (source);
  const guint8 *view;
  gsize length;
  guint n = 0;

  gst_afring_mock_source_run (mock, NULL);
  for (; gst_afring_mock_source_can_add_packets (mock); n++) {
    g_autoptr (GstCapturePacket) packet = make_packet (n % N_DISTINCT);

    gst_afring_mock_source_add_packet (mock, packet, NULL);
  }
  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &view, &length, NULL, NULL,
          NULL));
  check_bytes (0, 0, view, length, 0, 100, 65536);
  fail_if (gst_afring_mock_source_can_add_packets (mock));
  for (guint i = 1; i < n; i++)
    read_one (source, 2, i, 65536);
  gst_capture_source_unblock (source, NULL);
  fail_if (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &view, &length, NULL, NULL,
          NULL));
  fail_unless (gst_afring_mock_source_can_add_packets (mock));
  g_object_unref (source);
}
GST_END_TEST

static void
count_signal (GstAfringMockSource * source, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static gboolean
count_added (const guint8 * payload, gsize length, guint32 total,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  g_atomic_int_inc ((gint *) user_data);
  return TRUE;
}

/* A mock into a mock with a smaller snaplen. */
GST_START_TEST (test_pipe)
{
  GstCaptureSource *from = make_source ("snaplen", 200);
  GstCaptureSource *to = make_source ("snaplen", 50);
  GThread *thread = g_thread_new ("add", add_packets, from);
  gint done = 0, added = 0;

  g_signal_connect (to, "reading-done", G_CALLBACK (count_signal), &done);
  gst_afring_mock_source_set_packet_added_func (GST_AFRING_MOCK_SOURCE (to),
      count_added, &added, NULL);
  gst_afring_mock_source_run (GST_AFRING_MOCK_SOURCE (from), NULL);
  fail_unless (gst_afring_mock_source_pipe (GST_AFRING_MOCK_SOURCE (to), from,
          NULL));
  fail_if (gst_afring_mock_source_pipe (GST_AFRING_MOCK_SOURCE (to), from,
          NULL));
  for (guint i = 0; i < N_ROUNDS * N_DISTINCT; i++)
    read_one (to, 2, i, 50);
  g_thread_join (thread);
  gst_capture_source_close (from, NULL);
  fail_unless (gst_afring_mock_source_wait (GST_AFRING_MOCK_SOURCE (to), NULL));
  fail_unless_equals_int (done, 1);
  fail_unless_equals_int (added, N_ROUNDS * N_DISTINCT);
  g_object_unref (to);
  g_object_unref (from);
}
GST_END_TEST

GST_START_TEST (test_no_drain)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSourceNoDrain *source =
      gst_afring_mock_source_no_drain_new ("mock", &error, "block-size", 4096,
      "block-count", 4, "snaplen", 60, NULL);
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (source);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint n = 0;

  fail_if (gst_afring_mock_source_no_drain_run (source, 0, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_NOT_POPULATED));
  g_clear_error (&error);

  for (; gst_afring_mock_source_can_add_packets (mock); n++) {
    g_autoptr (GstCapturePacket) packet = make_packet (n % N_DISTINCT);

    gst_afring_mock_source_add_packet (mock, packet, NULL);
  }
  fail_unless (gst_afring_mock_source_no_drain_run (source, 0, &error));
  /* the same packets, round and round */
  for (guint i = 0; i < (IS_MEMCHECK ? 3 : 50) * n; i++)
    read_one (GST_CAPTURE_SOURCE (source), i % 9, i % n, 60);

  gst_afring_mock_source_done (mock);
  fail_unless (gst_afring_mock_source_wait (mock, NULL));
  fail_unless (gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL));
  fail_if (gst_capture_source_next_payload (GST_CAPTURE_SOURCE (source), bytes,
          NULL, NULL, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_STOPPED));
  g_object_unref (source);
}
GST_END_TEST

/* What the kernel's program would do on a socket. */
GST_START_TEST (test_selection)
{
  GstCaptureSource *source = GST_CAPTURE_SOURCE (gst_afring_mock_source_new
      ("mock", NULL, "ip-only", TRUE, "ignore-vlans", TRUE, "filter",
          "udp port 1007", NULL));
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (source);
  guint8 arp[60] = { 0, };
  g_autoptr (GstCapturePacket) packet = NULL;
  GstCaptureStats stats;

  GST_WRITE_UINT16_BE (arp + 12, 0x0806);
  packet = gst_capture_packet_new (arp, 60, GST_PACKET_TYPE_HOST, 60, 255);
  gst_afring_mock_source_add_packet (mock, packet, NULL);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (GstCapturePacket) udp = make_packet (i);

    gst_afring_mock_source_add_packet (mock, udp, NULL);
  }
  gst_capture_source_get_stats (source, &stats, NULL);
  fail_unless_equals_int (stats.packets_received, 1);
  gst_afring_mock_source_run (mock, NULL);
  read_one (source, 2, 7, 65536);
  g_object_unref (source);
}
GST_END_TEST

static Suite *
mocksource_suite (void)
{
  Suite *suite = suite_create ("mocksource");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_methods, 0, 9);
  tcase_add_test (tc, test_fill);
  tcase_add_test (tc, test_producers);
  tcase_add_test (tc, test_held_block_freezes);
  tcase_add_test (tc, test_pipe);
  tcase_add_test (tc, test_no_drain);
  tcase_add_test (tc, test_selection);
  return suite;
}

GST_CHECK_MAIN (mocksource)
