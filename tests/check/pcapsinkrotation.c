/* pcapsink: when a new file begins, what it is called, that it is complete in
 * itself, and that all files together are what was pushed.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <unistd.h>

#define START (G_GUINT64_CONSTANT (1700000000123456789))
/* Files are in the byte order of this machine. */
#define U(bits, p) (G_BYTE_ORDER == G_LITTLE_ENDIAN ? \
    GST_READ_UINT##bits##_LE (p) : GST_READ_UINT##bits##_BE (p))
#define LIMIT 4000
#define BIG 5000                /* every hundredth packet */
#define SIGNAL "by-signal-%d"   /* a location that the signal takes over */

static gchar *folder;
static GstElement *sink;
static GstBus *bus;
static GstHarness *harness;
static guint n_pushed;
static GPtrArray *opened;       /* locations of files not closed yet */
static GPtrArray *closed;       /* GstStructure of the messages */
static gboolean eos;

static void
setup (void)
{
  folder = folder_new (FALSE);
  bus = gst_bus_new ();
  closed = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  opened = g_ptr_array_new_with_free_func (g_free);
  n_pushed = eos = 0;
}

static void
teardown (void)
{
  gst_harness_teardown (harness);
  gst_object_unref (sink);
  /* its messages hold the sink, which holds it */
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
  g_ptr_array_unref (closed);
  g_ptr_array_unref (opened);
  folder_remove (folder);
}

static guint
many (guint n)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL ? n / 10 : n;
}

static guint
length_of (guint n)
{
  return n % 100 == 50 ? BIG : n * 31 % 900;
}

static GstBuffer *
make_packet (guint n)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, length_of (n), NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  gst_buffer_memset (buffer, 0, n, -1);
  gst_buffer_fill (buffer, 0, &n, MIN (sizeof (n), length_of (n)));
  meta->capture_time = START + n * 1001;
  meta->wire_length = length_of (n) + 7;
  meta->interface_id = 2 + n % 2;
  return buffer;
}

/* In lists of @length, or each for itself if that is 0. */
static void
push (guint n, guint length)
{
  for (guint end = n_pushed + n; n_pushed < end;) {
    GstBufferList *list = gst_buffer_list_new ();

    for (guint i = 0; i < length && n_pushed < end; i++)
      gst_buffer_list_add (list, make_packet (n_pushed++));
    fail_unless_equals_int (length > 0 ? gst_pad_push_list (harness->srcpad,
            list) : gst_harness_push (harness, make_packet (n_pushed++)),
        GST_FLOW_OK);
    if (length == 0)
      gst_buffer_list_unref (list);
  }
}

static gchar *
format_location (GstElement * element, guint index, gpointer user_data)
{
  return g_strdup_printf ("%s/%c.pcapng", folder, 'a' + index);
}

/* Caps, a segment and what is known of the interfaces, but no packet yet. */
static void
play (const gchar * name, const gchar * properties)
{
  GstCaptureInterface eth = {.id = 2,.link_type = 1,.name = "eth7" };
  GstCaptureInterface wlan = {.id = 3,.link_type = 1,.name = "wlan8" };
  g_autofree gchar *line = g_strdup_printf ("pcapsink location=%s/%s %s",
      folder, name, properties);
  g_autoptr (GError) error = NULL;

  sink = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (sink);
  gst_element_set_bus (sink, bus);
  gst_tag_setter_add_tags (GST_TAG_SETTER (sink), GST_TAG_MERGE_REPLACE,
      GST_TAG_TITLE, "Rack 7", GST_TAG_COMMENT, "f\303\274r Anna", NULL);
  if (g_str_equal (name, SIGNAL))
    g_signal_connect (sink, "format-location", G_CALLBACK (format_location),
        NULL);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_use_systemclock (harness);
  gst_harness_set_src_caps_str (harness,
      "application/x-packet, link-type=(int)1");
  gst_harness_push_event (harness, gst_event_new_capture_interface (&eth));
  gst_harness_push_event (harness, gst_event_new_capture_interface (&wlan));
}

