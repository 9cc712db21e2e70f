/* A week in which the clock is set back for the winter, with a file each minute: none is
 * lost, none is named twice, and each has the packets of its minute.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "sinkrun.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <string.h>

/* 2026-10-22 00:00:00 in Berlin, three days before. Seconds. */
#define BEGIN G_GINT64_CONSTANT (1792620000)
#define MINUTE 60
#define A_MINUTE 3              /* packets */

static gint64 now;              /* microseconds since 1970 */

/* In the place of GLib's, for the plugin, too. */

gint64
g_get_real_time (void)
{
  return now;
}

GDateTime *
g_date_time_new_now_local (void)
{
  return g_date_time_new_from_unix_local (now / G_USEC_PER_SEC);
}

static guint
get_minutes (void)
{
  return (g_getenv ("AFRING_MEMCHECK") != NULL ? 1 : 7 * 24) * 60;
}

/* The first of a minute begins a file, which gets its name before the clock goes on. */
static void
push (guint n)
{
  GstBuffer *buffer = gst_buffer_new_memdup (&n, sizeof (n));

  gst_buffer_add_packet_meta (buffer)->capture_time = now * 1000;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  if (n % A_MINUTE == 0)
    g_signal_emit_by_name (sink, "flush");
}

/* All are of one minute, and follow each other. */
static guint
check_file (const gchar * path, GHashTable * seen)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (path, &error);
  GstPcapPacket packet;
  guint number, before = G_MAXUINT, n = 0;

  fail_unless (source != NULL, "%s: %s", path, error ? error->message : "");
  for (; gst_pcap_source_next (source, &packet, &error); n++) {
    memcpy (&number, packet.data, sizeof (number));
    fail_unless (g_hash_table_add (seen, GUINT_TO_POINTER (number + 1)));
    fail_unless (before == G_MAXUINT || (number == before + 1
            && number / A_MINUTE == before / A_MINUTE), "%s", path);
    before = number;
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s: %s", path, error->message);
  return n;
}

/* Of the location that the bus tells of, no two are the same. */
static guint
check_files (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, "GstPcapSinkFileClosed")) {
      gchar *name = g_strdup (gst_structure_get_string
          (gst_message_get_structure (message), "location"));

      fail_unless (!g_hash_table_contains (names, name), "%s", name);
      g_hash_table_add (names, name);
      n += check_file (name, seen);
    }
    gst_message_unref (message);
  }
  fail_unless_equals_int (g_hash_table_size (names), folder_count (folder));
  fail_unless_equals_int (g_hash_table_size (seen), n);
  return n;
}

GST_START_TEST (test_week)
{
  guint minutes = get_minutes ();
  guint pushed = 0;

  g_setenv ("TZ", "Europe/Berlin", TRUE);
  now = BEGIN * G_USEC_PER_SEC;
  sink_run_play ("w-%Y%m%d-%H%M%S.pcapng", "rotate-at=60000000000 "
      "sync-mode=never direct-io=never", PACKETS);
  for (guint i = 0; i < minutes; i++) {
    for (guint j = 0; j < A_MINUTE; j++) {
      now = (BEGIN + i * MINUTE + j * MINUTE / A_MINUTE) * G_USEC_PER_SEC;
      push (pushed++);
    }
  }
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), minutes);
  fail_unless_equals_int (check_files (), pushed);
  fail_unless_equals_int (folder_count (folder), minutes);
  if (minutes == 7 * 24 * 60) {
    g_autofree gchar *once = sink_run_path_of ("w-20261025-023000.pcapng");
    g_autofree gchar *again = sink_run_path_of ("w-20261025-023000-04530.pcapng");

    /* half past two came twice */
    fail_unless (g_file_test (once, G_FILE_TEST_EXISTS));
    fail_unless (g_file_test (again, G_FILE_TEST_EXISTS));
  }
}
GST_END_TEST;

static Suite *
weeks_suite (void)
{
  Suite *s = suite_create ("weeks");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 300);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_test (tc, test_week);
  return s;
}

GST_CHECK_MAIN (weeks);
