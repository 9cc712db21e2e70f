/* pcapsink and what a section of pcapng says besides its packets: each file of a
 * recording has that, too, and no more of it than it needs.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "sinkrun.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <string.h>

static gboolean
is_slow (void)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL;
}

/* What has been made from byte @at on. */
static void
push (guint at, guint size)
{
  sink_run_push (out->data + at, out->len - at, size);
}

/* Names, secrets and what somebody has put in front of the packets are in each file
 * from where they came; what is not to be copied is not. */
GST_START_TEST (test_section)
{
  swapped = __i__;
  put_section ();
  put_interface (1);
  put_names ("first.example");
  put_secrets ("CLIENT_RANDOM 1");
  put_custom (CUSTOM, "in front");
  put_custom (CUSTOM_NOT_COPIED, "not copied");
  put_packet (0, 0);
  put_packet (0, 1);
  put_secrets ("CLIENT_RANDOM 2");
  put_secrets ("CLIENT_RANDOM 1");
  put_custom (CUSTOM, "between");
  put_packet (0, 2);
  put_packet (0, 3);
  put_statistics (77);
  sink_run_play ("%d.pcapng", "max-file-packets=1", PCAPNG);
  gst_tag_setter_add_tags (GST_TAG_SETTER (sink), GST_TAG_MERGE_REPLACE,
      GST_TAG_TITLE, "a title", NULL);
  g_signal_emit_by_name (sink, "rotate");
  push (0, 100);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("dropped"), 77);
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), 5);
  for (guint i = 0; i < 4; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i + 1);
    g_autofree gchar *path = g_build_filename (folder, name, NULL);
    g_autofree gchar *contents = NULL;

    fail_unless_equals_int (sink_run_check_packets (name, i, 0), 1);
    fail_unless (sink_run_has_text (name, "first.example"));
    fail_unless (sink_run_has_text (name, "CLIENT_RANDOM 1"));
    fail_unless (sink_run_has_text (name, "in front"));
    fail_unless (sink_run_has_text (name, "not copied") == (i == 0));
    fail_unless (sink_run_has_text (name, "CLIENT_RANDOM 2") == (i >= 1));
    fail_unless (sink_run_has_text (name, "between") == (i == 1));
    fail_unless (sink_run_has_text (name, "a title"));
    /* no section is as long as it said */
    fail_unless (g_file_get_contents (path, &contents, NULL, NULL));
    fail_unless (memcmp (contents + 16, "\377\377\377\377\377\377\377\377",
            8) == 0);
  }
}
GST_END_TEST

/* Of 64 interfaces each file has the description. Of more it has what it needs, under
 * other numbers, and grows with its packets only. */
GST_START_TEST (test_many_interfaces)
{
  const guint n = is_slow () ? 300 : 20000, types = 200;
  const guint n_packets = n < 3000 ? n : 3000;
  guint64 before;

  swapped = __i__;
  put_section ();
  for (guint i = 0; i < n; i++)
    put_interface (1 + i % types);
  before = out->len;
  for (guint i = 0; i < n_packets; i++)
    put_packet ((i * 7919 % (n / types)) * types + i % types, i);
  sink_run_play ("%d.pcapng", "max-file-packets=10", PCAPNG);
  push (0, 100000);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), n_packets / 10);
  /* ten packets, their interfaces and 64, a section header and an index */
  fail_unless (sink_run_get_stat ("bytes") < before + n_packets / 10
      * (10 * (36 + 32) + 64 * 32 + 100 + 512));
  for (guint i = 0; i < n_packets / 10; i += n_packets / 100) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);

    fail_unless_equals_int (sink_run_check_packets (name, i * 10, types), 10);
  }
}
GST_END_TEST

/* As long as the file is as small as it may be, also with what comes on demand. */
GST_START_TEST (test_size)
{
  guint n = 0;

  put_section ();
  for (guint i = 0; i < 100; i++)
    put_interface (1 + i % 100);
  put_names ("first.example");
  for (guint i = 0; i < 500; i++)
    put_packet (i % 100, i);
  sink_run_play ("%d.pcapng", "max-file-size=5000", PCAPNG);
  push (0, 1000);
  sink_run_push_eos ();
  fail_unless (sink_run_get_stat ("files") > 4);
  for (guint i = 0; i < sink_run_get_stat ("files"); i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);
    g_autofree gchar *path = g_build_filename (folder, name, NULL);
    GStatBuf info;

    fail_unless_equals_int (g_stat (path, &info), 0);
    fail_unless (info.st_size <= 5000, "%s: %d", name, (gint) info.st_size);
    n += sink_run_check_packets (name, n, 100);
  }
  fail_unless_equals_int (n, 500);
}
GST_END_TEST

