/* pcapsink with a pre-roll: what a trigger has in its file, and where everything else is.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "folder.h"
#include "sinkrun.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <string.h>

/* One packet each 10 ms of capture time. */
#define STEP (10 * GST_MSECOND)
#define SECOND " pre-roll-time=1000000000 "
#define A_SECOND 100            /* packets */

static guint n_pushed;

static void
setup (void)
{
  sink_run_setup ();
  n_pushed = 0;
}

static GstClockTime
time_of (guint n)
{
  return START + n * STEP;
}

static guint
many (guint n)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL ? n / 10 : n;
}

/* Its number is in its first bytes; the EtherType of one that is marked is 0x88b6. */
static GstBuffer *
make_packet (guint n, gsize size, gboolean marked)
{
  static const guint8 header[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);
  guint8 last = 0xb6;

  gst_buffer_memset (buffer, 0, 0, -1);
  gst_buffer_fill (buffer, 0, header, sizeof (header));
  if (marked)
    gst_buffer_fill (buffer, 13, &last, 1);
  gst_buffer_fill (buffer, 14, &n, sizeof (n));
  meta->capture_time = time_of (n);
  meta->wire_length = size;
  meta->interface_id = 2;
  return buffer;
}

/* So many more, in lists of 7. */
static void
push (guint n)
{
  for (guint end = n_pushed + n; n_pushed < end;) {
    GstBufferList *list = gst_buffer_list_new ();

    for (guint i = 0; i < 7 && n_pushed < end; i++)
      gst_buffer_list_add (list, make_packet (n_pushed++, 60, FALSE));
    fail_unless_equals_int (gst_pad_push_list (harness->srcpad, list),
        GST_FLOW_OK);
  }
}

static void
push_marked (void)
{
  fail_unless_equals_int (gst_harness_push (harness, make_packet (n_pushed++, 60,
              TRUE)), GST_FLOW_OK);
}

static void
trigger (const gchar * comment)
{
  g_signal_emit_by_name (sink, "trigger", comment);
}

static void
flush (void)
{
  g_signal_emit_by_name (sink, "flush");
}

/* A file has these packets, in order, and no others. */
static void
check_file (const gchar * name, guint start, guint n)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (path, &error);
  GstPcapPacket packet;
  guint number, i;

  fail_unless (source != NULL, "%s: %s", name, error ? error->message : "");
  for (i = 0; gst_pcap_source_next (source, &packet, &error); i++) {
    memcpy (&number, packet.data + 14, sizeof (number));
    fail_unless_equals_int (number, start + i);
    fail_unless_equals_uint64 (packet.time, time_of (number));
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s: %s", name, error->message);
  fail_unless_equals_int (i, n);
}

/* Nothing is anywhere else. */
static void
check_sum (void)
{
  fail_unless_equals_uint64 (sink_run_get_stat ("packets") +
      sink_run_get_stat ("aged-out") + sink_run_get_stat ("cut") +
      sink_run_get_stat ("lost") + sink_run_get_stat ("held-packets"), n_pushed);
}

static const gchar *
get_state (GstStructure ** stats)
{
  g_object_get (sink, "stats", stats, NULL);
  return gst_structure_get_string (*stats, "state");
}

static void
check_state (const gchar * state)
{
  g_autoptr (GstStructure) stats = NULL;

  fail_unless_equals_string (get_state (&stats), state);
}

/* The next message of an element with that name. */
static GstStructure *
pop_message (const gchar * name)
{
  GstMessage *message;
  GstStructure *structure = NULL;

  while (structure == NULL && (message = gst_bus_pop_filtered (bus,
              GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, name))
      structure = gst_structure_copy (gst_message_get_structure (message));
    gst_message_unref (message);
  }
  fail_unless (structure != NULL, "no %s", name);
  return structure;
}

