/* pcapsink and the names of its files: what they lead to, what they say of the format,
 * and that each is used once.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "sinkrun.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <string.h>
#include <unistd.h>

#define EARLIER "what was there before"
#define CLASSIC 0xa1b23c4d
#define SECTION_HEADER 0x0a0d0d0a

static void
push (guint n)
{
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 60, NULL);
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

    gst_buffer_memset (buffer, 0, i, -1);
    meta->capture_time = 1700000000 * GST_SECOND + i;
    meta->wire_length = 60;
    fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
}

static void
write_earlier (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);

  fail_unless (g_file_set_contents (path, EARLIER, -1, NULL));
}

/* Whether the earlier one stays; else there is a recording. */
static gboolean
is_earlier (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *contents = NULL;

  fail_unless (g_file_get_contents (path, &contents, NULL, NULL), "%s", name);
  return g_str_equal (contents, EARLIER);
}

static guint32
read_magic (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *contents = NULL;
  guint32 magic;
  gsize length;

  fail_unless (g_file_get_contents (path, &contents, &length, NULL), "%s",
      name);
  fail_unless (length >= 4);
  memcpy (&magic, contents, 4);
  return magic;
}

/* A link is followed: it stays, and what it leads to is replaced, and not before. */
GST_START_TEST (test_link)
{
  g_autofree gchar *link = sink_run_path_of ("link.pcapng");

  for (guint there = 0; there < 2; there++) {
    if (there)
      write_earlier ("target");
    fail_unless_equals_int (symlink ("target", link), 0);
    sink_run_play ("link.pcapng", "", PACKETS);
    sink_run_stop ();
    fail_unless (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
    fail_unless_equals_int (folder_count (folder), 1 + there);

    sink_run_play ("link.pcapng", "", PACKETS);
    push (3);
    fail_unless (!there || is_earlier ("target"));
    sink_run_push_eos ();
    sink_run_stop ();
    fail_unless (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
    fail_unless (read_magic ("target") == SECTION_HEADER);
    fail_unless_equals_int (folder_count (folder), 2);
    fail_unless_equals_int (g_unlink (link), 0);
  }
}
GST_END_TEST

GST_START_TEST (test_upper_case)
{
  sink_run_play ("A.PCAP", "", PACKETS);
  push (1);
  sink_run_stop ();
  fail_unless (read_magic ("A.PCAP") == CLASSIC);
  sink_run_play ("B.Cap", "", PACKETS);
  push (1);
  sink_run_stop ();
  fail_unless (read_magic ("B.Cap") == CLASSIC);
}
GST_END_TEST

/* Set while it records, a location is for the next file, with its format. */
GST_START_TEST (test_location)
{
  sink_run_play ("one.pcapng", "", PACKETS);
  push (3);
  sink_run_rotate_to ("two.pcap");
  push (4);
  sink_run_rotate_to ("three.pcapng");
  push (5);
  sink_run_push_eos ();
  fail_unless_equals_uint64 (sink_run_get_stat ("packets"), 12);
  fail_unless (read_magic ("one.pcapng") == SECTION_HEADER);
  fail_unless (read_magic ("two.pcap") == CLASSIC);
  fail_unless (read_magic ("three.pcapng") == SECTION_HEADER);
}
GST_END_TEST

static void
check_no_start (const gchar * name, const gchar * words)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *missing = sink_run_path_of (words);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  sink = gst_object_ref_sink (gst_element_factory_make ("pcapsink", NULL));
  g_object_set (sink, "location", path, NULL);
  gst_element_set_bus (sink, bus);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, missing) != NULL, "%s",
      error->message);
  gst_element_set_state (sink, GST_STATE_NULL);
  sink_run_stop ();
}

GST_START_TEST (test_no_folder)
{
  write_earlier ("file");
  check_no_start ("no/such/a.pcapng", "no\"");
  check_no_start ("file/a.pcapng", "file\" is not a folder");
}
GST_END_TEST

/* A .part is the recorder's own, and no link is one. */
GST_START_TEST (test_part_link)
{
  g_autofree gchar *part = sink_run_path_of ("a.pcapng.part");

  write_earlier ("victim");
  fail_unless_equals_int (symlink ("victim", part), 0);
  check_no_start ("a.pcapng", "a.pcapng.part\" is a link");
  fail_unless (is_earlier ("victim"));
  fail_unless (g_file_test (part, G_FILE_TEST_IS_SYMLINK));
}
GST_END_TEST