/* What is too long for each file is said once, and is where it stands. */
GST_START_TEST (test_long_section)
{
  g_autofree gchar *text = g_strnfill (3000, 'x');
  guint n = 0;

  put_section ();
  put_interface (1);
  put_secrets ("CLIENT_RANDOM 1");
  put_secrets (text);
  put_names (text);
  for (guint i = 0; i < 300; i++)
    put_packet (0, i);
  sink_run_play ("%d.pcapng", "max-file-size=10000", PCAPNG);
  push (0, 1000);
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 1);
  fail_unless_equals_uint64 (sink_run_get_stat ("files"), 2);
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);

    fail_unless (sink_run_has_text (name, "CLIENT_RANDOM 1"));
    fail_unless (sink_run_has_text (name, "xxxxxx") == (i == 0));
    n += sink_run_check_packets (name, n, 0);
  }
  fail_unless_equals_int (n, 300);
}
GST_END_TEST

static void
push_packet (guint n)
{
  GstBuffer *buffer = gst_buffer_new_memdup (&n, 4);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  meta->capture_time = START + n;
  meta->wire_length = 60;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
}

/* Takes what has been made as a block. */
static void
add_block (GPtrArray * blocks)
{
  GBytes *block = gst_capture_section_new_block (out->data, out->len);

  fail_unless (block != NULL);
  g_ptr_array_add (blocks, block);
  g_byte_array_set_size (out, 0);
}

static void
push_section (GPtrArray * blocks)
{
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_capture_section (blocks)));
}

/* The same from an event, for packets that come one by one: in this machine's byte
 * order, whatever it was before. */
GST_START_TEST (test_event)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func
      ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) second = g_ptr_array_new_with_free_func
      ((GDestroyNotify) g_bytes_unref);

  swapped = __i__;
  put_names ("first.example");
  add_block (first);
  g_ptr_array_add (second, g_bytes_ref (g_ptr_array_index (first, 0)));
  put_secrets ("CLIENT_RANDOM 1");
  add_block (second);
  sink_run_play ("%d.pcapng", "", PACKETS);
  push_section (first);
  push_packet (0);
  push_section (second);
  push_packet (1);
  g_signal_emit_by_name (sink, "rotate");
  push_packet (2);
  push_section (first);
  g_signal_emit_by_name (sink, "rotate");
  push_packet (3);
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_check_packets ("0.pcapng", 0, 0), 2);
  fail_unless_equals_int (sink_run_check_packets ("1.pcapng", 2, 0), 1);
  fail_unless_equals_int (sink_run_check_packets ("2.pcapng", 3, 0), 1);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);

    fail_unless (sink_run_has_text (name, "first.example"));
    fail_unless (sink_run_has_text (name, "CLIENT_RANDOM 1") == (i < 2));
  }
}
GST_END_TEST

/* What is not a block, and what nobody can put into this machine's byte order. */
GST_START_TEST (test_blocks)
{
  fail_unless (gst_capture_section_has_block (NAMES, FALSE));
  fail_unless (gst_capture_section_has_block (SECRETS, FALSE));
  fail_unless (gst_capture_section_has_block (CUSTOM, TRUE));
  fail_if (gst_capture_section_has_block (CUSTOM, FALSE));
  fail_if (gst_capture_section_has_block (CUSTOM_NOT_COPIED, TRUE));
  fail_if (gst_capture_section_has_block (6, TRUE));

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) names = NULL;
    g_autoptr (GBytes) custom = NULL;
    g_autoptr (GBytes) torn = NULL;

    swapped = i;
    g_byte_array_set_size (out, 0);
    put_names ("first.example");
    names = gst_capture_section_new_block (out->data, out->len);
    torn = gst_capture_section_new_block (out->data, out->len - 4);
    fail_unless (names != NULL && torn == NULL);
    fail_unless_equals_int (g_bytes_get_size (names), out->len);
    g_byte_array_set_size (out, 0);
    swapped = FALSE;
    put_names ("first.example");
    fail_unless (memcmp (out->data, g_bytes_get_data (names, NULL),
            out->len) == 0);
    swapped = i;
    g_byte_array_set_size (out, 0);
    put_custom (CUSTOM, "text");
    custom = gst_capture_section_new_block (out->data, out->len);
    fail_unless ((custom != NULL) == !swapped);
  }
}
GST_END_TEST

static Suite *
pcapsinksections_suite (void)
{
  Suite *suite = suite_create ("pcapsinksections");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_loop_test (tc, test_section, 0, 2);
  tcase_add_loop_test (tc, test_many_interfaces, 0, 2);
  tcase_add_test (tc, test_size);
  tcase_add_test (tc, test_long_section);
  tcase_add_loop_test (tc, test_event, 0, 2);
  tcase_add_test (tc, test_blocks);
  return suite;
}

GST_CHECK_MAIN (pcapsinksections)