GST_START_TEST (test_trigger)
{
  g_autoptr (GstStructure) message = NULL;
  guint64 time;

  sink_run_play ("a.pcapng", SECOND, PACKETS);
  push (10 * A_SECOND);
  check_state ("armed");
  fail_unless_equals_int (folder_count (folder), 0);
  /* a sixteenth more than the second that is asked for */
  fail_unless (sink_run_get_stat ("held-packets") <= A_SECOND + A_SECOND / 8 + 1);
  fail_unless (sink_run_get_stat ("held-packets") >= A_SECOND);
  check_sum ();
  trigger ("the fan stood still");
  check_state ("recording");
  push (50);
  sink_run_push_eos ();
  /* the trigger was as long after the last packet as it took to come here */
  fail_unless (sink_run_get_stat ("packets") >= A_SECOND / 2 + 50);
  check_file ("a.pcapng", n_pushed - sink_run_get_stat ("packets"),
      sink_run_get_stat ("packets"));
  fail_unless (sink_run_get_stat ("packets") <= A_SECOND + 51);
  check_sum ();
  fail_unless (sink_run_has_text ("a.pcapng", "Z: the fan stood still"));
  fail_unless (sink_run_has_text ("a.pcapng", "Triggered at 2023-11-14T22:1"));
  message = pop_message ("GstPcapSinkTriggered");
  fail_unless_equals_string (gst_structure_get_string (message, "comment"),
      "the fan stood still");
  fail_unless (gst_structure_get_uint64 (message, "time", &time));
  fail_unless (time >= time_of (10 * A_SECOND - 1));
}
GST_END_TEST;

/* To the packet, as the packet is the moment. */
GST_START_TEST (test_filter)
{
  sink_run_play ("a.pcapng", SECOND "post-roll-time=500000000 "
      "trigger-filter=\"ether proto 0x88b6\"", PACKETS);
  push (300);
  push_marked ();               /* 300 */
  push (29);
  push_marked ();               /* 330: later */
  push (200);
  flush ();
  check_state ("armed");
  push (19);
  push_marked ();               /* 550 */
  fail_unless_equals_int (n_pushed, 551);
  push (20);
  sink_run_push_eos ();
  check_file ("a.pcapng", 200, 181);
  check_file ("a-00001.pcapng", 450, 121);
  fail_unless_equals_uint64 (sink_run_get_stat ("triggers"), 3);
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), 2);
  check_sum ();
}
GST_END_TEST;

/* What went into a file is not there for the next one, which goes on behind it. */
GST_START_TEST (test_close_together)
{
  sink_run_play ("a.pcapng", SECOND "post-roll-time=100000000 "
      "trigger-filter=\"ether proto 0x88b6\"", PACKETS);
  push (200);
  push_marked ();               /* 200, to 210 */
  push (19);
  push_marked ();               /* 220, to 230 */
  push (50);
  sink_run_push_eos ();
  check_file ("a.pcapng", 100, 111);
  check_file ("a-00001.pcapng", 211, 20);
  check_sum ();
}
GST_END_TEST;

GST_START_TEST (test_stop)
{
  sink_run_play ("a.pcapng", SECOND, PACKETS);
  trigger (NULL);
  push (70);
  g_signal_emit_by_name (sink, "stop");
  check_state ("armed");
  push (30);
  g_signal_emit_by_name (sink, "stop");
  sink_run_push_eos ();
  check_file ("a.pcapng", 0, 70);
  fail_unless (!sink_run_has_text ("a.pcapng", "Z:"));
  fail_unless_equals_uint64 (sink_run_get_stat ("aged-out"), 30);
}
GST_END_TEST;

/* Long after the recording has everything, it goes on without a detour. */
GST_START_TEST (test_long)
{
  sink_run_play ("a.pcapng", SECOND "max-file-packets=500", PACKETS);
  push (150);
  trigger ("long");
  for (guint i = 0; i < 20; i++) {
    push (100);
    flush ();
  }
  fail_unless_equals_uint64 (sink_run_get_stat ("held-packets"), 0);
  sink_run_push_eos ();
  check_file ("a-00001.pcapng", 500 + 2150 - sink_run_get_stat ("packets"), 500);
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), 5);
  fail_unless (sink_run_has_text ("a-00004.pcapng", "long"));
  check_sum ();
}
GST_END_TEST;

