/* pcapdec: streams of every kind, in pieces of any size, torn and corrupt.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/base/gsttypefindhelper.h>
#include <gst/check/gstcheck.h>
#include <sys/resource.h>

#define SECONDS 1700000000
#define START (SECONDS * GST_SECOND)
#define DEFAULT -1              /* no if_tsresol: microseconds */
#define LO(n) ((guint32) (n))
#define HI(n) ((guint32) ((n) >> 32))
/* valgrind takes some fifty times as long */
#define FEW (g_getenv ("AFRING_MEMCHECK") != NULL)
/* of the rows of a table, each a process of its own */
#define RESOLUTION_STEP (FEW ? 5 : 1)

/* A place in a stream where something ends. */
typedef struct
{
  gsize at;
  guint n_packets;              /* before it */
} End;

/* A stream that is being made, and the last packet in it. */
static gboolean big;            /* endian */
static GByteArray *bytes, *data;
static GArray *ends;            /* of blocks and records */
static gchar *location;         /* of a file with it */

/* Packets in words: those that have to come, and those that have come. */
static GPtrArray *expected, *got;
static GString *complaints;     /* warnings and errors */

static void
setup (void)
{
  g_close (g_file_open_tmp ("pcapdec-XXXXXX", &location, NULL), NULL);
  bytes = g_byte_array_new ();
  data = g_byte_array_new ();
  ends = g_array_new (FALSE, FALSE, sizeof (End));
  expected = g_ptr_array_new_with_free_func (g_free);
  got = g_ptr_array_new_with_free_func (g_free);
  complaints = g_string_new (NULL);
  big = FALSE;
}

static void
teardown (void)
{
  g_byte_array_unref (bytes);
  g_byte_array_unref (data);
  g_array_unref (ends);
  g_ptr_array_unref (expected);
  g_ptr_array_unref (got);
  g_string_free (complaints, TRUE);
  g_unlink (location);
  g_free (location);
}

/* Integers of 1, 2, 4 or 8 bytes, guint64 if 8; "d": so many bytes of data;
 * ".": padding. */
static void
put_args (const gchar * sizes, va_list args)
{
  for (; *sizes != '\0'; sizes++) {
    guint size = *sizes - '0', n;
    guint64 value;

    if (*sizes == '.') {
      while (bytes->len % 4 != 0)
        g_byte_array_append (bytes, (const guint8 *) "", 1);
    } else if (*sizes == 'd') {
      n = va_arg (args, guint);
      g_byte_array_set_size (data, n);
      for (guint i = 0; i < n; i++)
        data->data[i] = expected->len * 7 + i;
      g_byte_array_append (bytes, data->data, n);
    } else {
      value = size == 8 ? va_arg (args, guint64) : va_arg (args, guint);
      for (guint i = 0; i < size; i++) {
        guint8 byte = value >> 8 * (big ? size - 1 - i : i);

        g_byte_array_append (bytes, &byte, 1);
      }
    }
  }
}

static void
put (const gchar * sizes, ...)
{
  va_list args;

  va_start (args, sizes);
  put_args (sizes, args);
  va_end (args);
}

static void
put_end (void)
{
  End end = { bytes->len, expected->len };

  g_array_append_val (ends, end);
}

static void
put_block (guint32 type, const gchar * sizes, ...)
{
  GByteArray *whole = bytes, *body = bytes = g_byte_array_new ();
  va_list args;

  va_start (args, sizes);
  put_args (sizes, args);
  put (".");
  va_end (args);
  bytes = whole;
  put ("44", type, body->len + 12);
  g_byte_array_append (bytes, body->data, body->len);
  put ("4", body->len + 12);
  put_end ();
  g_byte_array_unref (body);
}

static gchar *
describe (guint link_type, guint interface, GstPacketType type,
    GstClockTime time, guint wire_length, const guint8 * data, gsize size)
{
  g_autofree gchar *sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, data,
      size);

  return g_strdup_printf ("link type %u, interface %u, %u, %" G_GUINT64_FORMAT
      ", %" G_GSIZE_FORMAT " of %u bytes, %s", link_type, interface, type, time,
      size, wire_length, sum);
}

/* What was put last is a packet. */
static void
expect (guint link_type, guint interface, GstPacketType type,
    GstClockTime time, guint wire_length)
{
  g_ptr_array_add (expected, describe (link_type, interface, type, time,
          wire_length, data->data, data->len));
  g_array_index (ends, End, ends->len - 1).n_packets++;
}

