/* pcapsink: what is in the file, when it has which name, and its errors.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

#define CAPS "application/x-packet, link-type=(int)1"

static gchar *folder;

static void
setup (void)
{
  folder = folder_new (FALSE);
}

static void
teardown (void)
{
  folder_remove (folder);
}

static GstHarness *
make_harness (const gchar * location, const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("pcapsink location=%s %s", location,
      properties);
  GstHarness *harness = gst_harness_new_parse (line);

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

static GstBuffer *
make_packet (guint n)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 60 + n % 5, NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  gst_buffer_memset (buffer, 0, n, -1);
  meta->capture_time = 1700000000 * GST_SECOND + n;
  meta->wire_length = 1514;
  meta->interface_id = 2;
  return buffer;
}

static guint64
get_stat (GstHarness * harness, const gchar * field)
{
  GstElement *sink = gst_harness_find_element (harness, "pcapsink");
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value));
  gst_object_unref (sink);
  return value;
}

/* Reads a file of make_packet()s with libpcap; how many there are. */
static guint
count_packets (const gchar * location)
{
  gchar message[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_open_offline_with_tstamp_precision (location,
      PCAP_TSTAMP_PRECISION_NANO, message);
  struct pcap_pkthdr *header;
  const u_char *data;
  guint n = 0;

  fail_unless (pcap != NULL, "%s", message);
  while (pcap_next_ex (pcap, &header, &data) == 1) {
    fail_unless_equals_int (header->caplen, 60 + n % 5);
    fail_unless_equals_int (header->len, 1514);
    fail_unless_equals_int (header->ts.tv_usec, n);
    fail_unless_equals_int (data[59], n & 0xff);
    n++;
  }
  assert_equals_string (pcap_geterr (pcap), "");
  pcap_close (pcap);
  return n;
}

static void
check_recording (const gchar * name, const gchar * properties, gboolean lists)
{
  g_autofree gchar *location = g_build_filename (folder, name, NULL);
  g_autofree gchar *part = g_strconcat (location, ".part", NULL);
  GstHarness *harness = make_harness (location, properties);
  GStatBuf info;

  for (guint i = 0; i < 300; i += 3) {
    GstBufferList *list = gst_buffer_list_new ();

    for (guint j = i; j < i + 3; j++) {
      if (lists) {
        gst_buffer_list_add (list, make_packet (j));
      } else {
        fail_unless_equals_int (gst_harness_push (harness, make_packet (j)),
            GST_FLOW_OK);
      }
    }
    fail_unless_equals_int (gst_pad_push_list (harness->srcpad, list),
        GST_FLOW_OK);
  }
  fail_unless_equals_int (get_stat (harness, "packets"), 300);
  fail_unless (g_file_test (part, G_FILE_TEST_EXISTS));
  fail_if (g_file_test (location, G_FILE_TEST_EXISTS));

  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_if (g_file_test (part, G_FILE_TEST_EXISTS));
  fail_unless_equals_int (count_packets (location), 300);
  fail_unless_equals_int (g_stat (location, &info), 0);
  fail_unless_equals_int (get_stat (harness, "bytes"), info.st_size);
  fail_unless_equals_int (get_stat (harness, "files"), 1);
  gst_harness_teardown (harness);
}

GST_START_TEST (test_pcapng)
{
  check_recording ("a.pcapng", "", TRUE);
  check_recording ("b.pcapng", "", FALSE);
  check_recording ("c", "", TRUE);
}
GST_END_TEST

GST_START_TEST (test_pcap)
{
  check_recording ("a.pcap", "", TRUE);
  check_recording ("b", "format=pcap", FALSE);
}
GST_END_TEST

static guint32
read_magic (const gchar * location)
{
  g_autofree gchar *contents = NULL;
  guint32 magic;
  gsize length;

  fail_unless (g_file_get_contents (location, &contents, &length, NULL));
  fail_unless (length >= 4);
  memcpy (&magic, contents, 4);
  return magic;
}

GST_START_TEST (test_format)
{
  static const struct
  {
    const gchar *name;
    const gchar *properties;
    guint32 magic;
  } rows[] = {
    {"a.pcap", "", 0xa1b23c4d},
    {"a.cap", "timestamp-precision=microsecond", 0xa1b2c3d4},
    {"a.pcapng", "", 0x0a0d0d0a},
    {"a.anything", "", 0x0a0d0d0a},
    {"b.pcap", "format=pcapng", 0x0a0d0d0a},
    {"b.pcapng", "format=pcap", 0xa1b23c4d},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *location = g_build_filename (folder, rows[i].name, NULL);
    GstHarness *harness = make_harness (location, rows[i].properties);

    gst_harness_push (harness, make_packet (0));
    /* stopped without EOS, a file is complete all the same */
    gst_harness_teardown (harness);
    fail_unless (read_magic (location) == rows[i].magic, "%s", rows[i].name);
  }
}
GST_END_TEST

GST_START_TEST (test_described)
{
  g_autofree gchar *location = g_build_filename (folder, "a.pcapng", NULL);
  GstHarness *harness = make_harness (location, "");
  GstCaptureInterface iface = {.id = 2,.link_type = 1,.snaplen = 1000,
    .name = "eth7",.filter = "udp port 7"
  };
  GstCaptureStatistics statistics = {.id = 2,.start_time = 1,.time = 2,
    .packets_received = 1,.packets_dropped = 0x1122334455667788
  };
  const guint64 dropped = statistics.packets_dropped;
  g_autofree gchar *contents = NULL;
  gsize length;

  gst_harness_push_event (harness, gst_event_new_capture_interface (&iface));
  gst_harness_push (harness, make_packet (0));
  gst_harness_push_event (harness,
      gst_event_new_capture_statistics (&statistics));
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);

  fail_unless_equals_int (count_packets (location), 1);
  fail_unless (g_file_get_contents (location, &contents, &length, NULL));
  fail_unless (memmem (contents, length, "eth7", 4) != NULL);
  fail_unless (memmem (contents, length, "\0udp port 7", 11) != NULL);
  fail_unless (memmem (contents, length, &dropped, 8) != NULL);
}
GST_END_TEST

