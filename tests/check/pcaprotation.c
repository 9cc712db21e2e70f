/* When a file of a recording is due by the clock on the wall.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "recorder/pcaprotation.h"

#include <gst/check/gstcheck.h>

#define HOUR (3600 * GST_SECOND)
/* Set an hour ahead from the last Sunday of March to that of October. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static const struct
{
  const gchar *zone;
  const gchar *now;
  GstClockTime interval;
  const gchar *expected;        /* with its zone: an hour can be there twice */
} rows[] = {
  {"UTC", "2026-07-01T10:20:30", HOUR, "2026-07-01T11:00:00Z"},
  {"UTC", "2026-07-01T11:00:00", HOUR, "2026-07-01T12:00:00Z"},
  {"UTC", "2026-07-01T23:59:59.5", HOUR, "2026-07-02T00:00:00Z"},
  {"UTC", "2026-07-01T00:00:00", 5 * HOUR, "2026-07-01T05:00:00Z"},
  /* midnight always begins one */
  {"UTC", "2026-07-01T21:00:00", 5 * HOUR, "2026-07-02T00:00:00Z"},
  {"UTC", "2026-07-01T21:00:00", 100 * HOUR, "2026-07-02T00:00:00Z"},
  {"UTC", "2026-12-31T23:30:00", HOUR, "2027-01-01T00:00:00Z"},
  {"UTC", "2026-07-01T10:20:30.2", GST_SECOND / 4, "2026-07-01T10:20:30.25Z"},
  {"UTC", "2026-07-01T10:20:30", 90 * GST_SECOND, "2026-07-01T10:21:00Z"},
  {"+05:30", "2026-07-01T10:20:30", HOUR, "2026-07-01T11:00:00+05:30"},
  {BERLIN, "2026-07-01T10:20:30", 6 * HOUR, "2026-07-01T12:00:00+02:00"},
  /* the day of 23 hours: 02:00 is not there */
  {BERLIN, "2026-03-29T01:30:00", HOUR, "2026-03-29T03:00:00+02:00"},
  {BERLIN, "2026-03-29T04:00:00", 6 * HOUR, "2026-03-29T07:00:00+02:00"},
  {BERLIN, "2026-03-29T20:00:00", 6 * HOUR, "2026-03-30T00:00:00+02:00"},
  /* and of 25 */
  {BERLIN, "2026-10-25T03:30:00", HOUR, "2026-10-25T04:00:00+01:00"},
  {BERLIN, "2026-10-25T05:30:00", 6 * HOUR, "2026-10-25T11:00:00+01:00"},
  {BERLIN, "2026-10-25T23:30:00", 6 * HOUR, "2026-10-26T00:00:00+01:00"},
};

GST_START_TEST (test_boundary)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (rows[__i__].zone);
  g_autoptr (GDateTime) now = NULL, expected = NULL;

  fail_unless (zone != NULL, "%s", rows[__i__].zone);
  now = g_date_time_new_from_iso8601 (rows[__i__].now, zone);
  expected = g_date_time_new_from_iso8601 (rows[__i__].expected, NULL);
  fail_unless_equals_int64 (pcap_rotation_get_boundary (now,
          rows[__i__].interval), g_date_time_to_unix (expected) * G_USEC_PER_SEC
      + g_date_time_get_microsecond (expected));
}
GST_END_TEST

/* Each second of the clock has a file, and none is early. */
GST_START_TEST (test_by_clock)
{
  PcapRotation rotation;
  gint64 last = 0;

  pcap_rotation_init (&rotation, 0, GST_SECOND);
  for (guint i = 0; i < 3; i++) {
    gint64 next;

    pcap_rotation_begin (&rotation);
    while (!pcap_rotation_is_due (&rotation)) {
      next = pcap_rotation_get_next (&rotation);
      fail_unless (next <= g_get_monotonic_time () + G_USEC_PER_SEC);
      g_usleep (MAX (next - g_get_monotonic_time (), 1));
    }
    fail_unless (g_get_real_time () / G_USEC_PER_SEC > last);
    last = g_get_real_time () / G_USEC_PER_SEC;
  }
}
GST_END_TEST

GST_START_TEST (test_by_duration)
{
  PcapRotation rotation;

  pcap_rotation_init (&rotation, 0, 0);
  pcap_rotation_begin (&rotation);
  fail_if (pcap_rotation_is_due (&rotation));
  fail_unless_equals_int64 (pcap_rotation_get_next (&rotation), G_MAXINT64);

  pcap_rotation_init (&rotation, GST_MSECOND, HOUR);
  pcap_rotation_begin (&rotation);
  fail_unless (pcap_rotation_get_next (&rotation) <= g_get_monotonic_time ()
      + 1000);
  g_usleep (1000);
  fail_unless (pcap_rotation_is_due (&rotation));
}
GST_END_TEST

static Suite *
pcaprotation_suite (void)
{
  Suite *suite = suite_create ("pcaprotation");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_boundary, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_by_clock);
  tcase_add_test (tc, test_by_duration);
  return suite;
}

GST_CHECK_MAIN (pcaprotation)