/* A way that leads nowhere ends. */
GST_START_TEST (test_links_in_a_ring)
{
  g_autofree gchar *one = sink_run_path_of ("one");
  g_autofree gchar *two = sink_run_path_of ("two");

  fail_unless_equals_int (symlink ("two", one), 0);
  fail_unless_equals_int (symlink ("one", two), 0);
  check_no_start ("one/a.pcapng", "one/a.pcapng.part\"");
}
GST_END_TEST

/* In a folder of everybody, nothing that somebody else has put there is followed,
 * replaced or written into; in one of one's own, it is. Who is not root cannot put
 * there what is another's. */
GST_START_TEST (test_folder_of_everybody)
{
  static const struct
  {
    const gchar *trap;          /* what he puts there */
    gboolean is_link;           /* to the victim */
    const gchar *says;
  } traps[] = {
    {"a.pcapng", TRUE, "a.pcapng\" belongs to somebody else"},
    {"a.pcapng", FALSE, "a.pcapng\" belongs to somebody else"},
    /* the kernel may have a word here, too: fs.protected_symlinks */
    {"a.pcapng.part", TRUE, "a.pcapng.part"},
    {"a.pcapng.part", FALSE, "a.pcapng.part"},
  };
  const guint other = 65534;
  g_autofree gchar *trap = sink_run_path_of (traps[__i__].trap);

  if (geteuid () != 0)
    return;
  write_earlier ("victim");
  if (!traps[__i__].is_link)
    write_earlier (traps[__i__].trap);
  else if (symlink ("victim", trap) < 0)
    fail ("no link");
  fail_unless_equals_int (lchown (trap, other, other), 0);

  fail_unless_equals_int (g_chmod (folder, 01777), 0);
  check_no_start ("a.pcapng", traps[__i__].says);
  fail_unless (is_earlier ("victim"));
  fail_unless (is_earlier (traps[__i__].trap));
  fail_unless_equals_int (folder_count (folder), 2);

  if (g_str_has_suffix (trap, ".part"))
    return;
  fail_unless_equals_int (g_chmod (folder, 0755), 0);
  sink_run_play ("a.pcapng", "", PACKETS);
  push (1);
  sink_run_push_eos ();
  fail_unless (read_magic ("a.pcapng") == SECTION_HEADER);
}
GST_END_TEST

/* Nor is a link followed that somebody else has put on the way into such a folder; one's
 * own is. */
GST_START_TEST (test_way_of_everybody)
{
  g_autofree gchar *inner = sink_run_path_of ("inner");
  g_autofree gchar *way = sink_run_path_of ("way");
  const guint other = 65534;

  if (geteuid () != 0)
    return;
  fail_unless_equals_int (g_mkdir (inner, 0700), 0);
  fail_unless_equals_int (symlink ("inner", way), 0);
  fail_unless_equals_int (lchown (way, other, other), 0);
  fail_unless_equals_int (g_chmod (folder, 01777), 0);
  check_no_start ("way/a.pcapng", "way/a.pcapng.part");
  fail_unless_equals_int (folder_count (inner), 0);

  sink = gst_object_ref_sink (gst_element_factory_make ("pcapsink", NULL));
  {
    g_autofree gchar *deep = sink_run_path_of ("way/new/a.pcapng");

    g_object_set (sink, "location", deep, "make-folders", TRUE, NULL);
  }
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (sink, GST_STATE_NULL);
  sink_run_stop ();
  fail_unless_equals_int (folder_count (inner), 0);

  fail_unless_equals_int (lchown (way, geteuid (), getegid ()), 0);
  sink_run_play ("way/a.pcapng", "", PACKETS);
  push (1);
  sink_run_push_eos ();
  sink_run_stop ();
  fail_unless (read_magic ("inner/a.pcapng") == SECTION_HEADER);
  folder_remove (g_steal_pointer (&inner));
  fail_unless_equals_int (g_unlink (way), 0);
}
GST_END_TEST