GST_START_TEST (test_events)
{
  sink_run_play ("a.pcapng", SECOND, PACKETS);
  push (5);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
              gst_structure_new ("GstAfringTrigger", "comment", G_TYPE_STRING,
                  "downstream", NULL))));
  fail_unless (gst_element_send_event (sink,
          gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
              gst_structure_new_empty ("GstAfringTrigger"))));
  push (5);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("triggers"), 2);
  check_file ("a.pcapng", 0, 10);
  fail_unless (sink_run_has_text ("a.pcapng", "Z: downstream"));
}
GST_END_TEST;

GST_START_TEST (test_nothing)
{
  sink_run_play ("a.pcapng", SECOND, PACKETS);
  push (500);
  sink_run_push_eos ();
  fail_unless_equals_int (folder_count (folder), 0);
  fail_unless_equals_uint64 (sink_run_get_stat ("aged-out"), 500);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_INFO), 1);
}
GST_END_TEST;

/* A bound of memory is one, and what it costs is counted. */
GST_START_TEST (test_bound)
{
  guint64 cut;

  sink_run_play ("a.pcapng", "pre-roll-time=3600000000000 pre-roll-bytes=1000000",
      PACKETS);
  for (guint i = 0; i < 3000; i++)
    fail_unless_equals_int (gst_harness_push (harness, make_packet (n_pushed++,
                1000, FALSE)), GST_FLOW_OK);
  fail_unless (sink_run_get_stat ("held-memory") <= 1000000);
  fail_unless (sink_run_get_stat ("held-bytes") >= 800000);
  cut = sink_run_get_stat ("cut");
  fail_unless (cut > 2000);
  fail_unless_equals_uint64 (sink_run_get_stat ("aged-out"), 0);
  trigger (NULL);
  push (2000);
  sink_run_push_eos ();
  check_file ("a.pcapng", cut, 5000 - cut);
  fail_unless_equals_uint64 (sink_run_get_stat ("cut"), cut);
  check_sum ();
}
GST_END_TEST;

/* A packet that is larger than a piece of memory. */
GST_START_TEST (test_large)
{
  sink_run_play ("a.pcapng", SECOND "pre-roll-bytes=1000000", PACKETS);
  for (guint i = 0; i < 20; i++)
    fail_unless_equals_int (gst_harness_push (harness, make_packet (n_pushed++,
                200000, FALSE)), GST_FLOW_OK);
  fail_unless (sink_run_get_stat ("held-memory") <= 1000000);
  trigger (NULL);
  sink_run_push_eos ();
  check_file ("a.pcapng", 20 - sink_run_get_stat ("packets"),
      sink_run_get_stat ("packets"));
  fail_unless (sink_run_get_stat ("packets") >= 3);
  check_sum ();
}
GST_END_TEST;

/* What was said of an interface long before is in the file, and nothing that was said of
 * another one later. */
GST_START_TEST (test_interfaces)
{
  GstCaptureInterface iface = { 2, 1, 0, "eth7", NULL };
  GstCaptureStatistics statistics = { 2, START, START, 1000, 3 };

  sink_run_play ("a.pcapng", SECOND "post-roll-time=100000000", PACKETS);
  gst_harness_push_event (harness, gst_event_new_capture_interface (&iface));
  push (500);
  iface.filter = "udp";
  gst_harness_push_event (harness, gst_event_new_capture_interface (&iface));
  push (500);
  gst_harness_push_event (harness,
      gst_event_new_capture_statistics (&statistics));
  trigger ("x");
  push (50);
  sink_run_push_eos ();
  fail_unless (sink_run_has_text ("a.pcapng", "eth7"));
  fail_unless (sink_run_has_text ("a.pcapng", "udp"));
  fail_unless_equals_uint64 (sink_run_get_stat ("dropped"), 3);
  check_sum ();
}
GST_END_TEST;