static void
put_section (void)
{
  put_block (0x0a0d0d0a, "4228", 0x1a2b3c4d, 1, 0, G_MAXUINT64);
}

static void
put_interface (guint link_type, guint snaplen, gint resolution, gint64 offset)
{
  /* if_name, if_tsresol or an option that nobody knows, if_tsoffset */
  put_block (1, "224" "224" "221." "228" "4", link_type, 0, snaplen, 2, 4,
      0x65746837, resolution == DEFAULT ? 99 : 9, 1, resolution, 14, 8, offset,
      0);
}

static void
put_packet (guint link_type, guint interface, guint64 ticks, GstClockTime time,
    guint size, guint wire_length)
{
  /* with an option that nobody knows, and sent */
  put_block (6, "44444d." "222." "224" "4", interface, HI (ticks), LO (ticks),
      size, wire_length, size, 77, 2, 0xabcd, 2, 4, 2, 0);
  expect (link_type, interface, GST_PACKET_TYPE_OUTGOING, time, wire_length);
}

/* Everything that a pcapng file can have, then a section of the other order. */
static void
make_pcapng (guint n)
{
  for (guint section = 0; section < 2; section++, big = !big) {
    put_section ();
    put_interface (1 + section, 10, DEFAULT, 0);
    put_block (0x0bad, "4d", 7, 41);
    put_interface (101, 50, 9, 0);
    for (guint i = 0; i < n; i++) {
      guint64 time = START + (section * n + i) * 1001;

      put_packet (1 + section, 0, time / 1000, time / 1000 * 1000, i * 31 % 99,
          100 + i);
      put_block (i % 2 ? 0x40000bad : 1000 + i, "d", i * 5 % 60);
      put_block (2, "224444d.", 1, 3, HI (time), LO (time), i % 7, i % 7,
          i % 7);
      expect (101, 1, GST_PACKET_TYPE_UNKNOWN, time, i % 7);
      /* cut by the snaplen of the first interface */
      put_block (3, "4d", i % 5 * 3, MIN (i % 5 * 3, 10));
      expect (1 + section, 0, GST_PACKET_TYPE_UNKNOWN, GST_CLOCK_TIME_NONE,
          i % 5 * 3);
      put_block (4, "22411.4", 1, 6, 0x0a000001, 'x', 0, 0);    /* names */
      put_interface (113, 50, 9, 0);
      put_packet (113, 2 + i, time, time, 50, 2000);
    }
    put_block (10, "44d", 0x544c534b, 5, 5);    /* secrets */
    put_block (5, "4444", 1, 0, 0, 0);  /* statistics */
  }
}

static void
make_pcap (gboolean nanoseconds, guint n)
{
  put ("422844", nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 2, 4, (guint64) 0,
      65535, 113);
  put_end ();
  for (guint i = 0; i < n; i++) {
    guint64 time = START + i * 1001;
    guint size = i * 31 % 99, unit = nanoseconds ? 1 : 1000;

    put ("4444d", LO (time / GST_SECOND), LO (time % GST_SECOND / unit), size,
        size + i, size);
    put_end ();
    expect (113, 0, GST_PACKET_TYPE_UNKNOWN, time / unit * unit, size + i);
  }
}

/* Reading. */

static void
take (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer user_data)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint link_type = -1;
  GstMapInfo map;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
      &link_type);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_ptr_array_add (got, meta == NULL ? g_strdup ("no meta") : describe
      (link_type, meta->interface_id, meta->packet_type, meta->capture_time,
          meta->wire_length, map.data, map.size));
  gst_buffer_unmap (buffer, &map);
}

#define PULLED "filesrc location=%s"
#define PUSHED "filesrc blocksize=7 location=%s ! queue"

