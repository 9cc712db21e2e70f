/* What pcapsink compresses is what it would have written, piece by piece.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "folder.h"
#include "sinkrun.h"

#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapframe.h>
#include <gst/afring/pcap/gstpcapseektable.h>
#include <string.h>

#define FEW 7
#define FILES 5

static const gchar *const kinds[] = { "gzip", "zstd" };

static gboolean
is_written (const gchar * kind)
{
  return gst_pcap_frame_get_most_level (g_str_equal (kind, "gzip") ?
      GST_PCAP_COMPRESSION_GZIP : GST_PCAP_COMPRESSION_ZSTD) > 0;
}

static GBytes *
read_file (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  gchar *contents;
  gsize length;

  fail_unless (g_file_get_contents (path, &contents, &length, NULL), "%s", path);
  return g_bytes_new_take (contents, length);
}

/* Several frames: each flush ends one. */
static void
record (const gchar * name, const gchar * kind, gint level, guint flushes)
{
  /* without what one of the kinds would not have */
  g_autofree gchar *properties = kind == NULL ? g_strdup ("index=false") :
      g_strdup_printf ("index=false compression=%s compression-level=%d", kind,
      level);
  gboolean done;

  sink_run_play (name, properties, PCAPNG);
  for (guint i = 0; i < flushes; i++) {
    g_byte_array_set_size (out, 0);
    if (i == 0) {
      put_section ();
      put_interface (1);
    }
    for (guint j = 0; j < FEW; j++)
      put_packet (0, i * FEW + j);
    sink_run_push (out->data, out->len, out->len);
    g_signal_emit_by_name (sink, "flush", &done);
  }
  sink_run_push_eos ();
}

static GByteArray *
decode_frames (GstPcapCompression compression, GBytes * file, guint * n)
{
  GByteArray *content = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize length, used;
  const guint8 *data = g_bytes_get_data (file, &length);

  for (*n = 0; length > 0; data += used, length -= used) {
    guint before = content->len;

    used = gst_pcap_frame_decode (compression, data, length, 0, content, &error);
    fail_unless (used > 0, "%s", error != NULL ? error->message : "cut off");
    *n += content->len > before;
  }
  return content;
}

/* The same bytes, in either format, at any level, and stats that count both. */
GST_START_TEST (test_same_bytes)
{
  static const gint levels[] = { -1, 0, 9 };
  const gchar *kind = kinds[__i__ % 2];
  const gchar *extension = __i__ / 2 % 2 == 0 ? "pcap" : "pcapng";
  g_autofree gchar *plain_name = g_strconcat ("a.", extension, NULL);
  g_autofree gchar *name = g_strdup_printf ("b.%s.%s", extension,
      kind[0] == 'g' ? "gz" : "zst");
  g_autoptr (GBytes) plain = NULL, file = NULL;
  g_autoptr (GByteArray) content = NULL;
  guint n;

  if (!is_written (kind))
    return;
  record (plain_name, NULL, 0, FILES);
  sink_run_stop ();
  plain = read_file (plain_name);

  record (name, kind, levels[__i__ / 4], FILES);
  file = read_file (name);
  fail_unless_equals_uint64 (sink_run_get_stat ("bytes"),
      g_bytes_get_size (plain));
  fail_unless_equals_uint64 (sink_run_get_stat ("disk-bytes"),
      g_bytes_get_size (file));
  fail_unless_equals_uint64 (sink_run_get_stat ("stored-bytes"), 0);
  fail_unless_equals_uint64 (sink_run_get_stat ("packets"), FILES * FEW);
  content = decode_frames (kind[0] == 'g' ? GST_PCAP_COMPRESSION_GZIP :
      GST_PCAP_COMPRESSION_ZSTD, file, &n);
  fail_unless (n >= FILES && n <= FILES + 1, "%u frames", n);
  fail_unless_equals_int (content->len, g_bytes_get_size (plain));
  fail_unless (memcmp (content->data, g_bytes_get_data (plain, NULL),
          content->len) == 0);
  fail_unless_equals_int (sink_run_check_packets (name, 0, 0), FILES * FEW);
}
GST_END_TEST;