/* A stream of pcapng keeps its section, however long ago that began. */
GST_START_TEST (test_section)
{
  sink_run_play ("a.pcapng", "pre-roll-time=1000000 post-roll-time=1000000000",
      PCAPNG);
  put_section ();
  put_interface (1);
  put_names ("held.example");
  for (guint i = 0; i < 3000000; i += 1000)
    put_packet (0, i);          /* one each microsecond */
  sink_run_push (out->data, out->len, 1000);
  trigger ("of pcapng");
  g_byte_array_set_size (out, 0);
  put_packet (0, 3000000);
  sink_run_push (out->data, out->len, 1000);
  sink_run_push_eos ();
  fail_unless (sink_run_has_text ("a.pcapng", "held.example"));
  fail_unless (sink_run_has_text ("a.pcapng", "of pcapng"));
  fail_unless (sink_run_get_stat ("aged-out") >= 1900);
  n_pushed = 3001;
  check_sum ();
}
GST_END_TEST;

GST_START_TEST (test_classic)
{
  sink_run_play ("a.pcap", SECOND "trigger-filter=\"ether proto 0x88b6\"", PACKETS);
  push (300);
  push_marked ();
  push (20);
  sink_run_push_eos ();
  check_file ("a.pcap", 200, 121);
}
GST_END_TEST;

/* A clock that is set back or forth costs nobody a packet that is asked for. */
GST_START_TEST (test_clock)
{
  sink_run_play ("a.pcapng", SECOND, PACKETS);
  n_pushed = 400000;
  push (100);
  n_pushed = 100;
  push (100);
  trigger (NULL);
  push (10);
  sink_run_push_eos ();
  /* those of the later clock are not known to be old */
  fail_unless (sink_run_get_stat ("packets") >= 110);
  fail_unless_equals_uint64 (sink_run_get_stat ("packets")
      + sink_run_get_stat ("aged-out"), 210);
}
GST_END_TEST;

/* What has no time is held, and the end comes. */
GST_START_TEST (test_no_time)
{
  sink_run_play ("a.pcapng", SECOND, PACKETS);
  for (guint i = 0; i < 5; i++)
    fail_unless_equals_int (gst_harness_push (harness,
            gst_buffer_new_allocate (NULL, 60, NULL)), GST_FLOW_OK);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("aged-out"), 5);
}
GST_END_TEST;

/* As many files as are wanted, and one more trigger: nobody waits for it. */
GST_START_TEST (test_enough_files)
{
  sink_run_play ("a-%d.pcapng", SECOND "stop-after-files=1", PACKETS);
  push (7);
  trigger (NULL);
  g_signal_emit_by_name (sink, "stop");
  push (7);
  flush ();
  trigger (NULL);
  flush ();
  fail_unless_equals_int (gst_harness_push (harness, make_packet (14, 60, FALSE)),
      GST_FLOW_EOS);
  sink_run_push_eos ();
  check_file ("a-0.pcapng", 0, 7);
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), 1);
  fail_unless_equals_uint64 (sink_run_get_stat ("lost"), 7);
}
GST_END_TEST;

/* What is found wrong on the way to the file is an error, and not silence. */
GST_START_TEST (test_link_types)
{
  sink_run_play ("a.pcap", SECOND, PCAPNG);
  put_section ();
  put_interface (1);
  put_interface (2);
  put_packet (0, 0);
  put_packet (1, 1);
  sink_run_push (out->data, out->len, 1000);
  trigger (NULL);
  flush ();
  fail_if (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_ERROR), 1);
  fail_unless_equals_uint64 (sink_run_get_stat ("packets"), 1);
  fail_unless_equals_uint64 (sink_run_get_stat ("lost"), 1);
}
GST_END_TEST;

