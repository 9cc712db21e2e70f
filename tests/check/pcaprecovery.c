/* Recordings that were cut off anywhere are completed, and nothing that is there is lost.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "folder.h"
#include "sinkrun.h"

#include <gst/afring/pcap/gstpcapframe.h>
#include <gst/afring/pcap/gstpcaprecovery.h>
#include <gst/afring/pcap/gstpcapseektable.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define PACKETS_IN_FILE 5

static void
write_file (const gchar * name, const guint8 * data, gsize length)
{
  g_autofree gchar *path = sink_run_path_of (name);

  fail_unless (g_file_set_contents (path, (const gchar *) data, length, NULL));
}

static gboolean
is_there (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
remove_file (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);

  fail_unless (g_unlink (path) == 0);
}

static gboolean
recover (const gchar * name, GstPcapRecovery * report, GError ** error)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *aside = gst_pcap_recovery_set_aside (path, error);

  return aside != NULL && gst_pcap_recovery_complete (aside, TRUE, NULL,
      report, error);
}

/* A file of five packets that ends behind @length bytes, with @tail zeros behind it, as a
 * disk may have them after a power failure. How many packets are in it then. */
static guint
recover_cut (const gchar * extension, gsize length, gsize tail)
{
  g_autofree gchar *part = g_strdup_printf ("a.%s.part", extension);
  g_autofree gchar *recovered = g_strdup_printf ("a-recovered.%s", extension);
  g_autofree guint8 *data = g_malloc0 (length + tail);
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;
  guint n;

  if (length > 0)
    memcpy (data, out->data, length);
  write_file (part, data, length + tail);
  if (!recover (part, &report, &error)) {
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
    fail_unless_equals_int (folder_count (folder), 1);
    g_free (part);
    part = g_strdup_printf ("a.%s.recovering", extension);
    remove_file (part);
    return 0;
  }
  fail_unless_equals_int (folder_count (folder), report.packets > 0);
  if (report.packets == 0) {
    fail_unless (report.location == NULL);
    return 0;
  }
  fail_unless (is_there (recovered));
  n = sink_run_check_packets (recovered, 0, 0);
  fail_unless_equals_uint64 (report.packets, n);
  fail_unless (report.cut < 100 + tail);
  if (g_str_equal (extension, "pcapng"))
    fail_unless_equals_int (sink_run_has_text (recovered, "Recovered"), !swapped);
  remove_file (recovered);
  g_free (report.location);
  return n;
}

GST_START_TEST (test_anywhere)
{
  const gchar *extension = __i__ < 2 ? "pcapng" : "pcap";
  guint before = 0, n;

  swapped = __i__ % 2 == 1;
  put_kind (__i__ >= 2, 0, PACKETS_IN_FILE);
  for (gsize length = 0; length <= out->len; length++) {
    n = recover_cut (extension, length, 0);
    fail_unless (n >= before && n <= before + 1);
    if (n > before)
      fail_unless_equals_int (recover_cut (extension, length, 50 * n), n);
    before = n;
  }
  fail_unless_equals_int (before, PACKETS_IN_FILE);
}
GST_END_TEST;

/* A file of as many frames as packets, as it is while it is written. */
static GBytes *
make_compressed (const gchar * kind)
{
  g_autofree gchar *properties = g_strdup_printf ("compression=%s", kind);
  g_autofree gchar *part = sink_run_path_of ("a.part");
  g_autofree gchar *path = sink_run_path_of ("a");
  gchar *contents;
  gboolean done;
  gsize length;

  sink_run_play ("a", properties, PCAPNG);
  for (guint i = 0; i < PACKETS_IN_FILE; i++) {
    g_byte_array_set_size (out, 0);
    if (i == 0) {
      put_section ();
      put_interface (1);
    }
    put_packet (0, i);
    sink_run_push (out->data, out->len, out->len);
    g_signal_emit_by_name (sink, "flush", &done);
  }
  fail_unless (g_file_get_contents (part, &contents, &length, NULL));
  sink_run_stop ();
  fail_unless (g_unlink (path) == 0);
  return g_bytes_new_take (contents, length);
}