/* Hours after a file has been begun its name can be somebody else's. */
GST_START_TEST (test_name_taken_meanwhile)
{
  g_autofree gchar *taken = sink_run_path_of ("a.pcapng");
  g_autofree gchar *part = sink_run_path_of ("a.pcapng.part");
  g_autoptr (GstMessage) message = NULL;
  const guint other = 65534;

  if (geteuid () != 0)
    return;
  fail_unless_equals_int (g_chmod (folder, 01777), 0);
  sink_run_play ("a.pcapng", "", PACKETS);
  push (3);
  write_earlier ("a.pcapng");
  fail_unless_equals_int (lchown (taken, other, other), 0);
  fail_if (gst_harness_push_event (harness, gst_event_new_eos ()));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless (is_earlier ("a.pcapng"));
  /* and what was recorded is still there */
  fail_unless (g_file_test (part, G_FILE_TEST_EXISTS));
  sink_run_stop ();
  fail_unless (is_earlier ("a.pcapng"));
}
GST_END_TEST

/* What is no conversion is part of the name, in any encoding. */
GST_START_TEST (test_percent)
{
  static const gchar *const names[] = { "100%\303\251.pcapng", "%\351.pcapng",
    "50%", "%-", "%05", "%_\303\251%", "%E.pcapng"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree gchar *path = sink_run_path_of (names[i]);

    sink_run_play (names[i], "", PACKETS);
    push (1);
    sink_run_push_eos ();
    sink_run_stop ();
    fail_unless (g_file_test (path, G_FILE_TEST_EXISTS), "%s", names[i]);
  }
}
GST_END_TEST

/* A time chooses no folder, whatever the locale writes. */
GST_START_TEST (test_time_stays_in_folder)
{
  g_autoptr (GDir) dir = NULL;
  const gchar *name;

  sink_run_play ("%D-%x-a.pcapng", "", PACKETS);
  push (1);
  sink_run_push_eos ();
  sink_run_stop ();
  fail_unless_equals_int (folder_count (folder), 1);
  dir = g_dir_open (folder, 0, NULL);
  name = g_dir_read_name (dir);
  /* MM-DD-YY */
  fail_unless (strlen (name) > 8 && name[2] == '-' && name[5] == '-', "%s",
      name);
  fail_unless (g_str_has_suffix (name, "-a.pcapng"), "%s", name);
}
GST_END_TEST

static gchar *
name_again (GstElement * element, guint index, gpointer data)
{
  return sink_run_path_of (index % 2 ? "b.pcapng" : "a.pcapng");
}

/* A name is used once, whether its file is still there or not. */
GST_START_TEST (test_names_once)
{
  static const gchar *const names[] = { "a.pcapng", "%Y.pcapng",
    "%05d.pcapng", "by-signal"
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, NULL);
  GstMessage *message;
  guint n = 0;

  sink_run_play (names[__i__], "max-files=3 max-file-packets=2 sync-mode=never",
      PACKETS);
  if (__i__ == 3)
    g_signal_connect (sink, "format-location", G_CALLBACK (name_again), NULL);
  push (40);
  sink_run_push_eos ();
  while ((message = gst_bus_pop_filtered (bus,
              GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, "GstPcapSinkFileOpened")) {
      n++;
      fail_unless (g_hash_table_add (seen,
              g_strdup (gst_structure_get_string (gst_message_get_structure
                      (message), "location"))), "a name comes again");
    }
    gst_message_unref (message);
  }
  fail_unless_equals_int (n, 20);
  fail_unless_equals_int (folder_count (folder), 3);
}
GST_END_TEST

static Suite *
pcapsinknames_suite (void)
{
  Suite *suite = suite_create ("pcapsinknames");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_test (tc, test_link);
  tcase_add_test (tc, test_upper_case);
  tcase_add_test (tc, test_location);
  tcase_add_test (tc, test_no_folder);
  tcase_add_test (tc, test_part_link);
  tcase_add_test (tc, test_links_in_a_ring);
  tcase_add_loop_test (tc, test_folder_of_everybody, 0, 4);
  tcase_add_test (tc, test_way_of_everybody);
  tcase_add_test (tc, test_name_taken_meanwhile);
  tcase_add_test (tc, test_percent);
  tcase_add_test (tc, test_time_stays_in_folder);
  tcase_add_loop_test (tc, test_names_once, 0, 4);
  return suite;
}

GST_CHECK_MAIN (pcapsinknames)
