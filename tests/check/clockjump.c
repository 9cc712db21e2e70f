/* CLOCK_REALTIME is set while a capture runs: running times go on, capture times are as the
 * kernel gave them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/afring/ring/gstafringbuffers.h>
#include <gst/afring/ring/gstafringmocksource-private.h>
#include <gst/afring/ring/gstafringsource-private.h>
#include <gst/check/gstcheck.h>

#define HOUR (3600 * GST_SECOND)
#define GROUP 4

/* Packets of one block, and when it was read: running time, and the real time. */
typedef struct
{
  GstClockTime captured[GROUP];
  GstClockTime running_time;
  GstClockTime real_time;
} Group;

/* Running time from a second on, real time from some day on. */
#define R(ms) (GST_SECOND + (ms) * GST_MSECOND)
#define T(ms) (G_GUINT64_CONSTANT (1700000000) * GST_SECOND + (ms) * GST_MSECOND)

/* A ring with a block for each group. */
static GstAfringSource *
open_ring (const Group * groups, guint n)
{
  static const guint8 bytes[60] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0 };
  GError *error = NULL;
  GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", &error,
      "block-size", 65536, "block-count", 8, NULL);

  for (guint i = 0; i < n; i++) {
    for (guint j = 0; j < GROUP; j++) {
      GstAfringMockPacket packet = {
        bytes, sizeof (bytes), sizeof (bytes), GST_PACKET_TYPE_HOST, 1,
        groups[i].captured[j]
      };

      fail_unless (gst_afring_mock_source_store (mock, &packet, &error));
    }
    gst_afring_mock_source_finalize_block (mock, TRUE);
  }
  fail_unless (gst_afring_mock_source_run (mock, &error));
  return GST_AFRING_SOURCE (mock);
}

/* The timestamps of the next group, as it was read. */
static void
read_group (GstAfringSource * source, GstAfringBuffers * buffers,
    const Group * group, GstClockTime timestamps[GROUP])
{
  GstAfringLease *lease = gst_afring_source_next_lease (source, -1, NULL);
  GstCaptureFilter *filter;
  GstAfringWalk walk;
  GstBufferList *list;
  guint64 bytes = 0;

  fail_unless (lease != NULL);
  buffers->stamper.running_time = group->running_time;
  buffers->stamper.real_time = group->real_time;
  gst_afring_source_start_walk (source, lease, &walk, &filter);
  list = gst_afring_buffers_make_list (buffers, &walk, lease, G_MAXUINT, &bytes);
  fail_unless (list != NULL && gst_buffer_list_length (list) == GROUP);
  for (guint i = 0; i < GROUP; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    timestamps[i] = GST_BUFFER_PTS (buffer);
    fail_unless_equals_clocktime (gst_buffer_get_packet_meta
        (buffer)->capture_time, group->captured[i]);
  }
  gst_buffer_list_unref (list);
  gst_afring_lease_unref (lease);
}

static void
check (const Group * groups, const GstClockTime expected[][GROUP], guint n)
{
  GstAfringSource *source = open_ring (groups, n);
  GstAfringBuffers buffers = {.link_type = 1 };
  GstClockTime timestamps[GROUP];

  buffers.stamper.last = buffers.stamper.first = GST_CLOCK_TIME_NONE;
  for (guint i = 0; i < n; i++) {
    read_group (source, &buffers, &groups[i], timestamps);
    for (guint j = 0; j < GROUP; j++)
      fail_unless_equals_clocktime (timestamps[j], expected[i][j]);
  }
  gst_afring_mock_source_done (GST_AFRING_MOCK_SOURCE (source));
  gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL);
  g_object_unref (source);
}

/* What was captured before and read after it is as old as can be: not older than what came
 * before it. */
GST_START_TEST (test_set_forward)
{
  const Group groups[] = {
    {{T (0), T (1), T (2), T (3)}, R (5), T (5)},
    {{T (6), T (7), T (8) + HOUR, T (9) + HOUR}, R (10), T (10) + HOUR},
    {{T (11) + HOUR, T (12) + HOUR, T (13) + HOUR, T (14) + HOUR},
        R (15), T (15) + HOUR},
  };
  const GstClockTime expected[][GROUP] = {
    {R (0), R (1), R (2), R (3)},
    {R (3), R (3), R (8), R (9)},
    {R (11), R (12), R (13), R (14)},
  };

  check (groups, expected, G_N_ELEMENTS (groups));
}
GST_END_TEST

/* What is of the future is of now. */
GST_START_TEST (test_set_back)
{
  const Group groups[] = {
    {{T (0), T (1), T (2), T (3)}, R (5), T (5)},
    {{T (6), T (7), T (8) - HOUR, T (9) - HOUR}, R (10), T (10) - HOUR},
    {{T (11) - HOUR, T (12) - HOUR, T (13) - HOUR, T (14) - HOUR},
        R (15), T (15) - HOUR},
  };
  const GstClockTime expected[][GROUP] = {
    {R (0), R (1), R (2), R (3)},
    {R (10), R (10), R (10), R (10)},
    {R (11), R (12), R (13), R (14)},
  };

  check (groups, expected, G_N_ELEMENTS (groups));
}
GST_END_TEST

static Suite *
clockjump_suite (void)
{
  Suite *suite = suite_create ("clockjump");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_set_forward);
  tcase_add_test (tc, test_set_back);
  return suite;
}

GST_CHECK_MAIN (clockjump)