/* It leads to each frame, which begins with a whole record. */
GST_START_TEST (test_seek_table)
{
  g_autoptr (GBytes) file = NULL;
  GstPcapSeekTable *table;
  GstPcapFramePlace frame;
  const guint8 *data;
  gsize length, size;
  guint64 at = 0;
  guint n = 0;

  if (!is_written ("zstd"))
    return;
  record ("a.pcapng.zst", "zstd", -1, FILES);
  file = read_file ("a.pcapng.zst");
  data = g_bytes_get_data (file, &length);
  size = gst_pcap_seek_table_get_size (data + length -
      GST_PCAP_SEEK_TABLE_FOOTER);
  fail_unless (size > 0 && size < length);
  table = gst_pcap_seek_table_read (data + length - size, size, length);
  fail_unless (table != NULL);
  for (; gst_pcap_seek_table_find (table, at, &frame); n++) {
    g_autoptr (GByteArray) content = g_byte_array_new ();

    fail_unless_equals_uint64 (frame.content_place, at);
    fail_unless_equals_int (gst_pcap_frame_decode (GST_PCAP_COMPRESSION_ZSTD,
            data + frame.place, frame.size, 0, content, NULL), frame.size);
    fail_unless_equals_int (content->len, frame.content_size);
    /* a packet block, but for the first */
    if (n > 0)
      fail_unless_equals_int (content->data[0], n < FILES ? 6 : 5);
    fail_unless (gst_pcap_seek_table_find (table, at + content->len - 1, &frame));
    fail_unless_equals_uint64 (frame.content_place, at);
    at += content->len;
  }
  fail_unless_equals_uint64 (at, gst_pcap_seek_table_get_content_size (table));
  fail_unless_equals_uint64 (at, sink_run_get_stat ("bytes"));
  fail_unless (n >= FILES && n <= FILES + 1);
  gst_pcap_seek_table_free (table);
}
GST_END_TEST;

/* What is no table, or that of another file. */
GST_START_TEST (test_bad_tables)
{
  GstPcapSeekTable *table = gst_pcap_seek_table_new ();
  g_autoptr (GByteArray) bytes = NULL;

  gst_pcap_seek_table_add (table, 100, 1000);
  gst_pcap_seek_table_add (table, 50, 0);
  gst_pcap_seek_table_add (table, 1, 1);
  bytes = gst_pcap_seek_table_write (table);
  gst_pcap_seek_table_free (table);
  for (guint i = 0; i <= bytes->len; i++) {
    guint64 file_size = 151 + bytes->len;
    GstPcapFramePlace frame;

    /* a flag that is not known, magic numbers and numbers of frames */
    if (i < bytes->len)
      bytes->data[i] ^= 0x44;
    table = gst_pcap_seek_table_read (bytes->data, bytes->len, file_size);
    fail_unless_equals_int (table != NULL, i == bytes->len
        || (i >= 8 && i < 32 && i % 8 >= 4));
    if (i < bytes->len)
      bytes->data[i] ^= 0x44;
    g_clear_pointer (&table, gst_pcap_seek_table_free);
    fail_unless (gst_pcap_seek_table_read (bytes->data, bytes->len,
            file_size + 1) == NULL);
    fail_unless (i == bytes->len || gst_pcap_seek_table_read (bytes->data, i,
            file_size) == NULL);
    table = gst_pcap_seek_table_read (bytes->data, bytes->len, file_size);
    fail_unless (gst_pcap_seek_table_find (table, 1000, &frame));
    fail_unless_equals_uint64 (frame.place, 150);
    fail_unless (!gst_pcap_seek_table_find (table, 1001, &frame));
    gst_pcap_seek_table_free (table);
  }
}
GST_END_TEST;

/* Nothing cannot hold something. */
GST_START_TEST (test_impossible_table)
{
  GstPcapSeekTable *table = gst_pcap_seek_table_new ();
  g_autoptr (GByteArray) bytes = NULL;

  gst_pcap_seek_table_add (table, 100, 1000);
  gst_pcap_seek_table_add (table, 0, 1000);
  bytes = gst_pcap_seek_table_write (table);
  gst_pcap_seek_table_free (table);
  fail_unless (gst_pcap_seek_table_read (bytes->data, bytes->len,
          100 + bytes->len) == NULL);
}
GST_END_TEST;