/* Takes in messages until @n files are closed, or the end. */
static void
wait_closed (guint n)
{
  while (closed->len < n && !eos) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
        8 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR
        | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);
    const GstStructure *structure;
    const gchar *location;

    fail_unless (message != NULL, "only %u files closed", closed->len);
    structure = gst_message_get_structure (message);
    location = structure ? gst_structure_get_string (structure, "location") :
        NULL;
    if (gst_message_has_name (message, "GstPcapSinkFileOpened")) {
      g_ptr_array_add (opened, g_strdup (location));
    } else if (gst_message_has_name (message, "GstPcapSinkFileClosed")) {
      fail_unless (opened->len > 0
          && g_str_equal (location, g_ptr_array_index (opened, 0)));
      g_ptr_array_remove_index (opened, 0);
      g_ptr_array_add (closed, gst_structure_copy (structure));
    } else {
      assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
      eos = TRUE;
    }
  }
}

static guint64
get_number (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (structure, field, &value), "%s",
      field);
  return value;
}

#define get_closed(i, field) get_number (g_ptr_array_index (closed, i), field)
#define get_location(i) \
    gst_structure_get_string (g_ptr_array_index (closed, i), "location")

/* Both tags are comments of the section header, and interfaces come next. */
static void
check_start (const gchar * location)
{
  g_autofree gchar *contents = NULL;
  gsize length = 0, end, size;
  guint found = 0;

  fail_unless (g_file_get_contents (location, &contents, &length, NULL));
  fail_unless_equals_int_hex (U (32, contents), 0x0a0d0d0a);
  end = U (32, contents + 4);
  for (gsize at = 24; at + 8 <= end; at += 4 + (size + 3) / 4 * 4) {
    size = U (16, contents + at + 2);
    fail_unless (at + 4 + size <= end - 4);
    if (U (16, contents + at) == 1)
      found += (memmem (contents + at + 4, size, "Rack 7", 6) != NULL)
          + (memmem (contents + at + 4, size, "f\303\274r Anna", 9) != NULL);
  }
  fail_unless_equals_int (found, 2);
  fail_unless (end + 12 <= length);
  fail_unless_equals_int (U (32, contents + end), 1);
  fail_unless (memmem (contents, length, "eth7", 4) != NULL);
  fail_unless (memmem (contents, length, "wlan8", 5) != NULL);
}

/* Reads a file whose packets are those from number @start on; how many. */
static guint
check_packets (const gchar * location, guint start)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (location, &error);
  GstPcapPacket packet;
  guint n;

  fail_unless (source != NULL, "%s", location);
  for (n = start; gst_pcap_source_next (source, &packet, &error); n++) {
    g_autoptr (GstBuffer) expected = make_packet (n);

    fail_unless_equals_int (packet.captured_length, length_of (n));
    fail_unless_equals_int (packet.wire_length, length_of (n) + 7);
    fail_unless_equals_uint64 (packet.time, START + n * 1001);
    fail_unless (gst_buffer_memcmp (expected, 0, packet.data,
            packet.captured_length) == 0, "packet %u", n);
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s", error->message);
  return n - start;
}

/* A file is what the message said of it, and begins as a file has to. */
static void
check_file (guint i, guint n)
{
  guint end = n + check_packets (get_location (i), n);
  GStatBuf info;

  fail_unless_equals_uint64 (get_closed (i, "packets"), end - n);
  fail_unless_equals_uint64 (get_closed (i, "first-time"),
      end == n ? GST_CLOCK_TIME_NONE : START + n * 1001);
  fail_unless_equals_uint64 (get_closed (i, "last-time"),
      end == n ? GST_CLOCK_TIME_NONE : START + (end - 1) * 1001);
  fail_unless_equals_int (g_stat (get_location (i), &info), 0);
  fail_unless_equals_uint64 (get_closed (i, "bytes"), info.st_size);
  /* a file can end before anything is known of interfaces, but not with packets */
  if (end > n && !g_str_has_suffix (get_location (i), ".pcap")) {
    check_start (get_location (i));
  }
}

/* Ends the recording: of its files the last @kept are there, and nothing else;
 * they, the messages and the statistics account for each packet. */
static void
end_and_check (guint kept)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 packets = 0, bytes = 0;

  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  wait_closed (G_MAXUINT);
  fail_unless_equals_int (opened->len, 0);
  kept = MIN (kept, closed->len);
  fail_unless_equals_int (folder_count (folder), kept);
  for (guint i = 0; i < closed->len; i++) {
    if (i >= closed->len - kept) {
      check_file (i, packets);
    }
    packets += get_closed (i, "packets");
    bytes += get_closed (i, "bytes");
  }
  fail_unless_equals_uint64 (packets, n_pushed);

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "application/x-pcapsink-stats")
      && gst_structure_get_string (stats, "location") != NULL);
  fail_unless_equals_uint64 (get_number (stats, "packets"), packets);
  fail_unless_equals_uint64 (get_number (stats, "bytes"), bytes);
  fail_unless_equals_uint64 (get_number (stats, "files"), closed->len);
  fail_unless_equals_uint64 (get_number (stats, "packets-in-file"),
      get_closed (closed->len - 1, "packets"));
  fail_unless_equals_uint64 (get_number (stats, "bytes-in-file"),
      get_closed (closed->len - 1, "bytes"));
}