/* What it comes to, which nobody has to read from the start. */
static void
check_compressed (const gchar * name, gboolean seekable, guint n)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *contents = NULL;
  const guint8 *end;
  gsize length;

  fail_unless_equals_int (sink_run_check_packets (name, 0, 0), n);
  fail_unless (g_file_get_contents (path, &contents, &length, NULL));
  end = (const guint8 *) contents + length;
  if (seekable) {
    gsize size = gst_pcap_seek_table_get_size (end -
        GST_PCAP_SEEK_TABLE_FOOTER);
    GstPcapSeekTable *table = gst_pcap_seek_table_read (end - size, size,
        length);

    fail_unless (table != NULL);
    gst_pcap_seek_table_free (table);
  }
}

/* Cut after its last whole frame. */
GST_START_TEST (test_compressed)
{
  const gchar *kind = __i__ == 0 ? "gzip" : "zstd";
  gboolean zstd = __i__ == 1;
  const gchar *part = zstd ? "a.pcapng.zst.part" : "a.pcapng.gz.part";
  const gchar *recovered = zstd ? "a-recovered.pcapng.zst" :
      "a-recovered.pcapng.gz";
  g_autoptr (GBytes) file = NULL;
  guint before = 0;

  if (zstd && gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) == 0)
    return;
  file = make_compressed (kind);
  for (gsize length = 8; length <= g_bytes_get_size (file); length++) {
    g_autoptr (GError) error = NULL;
    GstPcapRecovery report;

    write_file (part, g_bytes_get_data (file, NULL), length);
    fail_unless (recover (part, &report, &error), "%s",
        error != NULL ? error->message : "");
    fail_unless (report.packets >= before && report.packets <= before + 1);
    fail_unless_equals_int (folder_count (folder), report.packets > 0);
    if (report.packets > 0) {
      check_compressed (recovered, zstd, report.packets);
      remove_file (recovered);
    }
    before = report.packets;
    g_free (report.location);
  }
  fail_unless_equals_int (before, PACKETS_IN_FILE);
}
GST_END_TEST;

static goffset
get_size (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  GStatBuf info;

  fail_unless (g_stat (path, &info) == 0);
  return info.st_size;
}

static GByteArray *
compress_all (GstPcapCompression compression, gsize size)
{
  GstPcapFrameEncoder *encoder =
      gst_pcap_frame_encoder_new (compression, NULL);
  GByteArray *file = g_byte_array_new ();

  for (gsize at = 0; at < out->len; at += size) {
    gsize n = MIN (size, out->len - at);
    g_autofree guint8 *frame = g_malloc (gst_pcap_frame_get_bound (n));

    g_byte_array_append (file, frame, gst_pcap_frame_encoder_encode (encoder, 1,
            out->data + at, n, frame, NULL, NULL));
  }
  gst_pcap_frame_encoder_free (encoder);
  return file;
}

/* What others have compressed ends in the middle of records, and nothing of it goes. */
GST_START_TEST (test_compressed_by_others)
{
  gboolean zstd = __i__ == 1;
  g_autoptr (GByteArray) file = NULL;
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;

  if (zstd && gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) == 0)
    return;
  put_kind (FALSE, 0, PACKETS_IN_FILE);
  file = compress_all (zstd ? GST_PCAP_COMPRESSION_ZSTD :
      GST_PCAP_COMPRESSION_GZIP, 47);
  write_file ("a.pcapng.part", file->data, file->len);
  fail_unless (recover ("a.pcapng.part", &report, &error));
  fail_unless_equals_uint64 (report.packets, PACKETS_IN_FILE);
  fail_unless_equals_uint64 (report.cut, 0);
  check_compressed ("a-recovered.pcapng", zstd, PACKETS_IN_FILE);
  g_free (report.location);

  /* the last record is not whole, but all frames are: it stays as it is */
  g_byte_array_set_size (out, out->len - 6);
  g_byte_array_unref (file);
  file = compress_all (zstd ? GST_PCAP_COMPRESSION_ZSTD :
      GST_PCAP_COMPRESSION_GZIP, 47);
  write_file ("b.pcapng.part", file->data, file->len);
  fail_if (recover ("b.pcapng.part", &report, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
  fail_unless_equals_uint64 (get_size ("b.pcapng.recovering"), file->len);
}
GST_END_TEST;

/* A frame that is damaged has others behind it. */
GST_START_TEST (test_compressed_damaged)
{
  g_autoptr (GBytes) file = make_compressed (__i__ == 0 ? "gzip" : "zstd");
  gsize length = g_bytes_get_size (file);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (file, NULL), length);
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;

  for (guint i = length / 2; i < length / 2 + 8; i++)
    data[i] ^= 0xff;
  write_file ("a.pcapng.part", data, length);
  fail_unless (recover ("a.pcapng.part", &report, &error));
  fail_unless (report.damaged_at > 0 && report.damaged_at <= length / 2);
  fail_unless (report.packets > 0 && report.packets < PACKETS_IN_FILE);
  fail_unless_equals_uint64 (report.bytes, length);
  g_free (report.location);
}
GST_END_TEST;

