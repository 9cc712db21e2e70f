/* Every option of a ring source in every combination, and what reading in place
 * allocates: nothing.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <stdlib.h>

/* Counts what this thread allocates while it counts. */
extern void *__libc_malloc (size_t size);
extern void *__libc_realloc (void *memory, size_t size);
extern void *__libc_calloc (size_t n, size_t size);

static __thread gboolean counting = FALSE;
static __thread guint allocations = 0;

void *
malloc (size_t size)
{
  allocations += counting;
  return __libc_malloc (size);
}

void *
realloc (void *memory, size_t size)
{
  allocations += counting;
  return __libc_realloc (memory, size);
}

void *
calloc (size_t n, size_t size)
{
  allocations += counting;
  return __libc_calloc (n, size);
}

#define N 300

static GstCapturePacket *
make_packet (guint i)
{
  GstCapturePacket *packet = gst_capture_packet_build ("10.0.0.1", "10.0.0.2",
      1000, 1 + i % 2, 17, (const guint8 *) "0123456789abcdef", 16, i % 5, 0,
      NULL);

  fail_unless (packet != NULL);
  return packet;
}

/* A frame as make_packet()'s with a VLAN tag, or without an IP layer. */
static GstCapturePacket *
make_other (gboolean tagged)
{
  guint8 bytes[64] = { 0, };

  GST_WRITE_UINT16_BE (bytes + 12, tagged ? 0x8100 : 0x0806);
  GST_WRITE_UINT16_BE (bytes + 16, 0x0800);
  bytes[18] = 0x45;
  return gst_capture_packet_new (bytes, sizeof (bytes), GST_PACKET_TYPE_HOST,
      sizeof (bytes), tagged ? 18 : 255);
}

static void
add (GstAfringMockSource * mock, GstCapturePacket * packet)
{
  fail_unless (gst_afring_mock_source_add_packet (mock, packet, NULL));
  gst_capture_packet_free (packet);
}

/* Of @i: plain or not, VLAN or not, and so on; how many of the packets pass. */
static void
check_combination (guint block_size, guint block_count, guint strategy,
    guint i)
{
  gboolean ip_only = i & 1, ignore_vlans = i >> 1 & 1, filter = i >> 2 & 1;
  guint direction = i >> 3 & 3;
  static const guint kept[] = { 54, 34, 48, 54, 54 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GstAfringMockSource *mock;
  GstCaptureSource *source;
  GstCaptureStats stats;
  guint expected = 0;

  if (direction == 3)
    return;
  mock = gst_afring_mock_source_new ("mock", &error,
      "block-size", block_size, "block-count", block_count,
      "snaplen-strategy", strategy, "promiscuous", i & 1, "ip-only", ip_only,
      "ignore-vlans", ignore_vlans, "direction", direction,
      "filter", filter ? "udp dst port 1" : NULL, "block-timeout", 1, NULL);
  fail_unless (mock != NULL, "%s", error ? error->message : "");
  source = GST_CAPTURE_SOURCE (mock);

  for (guint n = 0; n < 10; n++) {
    gboolean out = n % 5 == GST_PACKET_TYPE_OUTGOING;
    gboolean passes = (!filter || n % 2 == 0)
        && (direction == 0 || out == (direction == 2));

    add (mock, make_packet (n));
    expected += passes;
  }
  add (mock, make_other (FALSE));
  add (mock, make_other (TRUE));
  gst_afring_mock_source_run (mock, NULL);
  for (guint n = 0; n < expected; n++) {
    fail_unless (gst_capture_source_next_payload (source, bytes, NULL, NULL,
            NULL));
    fail_unless_equals_int (bytes->len, kept[strategy]);
  }
  if (direction != 2 && !filter)
    expected += !ip_only + !ignore_vlans;
  fail_unless (gst_capture_source_get_stats (source, &stats, NULL));
  fail_unless_equals_int (stats.packets_received, expected);
  g_object_unref (source);
}

GST_START_TEST (test_combinations)
{
  static const guint sizes[] = { 4096, 65536, 1 << 20 };
  static const guint counts[] = { 1, 2, 5, 512 };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (guint c = 0; c < G_N_ELEMENTS (counts); c++) {
      for (guint strategy = 0; strategy < 5; strategy++) {
        for (guint i = 0; i < 32; i++) {
          if ((guint64) sizes[s] * counts[c] <= 64 << 20)
            check_combination (sizes[s], counts[c], strategy, i);
        }
      }
    }
  }
}
GST_END_TEST

/* Reading in place, within a block: not one allocation. */
GST_START_TEST (test_no_allocation)
{
  GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", NULL,
      "block-size", 1 << 20, "block-count", 2, NULL);
  GstCaptureSource *source = GST_CAPTURE_SOURCE (mock);
  GstCaptureSourceZeroCopy *zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (mock);
  GstCapturePacket *packet = gst_capture_source_new_packet (source);
  GByteArray *bytes = g_byte_array_new ();
  const guint8 *view;
  gboolean ok = TRUE;
  gsize length;

  for (guint i = 0; i < 5 * N; i++)
    add (mock, make_packet (i));
  gst_afring_mock_source_finalize_block (mock, FALSE);
  gst_afring_mock_source_run (mock, NULL);
  for (guint i = 0; i < N; i++) {
    /* the first round takes the block and grows the array */
    counting = i > 0;
    ok &= gst_capture_source_next_packet (source, &packet, NULL);
    ok &= gst_capture_source_next_payload (source, bytes, NULL, NULL, NULL);
    ok &= gst_capture_source_next_ip_packet (source, bytes, NULL, NULL, NULL);
    ok &= gst_capture_source_zero_copy_next_payload (zero_copy, &view, &length,
        NULL, NULL, NULL);
    ok &= gst_capture_source_zero_copy_next_ip_packet (zero_copy, &view,
        &length, NULL, NULL, NULL);
    counting = FALSE;
  }
  fail_unless (ok);
  fail_unless_equals_int (allocations, 0);

  /* and the counter counts */
  counting = TRUE;
  g_free (g_malloc (1));
  counting = FALSE;
  fail_unless_equals_int (allocations, 1);
  gst_capture_packet_free (packet);
  g_byte_array_unref (bytes);
  g_object_unref (source);
}
GST_END_TEST

static Suite *
options_suite (void)
{
  Suite *suite = suite_create ("options");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  /* valgrind has a malloc of its own */
  if (g_getenv ("AFRING_MEMCHECK") == NULL) {
    tcase_add_test (tc, test_combinations);
    tcase_add_test (tc, test_no_allocation);
  }
  return suite;
}

GST_CHECK_MAIN (options)