static void
expect_error (GstElement * pipeline, GQuark domain, gint code,
    const gchar * words)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
      5 * GST_SECOND, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s", error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

static GstElement *
make_pipeline (const gchar * sink)
{
  g_autofree gchar *line = g_strdup_printf ("fakesrc num-buffers=3 "
      "sizetype=fixed sizemax=60 filltype=zero ! " CAPS " ! %s", sink);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  return pipeline;
}

static void
check_start_error (const gchar * sink, gint code, const gchar * words)
{
  GstElement *pipeline = make_pipeline (sink);

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  expect_error (pipeline, GST_RESOURCE_ERROR, code, words);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_start_errors)
{
  check_start_error ("pcapsink", GST_RESOURCE_ERROR_NOT_FOUND, "location");
  check_start_error ("pcapsink location=/nowhere/at/all.pcapng",
      GST_RESOURCE_ERROR_OPEN_WRITE, "/nowhere/at/all.pcapng");
  /* a folder in which nobody, root included, can make a file */
  check_start_error ("pcapsink location=/proc/a.pcapng",
      GST_RESOURCE_ERROR_OPEN_WRITE, "/proc/a.pcapng");
}
GST_END_TEST

GST_START_TEST (test_disk_full)
{
  GstElement *pipeline = make_pipeline ("pcapsink location=/dev/full");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  expect_error (pipeline, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
      "No space left");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

GST_START_TEST (test_link_types)
{
  g_autofree gchar *location = g_build_filename (folder, "a.pcap", NULL);
  GstHarness *harness = make_harness (location, "");

  fail_unless_equals_int (gst_harness_push (harness, make_packet (0)),
      GST_FLOW_OK);
  gst_harness_set_src_caps_str (harness,
      "application/x-packet, link-type=(int)101");
  fail_unless_equals_int (gst_harness_push (harness, make_packet (1)),
      GST_FLOW_ERROR);
  gst_harness_teardown (harness);
  fail_unless_equals_int (count_packets (location), 1);
}
GST_END_TEST

/* What it has written it does not keep. */
GST_START_TEST (test_keeps_nothing)
{
  g_autofree gchar *location = g_build_filename (folder, "a.pcapng", NULL);
  GstHarness *harness = make_harness (location, "");
  GstBufferList *list = gst_buffer_list_new ();
  GstBuffer *single = make_packet (0), *listed = make_packet (1);

  gst_buffer_list_add (list, gst_buffer_ref (listed));
  gst_harness_push (harness, gst_buffer_ref (single));
  gst_pad_push_list (harness->srcpad, list);
  ASSERT_BUFFER_REFCOUNT (single, "single", 1);
  ASSERT_BUFFER_REFCOUNT (listed, "listed", 1);
  gst_buffer_unref (single);
  gst_buffer_unref (listed);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* A pipeline that comes to nothing leaves an earlier recording alone. */
GST_START_TEST (test_earlier_file_stays)
{
  g_autofree gchar *location = g_build_filename (folder, "a.pcapng", NULL);
  g_autofree gchar *part = g_strconcat (location, ".part", NULL);
  GstHarness *harness = make_harness (location, "");

  gst_harness_push (harness, make_packet (0));
  gst_harness_teardown (harness);
  harness = make_harness (location, "");
  fail_unless (g_file_test (part, G_FILE_TEST_EXISTS));
  gst_harness_teardown (harness);
  fail_unless_equals_int (count_packets (location), 1);
  fail_if (g_file_test (part, G_FILE_TEST_EXISTS));

  /* with EOS, that nothing came is what was recorded */
  harness = make_harness (location, "");
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
  fail_unless_equals_int (count_packets (location), 0);
}
GST_END_TEST

/* A recording after another, without NULL between them. */
GST_START_TEST (test_second_recording)
{
  GstElement *pipeline = make_pipeline ("pcapsink name=sink");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *location = g_strdup_printf ("%s/%u.pcapng", folder, i);
    GstMessage *message;

    g_object_set (sink, "location", location, NULL);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (bus, 5 * GST_SECOND, GST_MESSAGE_EOS);
    fail_unless (message != NULL);
    gst_message_unref (message);
    gst_element_set_state (pipeline, GST_STATE_READY);
    fail_unless (g_file_test (location, G_FILE_TEST_EXISTS));
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
pcapsink_suite (void)
{
  Suite *suite = suite_create ("pcapsink");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_pcapng);
  tcase_add_test (tc, test_pcap);
  tcase_add_test (tc, test_format);
  tcase_add_test (tc, test_described);
  tcase_add_test (tc, test_start_errors);
  tcase_add_test (tc, test_disk_full);
  tcase_add_test (tc, test_link_types);
  tcase_add_test (tc, test_keeps_nothing);
  tcase_add_test (tc, test_earlier_file_stays);
  tcase_add_test (tc, test_second_recording);
  return suite;
}

GST_CHECK_MAIN (pcapsink)