/* Each file is whole; numbers stand before both extensions. */
GST_START_TEST (test_rotation)
{
  const gchar *kind = kinds[__i__];
  const gchar *extension = __i__ == 0 ? "gz" : "zst";
  g_autofree gchar *name = g_strdup_printf ("a.pcap.%s", extension);
  g_autofree gchar *properties = g_strdup_printf ("compression=%s "
      "max-file-packets=%u", kind, FEW);

  if (!is_written (kind))
    return;
  sink_run_play (name, properties, PCAPNG);
  put_kind (FALSE, 0, 3 * FEW);
  sink_run_push (out->data, out->len, out->len);
  sink_run_push_eos ();
  fail_unless_equals_int (folder_count (folder), 3);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *number = i == 0 ? g_strdup ("") :
        g_strdup_printf ("-%05u", i);
    g_autofree gchar *file = g_strdup_printf ("a%s.pcap.%s", number, extension);

    fail_unless_equals_int (sink_run_check_packets (file, i * FEW, 0), FEW);
  }
}
GST_END_TEST;

/* Text like what people send, which no level has seen. */
static void
fill_text (guint8 * data, gsize length, GRand * random)
{
  static const gchar *const words[] = { "INVITE", "200 OK", "sip:", "rtpmap",
    "Content-Length: ", "\r\n", "packet", "GET /index", "HTTP/1.1", "host"
  };

  for (gsize at = 0; at < length;) {
    gchar text[64];
    gsize n = g_snprintf (text, sizeof (text), "%s%u",
        words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))],
        g_rand_int_range (random, 0, 100000));

    n = MIN (n, length - at);
    memcpy (data + at, text, n);
    at += n;
  }
}

/* More than the highest level can do in time: some of it is stored, and all is there. */
GST_START_TEST (test_stored)
{
  const guint n = 40 * 1024, size = 1024;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree guint8 *text = g_malloc (n / 40 * size);

  if (!is_written ("zstd") || g_getenv ("AFRING_MEMCHECK") != NULL)
    return;
  fill_text (text, n / 40 * size, random);
  sink_run_play ("a.pcapng.zst", "compression=zstd compression-level=22",
      PACKETS);
  for (guint i = 0; i < n; i++)
    fail_unless_equals_int (gst_harness_push (harness, gst_buffer_new_memdup
            (text + i % (n / 40) * size, size)), GST_FLOW_OK);
  sink_run_push_eos ();
  fail_unless (sink_run_get_stat ("stored-bytes") > 0);
  fail_unless_equals_uint64 (sink_run_get_stat ("packets"), n);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_ERROR), 0);
}
GST_END_TEST;

static void
check_start (const gchar * name, const gchar * properties,
    GstMessageType expected)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *line = g_strdup_printf ("pcapsink %s", properties);
  GstElement *element = gst_parse_launch (line, NULL);

  gst_object_ref_sink (element);
  g_object_set (element, "location", path, NULL);
  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED)
      == GST_STATE_CHANGE_FAILURE, expected == GST_MESSAGE_ERROR);
  fail_unless_equals_int (sink_run_count_messages (expected), 1);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}

GST_START_TEST (test_settings)
{
  check_start ("a.pcap", "compression=gzip compression-level=10",
      GST_MESSAGE_ERROR);
  check_start ("a.pcap.gz", "", GST_MESSAGE_WARNING);
  check_start ("a.pcapng.ZST", "", GST_MESSAGE_WARNING);
  if (!is_written ("zstd"))
    check_start ("a.pcap", "compression=zstd", GST_MESSAGE_ERROR);
}
GST_END_TEST;

static Suite *
pcapsinkcompressed_suite (void)
{
  Suite *s = suite_create ("pcapsinkcompressed");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_loop_test (tc, test_same_bytes, 0, 12);
  tcase_add_test (tc, test_seek_table);
  tcase_add_test (tc, test_bad_tables);
  tcase_add_test (tc, test_impossible_table);
  tcase_add_loop_test (tc, test_rotation, 0, 2);
  tcase_add_test (tc, test_stored);
  tcase_add_test (tc, test_settings);
  return s;
}

GST_CHECK_MAIN (pcapsinkcompressed);