/* A file of the first @length bytes, read until EOS or an error. */
static void
run (const gchar * source, gsize length)
{
  g_autofree gchar *format = g_strconcat (source, " ! pcapdec ! fakesink "
      "name=sink sync=false signal-handoffs=true", NULL);
  g_autofree gchar *line = g_strdup_printf (format, location);
  GstMessageType type = GST_MESSAGE_WARNING;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;
  g_autoptr (GstBus) bus = NULL;

  /* without a sync */
  fail_unless (g_file_set_contents_full (location, (gchar *) bytes->data,
          length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (take), NULL);
  bus = gst_element_get_bus (pipeline);
  g_ptr_array_set_size (got, 0);
  g_string_truncate (complaints, 0);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (type == GST_MESSAGE_WARNING) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
        9 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR
        | GST_MESSAGE_WARNING);
    g_autoptr (GError) complaint = NULL;

    fail_unless (message != NULL, "no end after %u packets", got->len);
    type = GST_MESSAGE_TYPE (message);
    if (type == GST_MESSAGE_EOS)
      break;
    gst_structure_get (gst_message_get_structure (message), "gerror",
        G_TYPE_ERROR, &complaint, NULL);
    g_string_append_printf (complaints, "%s: %s\n",
        gst_message_type_get_name (type), complaint->message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* The first @n packets, and no more. */
static void
check_packets (guint n)
{
  for (guint i = 0; i < MIN (n, got->len); i++) {
    assert_equals_string (g_ptr_array_index (got, i), g_ptr_array_index
        (expected, i));
  }
  fail_unless (got->len == n, "%u packets in place of %u, %s", got->len, n,
      complaints->str);
}

/* The whole stream, from everywhere and in pieces of every size. */
static void
check_stream (void)
{
  static const gchar *sources[] = { PULLED, PUSHED,
    "filesrc blocksize=1 location=%s ! queue",
    "filesrc blocksize=2 location=%s ! queue",
    "filesrc blocksize=3 location=%s ! queue",
    "filesrc blocksize=4096 location=%s ! queue", "giosrc location=file://%s"
  };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    run (sources[i], bytes->len);
    check_packets (expected->len);
    assert_equals_string (complaints->str, "");
  }
}

GST_START_TEST (test_streams)
{
  big = __i__ & 1;
  if (__i__ < 2)
    make_pcapng (FEW ? 5 : 40);
  else
    make_pcap (__i__ & 2, FEW ? 20 : 150);
  check_stream ();
}
GST_END_TEST

#define TICKS(n) G_GUINT64_CONSTANT (n)

/* Powers of ten, of two with the highest bit, and seconds on top. */
GST_START_TEST (test_resolutions)
{
  static const struct
  {
    gint resolution;
    gint64 offset;
    guint64 ticks, time;
  } rows[] = {
    {DEFAULT, 0, TICKS (1700000000123456), START + 123456000},
    {0, 0, SECONDS, START},
    {1, 0, TICKS (17000000001), START + 100000000},
    {3, 0, TICKS (1700000000123), START + 123000000},
    {6, 0, TICKS (1700000000123456), START + 123456000},
    {6, -3600, TICKS (1700003600123456), START + 123456000},
    {9, 0, START + 123456789, START + 123456789},
    {9, SECONDS, 7, START + 7},
    {12, SECONDS, TICKS (1234567891234), START + 1234567891},
    {19, SECONDS, TICKS (15000000000000000000), START + 1500000000},
    {20, SECONDS, TICKS (15000000000000000000), START + 150000000},
    {127, SECONDS, G_MAXUINT64, START},
    {0x80, 0, SECONDS, START},
    {0x80 | 1, 0, TICKS (3400000001), START + 500000000},
    {0x80 | 10, 0, SECONDS * TICKS (1024) + 256, START + 250000000},
    {0x80 | 20, -5, (SECONDS + 5) * TICKS (1048576), START},
    {0x80 | 32, 0, (TICKS (SECONDS) << 32) + (TICKS (3) << 30),
        START + 750000000},
    {0x80 | 63, SECONDS, TICKS (1) << 62, START + 500000000},
    {0x80 | 64, SECONDS, TICKS (1) << 63, START + 500000000},
    {0x80 | 127, SECONDS, TICKS (1) << 63, START},
  };
  const guint row = __i__ * RESOLUTION_STEP, i = row / 2;

  big = row & 1;
  put_section ();
  put_interface (1, 0, rows[i].resolution, rows[i].offset);
  put_packet (1, 0, rows[i].ticks, rows[i].time, 60, 60);
  run (PULLED, bytes->len);
  check_packets (1);
}
GST_END_TEST

/* The last that ends at or before @at. */
static guint
find_end (gsize at)
{
  guint i = 0;

  while (i + 1 < ends->len && g_array_index (ends, End, i + 1).at <= at)
    i++;
  return i;
}

/* Wherever it ends, what is whole comes, and a warning unless all is whole. */
GST_START_TEST (test_torn)
{
  guint step = FEW ? 197 : 5;

  if (__i__ & 1)
    make_pcapng (2);
  else
    make_pcap (TRUE, 8);
  for (gsize at = g_array_index (ends, End, 0).at; at <= bytes->len;
      at += at < 80 || bytes->len - at < 40 ? 1 + step / 9 : step) {
    const End *end = &g_array_index (ends, End, find_end (at));

    run (__i__ & 2 ? PULLED : PUSHED, at);
    check_packets (end->n_packets);
    fail_unless (at == end->at ? complaints->len == 0 :
        g_str_has_prefix (complaints->str, "warning: ")
        && !strstr (complaints->str, "error: "), "%s", complaints->str);
  }
}
GST_END_TEST

/* Whether a byte from @first to @last is named. */
static gboolean
names_byte (gsize first, gsize last)
{
  for (gchar * p = complaints->str; *p != '\0'; p++) {
    gsize n = g_ascii_isdigit (*p) ? g_ascii_strtoull (p, &p, 10) : 0;

    if (n >= first && n <= last)
      return TRUE;
  }
  return FALSE;
}

/* What comes before has come, at once, and no length is believed. */
GST_START_TEST (test_corrupt)
{
  static const struct
  {
    gboolean pcapng;
    guint at;                   /* in the block or record */
    guint32 value;
  } rows[] = {
    {TRUE, 4, 0}, {TRUE, 4, 8}, {TRUE, 4, 33}, {TRUE, 4, 0xfffffffc},
    {TRUE, 4, 0xffffffff}, {TRUE, 4, 200000000}, {TRUE, 4, 100},
    {TRUE, 8, 99999}, {TRUE, 20, 0xfffffff0}, {TRUE, 20, 1000},
    {FALSE, 8, 0xffffffff}, {FALSE, 8, 0xfffffff0}, {FALSE, 8, 200000000},
  };
  gint64 start = g_get_monotonic_time ();
  struct rusage before, after;
  const End *end;
  guint i;

  if (rows[__i__].pcapng)
    make_pcapng (50);
  else
    make_pcap (TRUE, 300);
  /* an enhanced packet block, at a number that is nothing else */
  for (i = find_end (10000); rows[__i__].pcapng
      && GST_READ_UINT32_LE (bytes->data + g_array_index (ends, End,
              i).at) != 6; i++);
  end = &g_array_index (ends, End, i);
  GST_WRITE_UINT32_LE (bytes->data + end->at + rows[__i__].at,
      rows[__i__].value);
  getrusage (RUSAGE_SELF, &before);
  for (guint pull = 0; pull < 2; pull++) {
    run (pull ? PULLED : PUSHED, bytes->len);
    check_packets (end->n_packets);
    fail_unless (complaints->len > 0);
    fail_unless (rows[__i__].value == 200000000
        || names_byte (end->at, end[1].at), "%s", complaints->str);
  }
  getrusage (RUSAGE_SELF, &after);
  fail_unless (after.ru_maxrss - before.ru_maxrss < 65536);
  fail_unless (g_get_monotonic_time () - start < 2000000 || FEW);
}
GST_END_TEST

GST_START_TEST (test_typefind)
{
  for (guint i = 0; i < 6; i++) {
    g_autoptr (GstCaps) caps = NULL;

    g_byte_array_set_size (bytes, 0);
    big = i & 1;
    if (i < 2)
      make_pcapng (1);
    else
      make_pcap (i & 2, 3);
    caps = gst_type_find_helper_for_data (NULL, bytes->data, bytes->len, NULL);
    fail_unless (caps != NULL, "%u", i);
    fail_unless (gst_structure_has_name (gst_caps_get_structure (caps, 0),
            i < 2 ? "application/x-pcapng" : "raw/x-pcap"));
  }
}
GST_END_TEST

static Suite *
pcapdec_suite (void)
{
  Suite *suite = suite_create ("pcapdec");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_streams, 0, 6);
  tcase_add_loop_test (tc, test_resolutions, 0,
      2 * 20 / RESOLUTION_STEP);
  tcase_add_loop_test (tc, test_torn, 0, 4);
  tcase_add_loop_test (tc, test_corrupt, 0, 13);
  tcase_add_test (tc, test_typefind);
  return suite;
}

GST_CHECK_MAIN (pcapdec)