static const gchar *patterns[] = { "cap-%05d.pcapng", "cap-%05d.pcap" };

/* No file is larger, but for one packet that is; none is needlessly small. */
GST_START_TEST (test_size)
{
  guint n = 0, n_big = 0;

  play (patterns[__i__], "max-file-size=" G_STRINGIFY (LIMIT));
  push (many (500), 7);
  push (many (500), 0);
  end_and_check (G_MAXUINT);
  for (guint i = 0; i < closed->len; i++) {
    guint bytes = get_closed (i, "bytes"), packets = get_closed (i, "packets");
    gboolean big = packets == 1 && length_of (n) == BIG;

    n += packets;
    fail_unless (big || (bytes <= LIMIT && (bytes > LIMIT / 2
                || i + 1 == closed->len || length_of (n) == BIG)),
        "%s has %u bytes", get_location (i), bytes);
    n_big += big;
  }
  fail_unless_equals_int (n_big, many (1000) / 100);
}
GST_END_TEST

GST_START_TEST (test_packets)
{
  play (patterns[__i__], "max-file-packets=64");
  push (200, 150);
  push (56, 0);
  end_and_check (G_MAXUINT);
  fail_unless_equals_int (closed->len, 4);
  for (guint i = 0; i < 4; i++) {
    fail_unless_equals_uint64 (get_closed (i, "packets"), 64);
  }
}
GST_END_TEST

/* Time passes without packets too, and before the first one. */
GST_START_TEST (test_duration)
{
  gint64 start = g_get_monotonic_time ();

  play (patterns[__i__], "max-file-duration=200000000");
  wait_closed (3);
  push (5, 0);
  wait_closed (4);
  push (5, 5);
  wait_closed (6);
  fail_unless (g_get_monotonic_time () - start > 1100000);
  end_and_check (G_MAXUINT);
  for (guint i = 0; i < 4; i++) {
    fail_unless_equals_uint64 (get_closed (i, "packets"), i == 3 ? 5 : 0);
  }
  fail_unless (closed->len <= (g_get_monotonic_time () - start) / 200000 + 1);
}
GST_END_TEST

/* At each second of the clock, also while nothing comes: no two in one. */
GST_START_TEST (test_rotate_at)
{
  play (patterns[__i__], "rotate-at=1000000000");
  push (5, 0);
  wait_closed (1);
  push (5, 5);
  wait_closed (3);
  end_and_check (G_MAXUINT);
}
GST_END_TEST

/* What was pushed before is in the file before, and that is complete without
 * another packet. */
GST_START_TEST (test_signal)
{
  play (patterns[__i__], "");
  push (10, 0);
  g_signal_emit_by_name (sink, "rotate");
  wait_closed (1);
  check_file (0, 0);
  push (20, 20);
  g_signal_emit_by_name (sink, "rotate");
  push (30, 0);
  end_and_check (G_MAXUINT);
  fail_unless_equals_int (closed->len, 3);
  for (guint i = 0; i < 3; i++) {
    fail_unless_equals_uint64 (get_closed (i, "packets"), 10 * (i + 1));
  }
}
GST_END_TEST

static gpointer
rotate_often (gpointer data)
{
  for (guint i = 0; i < 20; i++) {
    g_signal_emit_by_name (sink, "rotate");
    g_usleep (2000);
  }
  return NULL;
}

/* Everything at once, and from two threads. */
GST_START_TEST (test_conservation)
{
  GThread *thread;

  play (patterns[__i__], "max-file-size=20000 max-file-packets=70 "
      "max-file-duration=5000000 flush-interval=1000000");
  thread = g_thread_new ("rotate", rotate_often, NULL);
  for (guint i = 0; i < 40; i++) {
    push (many (i), 0);
    push (many (100 + i), 1 + i * 5);
    g_usleep (1000);
  }
  g_thread_join (thread);
  end_and_check (G_MAXUINT);
  fail_unless (closed->len > n_pushed / 70);
}
GST_END_TEST