/* What follows something that cannot be read is not thrown away. */
GST_START_TEST (test_damaged)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint8 zeros[4096] = { 0, };
  GstPcapRecovery report;
  guint before = __i__ == 0 ? 0 : PACKETS_IN_FILE;

  put_section ();
  put_interface (1);
  for (guint i = 0; i < before; i++)
    put_packet (0, i);
  g_byte_array_append (data, out->data, out->len);
  g_byte_array_append (data, zeros, sizeof (zeros));
  g_byte_array_set_size (out, 0);
  put_packet (0, before);
  g_byte_array_append (data, out->data, out->len);
  write_file ("a.pcapng.part", data->data, data->len);
  fail_unless (recover ("a.pcapng.part", &report, &error));
  fail_unless (report.damaged_at > 0);
  fail_unless_equals_uint64 (report.packets, before);
  fail_unless_equals_uint64 (report.bytes, data->len);
  fail_unless (is_there ("a-recovered.pcapng"));
  g_free (report.location);
}
GST_END_TEST;

/* Nobody's file is replaced. */
GST_START_TEST (test_names)
{
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;

  put_kind (FALSE, 0, PACKETS_IN_FILE);
  write_file ("a.pcapng-recovered", (const guint8 *) "x", 1);
  for (guint i = 0; i < 3; i++) {
    write_file ("a.pcapng.part", out->data, out->len);
    fail_unless (recover ("a.pcapng.part", &report, &error));
    g_free (report.location);
  }
  fail_unless (is_there ("a-recovered.pcapng"));
  fail_unless (is_there ("a-recovered-2.pcapng"));
  fail_unless (is_there ("a-recovered-3.pcapng"));

  write_file ("b.part", out->data, out->len);
  fail_unless (recover ("b.part", &report, &error));
  g_free (report.location);
  fail_unless (is_there ("b-recovered"));
}
GST_END_TEST;

static int
open_locked (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  int fd = g_open (path, O_RDWR, 0);

  fail_unless (fd >= 0);
  fail_unless_equals_int (gst_pcap_recovery_lock (fd, path), GST_PCAP_LOCKED);
  return fd;
}

/* A file that somebody writes is his. */
GST_START_TEST (test_locked)
{
  g_autofree gchar *path = sink_run_path_of ("a.pcapng");
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;
  int fd;

  put_kind (FALSE, 0, PACKETS_IN_FILE);
  write_file ("a.pcapng.part", out->data, out->len);
  fd = open_locked ("a.pcapng.part");
  fail_if (recover ("a.pcapng.part", &report, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));

  for (guint i = 0; i < 2; i++) {
    sink = gst_element_factory_make ("pcapsink", NULL);
    gst_object_ref_sink (sink);
    g_object_set (sink, "location", path, "recover", i == 0, NULL);
    gst_element_set_bus (sink, bus);
    fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PLAYING),
        GST_STATE_CHANGE_FAILURE);
    fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_ERROR), 1);
    gst_element_set_state (sink, GST_STATE_NULL);
    sink_run_stop ();
  }
  close (fd);
  fail_unless (is_there ("a.pcapng.part"));
  fail_unless_equals_int (folder_count (folder), 1);
}
GST_END_TEST;

static void
wait_for_recovery (void)
{
  gboolean found = FALSE;

  while (!found) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus,
        20 * GST_SECOND, GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL, "no message");
    found = gst_message_has_name (message, "GstPcapSinkFileRecovered");
    gst_message_unref (message);
  }
}

/* What has such a name and is no recording stays. */
GST_START_TEST (test_folder)
{
  g_autofree gchar *path = sink_run_path_of ("d.part");
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;

  fail_unless (g_mkdir (path, 0700) == 0);
  fail_if (recover ("d.part", &report, &error));
  fail_unless (g_file_test (path, G_FILE_TEST_IS_DIR));
  fail_unless (g_rmdir (path) == 0);
}
GST_END_TEST;

/* In a folder of everybody: what somebody else put there, a link, and what has two names
 * is neither read nor renamed, and what is in the way not replaced. */