/* Captures whose clocks differ, and a packet whose time is wrong. */
GST_START_TEST (test_clocks)
{
  GstClockTime now = g_get_real_time () * 1000;

  sink_run_play ("a.pcapng", "pre-roll-time=10000000000", PACKETS);
  for (guint i = 0; i < 400; i++) {
    GstBuffer *buffer = make_packet (i, 60, FALSE);

    gst_buffer_get_packet_meta (buffer)->capture_time = now + i * 1000 -
        (i % 2) * GST_SECOND + (i == 300 ? 60 * GST_SECOND : 0);
    fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
  fail_unless_equals_uint64 (sink_run_get_stat ("held-packets"), 400);
  fail_unless (sink_run_get_stat ("held-memory") <= 16 * 1024 * 1024);
}
GST_END_TEST;

static gpointer
send_beside (gpointer data)
{
  for (guint i = 0; i < 2000; i++)
    gst_harness_push_event (data,
        gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
            gst_structure_new_empty (i % 100 == 0 ? "GstAfringTrigger" : "other")));
  return NULL;
}

/* Events that do not wait for the stream do not get into it. */
GST_START_TEST (test_out_of_band)
{
  GThread *thread;

  sink_run_play ("a.pcapng", SECOND, PACKETS);
  trigger (NULL);
  thread = g_thread_new ("beside", send_beside, harness);
  push (many (20000));
  g_thread_join (thread);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("triggers"), 21);
  check_file ("a.pcapng", 0, n_pushed);
}
GST_END_TEST;

GST_START_TEST (test_wrong_filter)
{
  g_autofree gchar *expression = NULL;

  sink = gst_element_factory_make ("pcapsink", NULL);
  gst_object_ref_sink (sink);
  gst_element_set_bus (sink, bus);
  g_object_set (sink, "location", "/dev/null", "pre-roll-time", (guint64) 1000000000,
      "trigger-filter", "udp prot 5", NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_ERROR), 1);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_clear_object (&sink);

  sink_run_play ("a.pcapng", SECOND "trigger-filter=udp", PACKETS);
  g_object_set (sink, "trigger-filter", "udp prot 5", NULL);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 1);
  g_object_get (sink, "trigger-filter", &expression, NULL);
  fail_unless_equals_string (expression, "udp");
}
GST_END_TEST;

/* The start says where no file could be. */
GST_START_TEST (test_no_folder)
{
  g_autofree gchar *path = sink_run_path_of ("no/such/a.pcapng");

  sink = gst_element_factory_make ("pcapsink", NULL);
  gst_object_ref_sink (sink);
  gst_element_set_bus (sink, bus);
  g_object_set (sink, "location", path, "pre-roll-time", (guint64) 1000000000, NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_ERROR), 1);
  g_object_set (sink, "make-folders", TRUE, NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (sink, GST_STATE_NULL);
  g_free (path);
  path = sink_run_path_of ("no/such");
  fail_unless (g_file_test (path, G_FILE_TEST_IS_DIR));
  g_assert_cmpint (g_rmdir (path), ==, 0);
  g_free (path);
  path = sink_run_path_of ("no");
  g_assert_cmpint (g_rmdir (path), ==, 0);
}
GST_END_TEST;

static Suite *
pcappreroll_suite (void)
{
  Suite *s = suite_create ("pcappreroll");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, sink_run_teardown);
  tcase_add_test (tc, test_trigger);
  tcase_add_test (tc, test_filter);
  tcase_add_test (tc, test_close_together);
  tcase_add_test (tc, test_stop);
  tcase_add_test (tc, test_long);
  tcase_add_test (tc, test_events);
  tcase_add_test (tc, test_nothing);
  tcase_add_test (tc, test_bound);
  tcase_add_test (tc, test_large);
  tcase_add_test (tc, test_interfaces);
  tcase_add_test (tc, test_section);
  tcase_add_test (tc, test_classic);
  tcase_add_test (tc, test_clock);
  tcase_add_test (tc, test_no_time);
  tcase_add_test (tc, test_enough_files);
  tcase_add_test (tc, test_link_types);
  tcase_add_test (tc, test_clocks);
  tcase_add_test (tc, test_out_of_band);
  tcase_add_test (tc, test_wrong_filter);
  tcase_add_test (tc, test_no_folder);
  return s;
}

GST_CHECK_MAIN (pcappreroll);