/* The newest three; what is not of the recording is not touched. */
GST_START_TEST (test_max_files)
{
  static const gchar *names[] = { "cap-%05d.pcapng", "cap.pcapng",
    "%Y-%m-%d_%H%M%S-%03d.pcapng"
  };
  g_autofree gchar *other = g_build_filename (folder, "cap-other", NULL);

  fail_unless (g_file_set_contents (other, "", 0, NULL));
  play (names[__i__], "max-file-packets=10 max-files=3");
  for (guint i = 0; i < 19; i++) {
    push (5, 2);
    wait_closed ((n_pushed - 1) / 10);
    /* the one that is being written may come on top */
    fail_unless (folder_count (folder) <= 1 + 3 + 1);
  }
  fail_unless_equals_int (g_unlink (other), 0);
  end_and_check (3);
  fail_unless_equals_int (closed->len, 10);
}
GST_END_TEST

/* As .part first, then under its name. */
GST_START_TEST (test_names)
{
  static const gchar *rows[][4] = {
    {"cap-%05d.pcapng", "cap-00000.pcapng", "cap-00001.pcapng",
        "cap-00002.pcapng"},
    {"100%%-%03d.pcap", "100%-000.pcap", "100%-001.pcap", "100%-002.pcap"},
    {"a.pcapng", "a.pcapng", "a-00001.pcapng", "a-00002.pcapng"},
    {"v1.2.pcap", "v1.2.pcap", "v1.2-00001.pcap", "v1.2-00002.pcap"},
    {"rec", "rec", "rec-00001", "rec-00002"},
    {SIGNAL, "a.pcapng", "b.pcapng", "c.pcapng"},
  };

  play (rows[__i__][0], "");
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *path = g_build_filename (folder, rows[__i__][1 + i],
        NULL);
    g_autofree gchar *part = g_strconcat (path, ".part", NULL);

    push (5, 5);
    g_signal_emit_by_name (sink, "flush");
    fail_unless (g_access (part, F_OK) == 0 && g_access (path, F_OK) != 0);
    g_signal_emit_by_name (sink, "rotate");
    wait_closed (i + 1);
    assert_equals_string (get_location (i), path);
    fail_unless (g_access (path, F_OK) == 0 && g_access (part, F_OK) != 0);
  }
}
GST_END_TEST

/* Files of the same second are different files. */
GST_START_TEST (test_time_names)
{
  static const gchar *rows[][2] = {
    {"%Y-%m-%d_%H%M%S.pcapng", "%Y-%m-%d_%H%M"},
    {"%Y%m%d-%05d.pcapng", "%Y%m%d-"},
  };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) later = g_date_time_add_seconds (now, 10);
  g_autofree gchar *prefix = g_date_time_format (now, rows[__i__][1]);
  g_autofree gchar *other = g_date_time_format (later, rows[__i__][1]);

  play (rows[__i__][0], "max-file-packets=10");
  push (95, 3);
  end_and_check (G_MAXUINT);
  fail_unless_equals_int (closed->len, 10);
  for (guint i = 0; i < 10; i++) {
    g_autofree gchar *name = g_path_get_basename (get_location (i));
    g_autofree gchar *suffix = g_strdup_printf ("-%05u.pcapng", i);

    fail_unless ((g_str_has_prefix (name, prefix)
            || g_str_has_prefix (name, other)) && g_str_has_suffix (name,
            __i__ == 0 ? ".pcapng" : suffix), "%s", name);
  }
}
GST_END_TEST

static Suite *
pcapsinkrotation_suite (void)
{
  Suite *suite = suite_create ("pcapsinkrotation");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_size, 0, 2);
  tcase_add_loop_test (tc, test_packets, 0, 2);
  tcase_add_loop_test (tc, test_duration, 0, 2);
  tcase_add_loop_test (tc, test_rotate_at, 0, 2);
  tcase_add_loop_test (tc, test_signal, 0, 2);
  tcase_add_loop_test (tc, test_conservation, 0, 2);
  tcase_add_loop_test (tc, test_max_files, 0, 3);
  tcase_add_loop_test (tc, test_names, 0, 6);
  tcase_add_loop_test (tc, test_time_names, 0, 2);
  return suite;
}

GST_CHECK_MAIN (pcapsinkrotation)