GST_START_TEST (test_folder_of_everybody)
{
  g_autofree gchar *part = sink_run_path_of ("a.pcapng.part");
  g_autofree gchar *victim = sink_run_path_of ("victim");
  g_autofree gchar *taken = sink_run_path_of ("a-recovered.pcapng");
  g_autoptr (GError) error = NULL;
  const guint other = 65534;
  GstPcapRecovery report;

  put_kind (FALSE, 0, PACKETS_IN_FILE);
  write_file ("victim", out->data, out->len - 10);
  fail_unless_equals_int (g_chmod (folder, 01777), 0);
  if (__i__ == 0) {
    fail_unless_equals_int (symlink (victim, part), 0);
  } else if (__i__ == 1) {
    fail_unless_equals_int (link (victim, part), 0);
  } else if (geteuid () == 0) {
    write_file ("a.pcapng.part", out->data, out->len - 10);
    fail_unless_equals_int (lchown (part, other, other), 0);
  } else
    return;
  fail_if (recover ("a.pcapng.part", &report, &error));
  fail_unless (error != NULL);
  fail_unless_equals_int (folder_count (folder), 2);
  fail_unless (is_there ("a.pcapng.part"));
  fail_unless_equals_int (sink_run_has_text ("victim", "Recovered"), FALSE);

  fail_unless_equals_int (g_unlink (part), 0);
  write_file ("a.pcapng.part", out->data, out->len - 10);
  fail_unless_equals_int (symlink (victim, taken), 0);
  g_clear_error (&error);
  fail_unless (recover ("a.pcapng.part", &report, &error));
  fail_unless (g_str_has_suffix (report.location, "a-recovered-2.pcapng"));
  fail_unless (g_file_test (taken, G_FILE_TEST_IS_SYMLINK));
  g_free (report.location);
}
GST_END_TEST;

/* Of the same name, while another recording is made of it; and of names by a pattern. */
GST_START_TEST (test_element)
{
  put_kind (FALSE, 0, PACKETS_IN_FILE);
  write_file ("a.pcapng.part", out->data, out->len - 10);
  write_file ("b-00007.pcapng.part", out->data, out->len);
  write_file ("c.pcapng.part", out->data, out->len);
  sink_run_play ("a.pcapng", "", PCAPNG);
  sink_run_push (out->data, out->len, 1000);
  wait_for_recovery ();
  sink_run_push_eos ();
  sink_run_stop ();
  fail_unless_equals_int (sink_run_check_packets ("a-recovered.pcapng", 0, 0),
      PACKETS_IN_FILE - 1);
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0),
      PACKETS_IN_FILE);

  sink_run_play ("b-%05d.pcapng", "", PCAPNG);
  wait_for_recovery ();
  fail_unless_equals_int (sink_run_check_packets ("b-00007-recovered.pcapng", 0,
          0), PACKETS_IN_FILE);
  fail_unless (is_there ("c.pcapng.part"));
  sink_run_stop ();
  fail_if (is_there ("c-recovered.pcapng"));
}
GST_END_TEST;

GST_START_TEST (test_off)
{
  put_kind (FALSE, 0, PACKETS_IN_FILE);
  write_file ("a.pcapng.part", out->data, out->len - 10);
  sink_run_play ("a.pcapng", "recover=false", PCAPNG);
  sink_run_push (out->data, out->len, 1000);
  sink_run_push_eos ();
  fail_unless_equals_int (folder_count (folder), 1);
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0),
      PACKETS_IN_FILE);
}
GST_END_TEST;

static Suite *
pcaprecovery_suite (void)
{
  Suite *s = suite_create ("pcaprecovery");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_loop_test (tc, test_anywhere, 0, 4);
  tcase_add_loop_test (tc, test_compressed, 0, 2);
  tcase_add_loop_test (tc, test_compressed_by_others, 0, 2);
  tcase_add_loop_test (tc, test_compressed_damaged, 0, 2);
  tcase_add_loop_test (tc, test_damaged, 0, 2);
  tcase_add_test (tc, test_names);
  tcase_add_test (tc, test_locked);
  tcase_add_test (tc, test_folder);
  tcase_add_loop_test (tc, test_folder_of_everybody, 0, 3);
  tcase_add_test (tc, test_element);
  tcase_add_test (tc, test_off);
  return s;
}

GST_CHECK_MAIN (pcaprecovery);
