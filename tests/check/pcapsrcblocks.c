/* pcapsrc: packets as blocks of pcapng, and where they lie.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

static GByteArray *stream;      /* behind the headers */
static guint n_headers, n_buffers, n_shared;
static gsize headers_size;

static void
take_buffer (GstBuffer * buffer)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER)) {
    n_headers++;
    headers_size = map.size;
  } else {
    n_buffers++;
    n_shared += gst_memory_is_type (gst_buffer_peek_memory (buffer, 0),
        "GstPcapMemory");
    g_byte_array_append (stream, map.data, map.size);
  }
  gst_buffer_unmap (buffer, &map);
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    take_buffer (GST_PAD_PROBE_INFO_BUFFER (info));
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      take_buffer (gst_buffer_list_get (list, i));
  }
  return GST_PAD_PROBE_OK;
}

static void
run (const gchar * downstream)
{
  g_autofree gchar *line = g_strdup_printf ("pcapsrc name=s location=%s ! %s",
      find_folder, downstream);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error), *source;
  GstMessage *message;
  GstBus *bus;
  GstPad *pad;

  fail_unless (error == NULL, "%s", error ? error->message : "");
  n_headers = n_buffers = n_shared = 0;
  stream = g_byte_array_new ();
  source = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, take, NULL, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (source);
  gst_object_unref (pipeline);
}

/* What has its number and its time lies where it was read, and neighbours are one. */
GST_START_TEST (test_not_copied)
{
  GByteArray *file = find_make (TRUE, 0, 5000, GST_USECOND);
  GByteArray *start = find_make (TRUE, 0, 0, GST_USECOND);
  gsize size = file->len - start->len;
  g_autofree guint8 *blocks = g_memdup2 (file->data + start->len, size);

  g_byte_array_unref (start);
  find_write ("a.pcapng", file);
  run ("application/x-pcapng ! fakesink");
  fail_unless_equals_int (n_headers, 1);
  fail_unless_equals_uint64 (stream->len, size);
  fail_unless (memcmp (stream->data, blocks, size) == 0);
  /* a list is of 256 packets; two pieces of the file meet in a packet */
  fail_unless (n_buffers <= 5000 / 256 + 1 + 5 + 2 * 3, "%u buffers", n_buffers);
  fail_unless (n_shared + 2 >= n_buffers, "%u of %u buffers are shared",
      n_shared, n_buffers);
  g_byte_array_unref (stream);
}

GST_END_TEST;

/* Another number, or times in microseconds: all else is the same. */
GST_START_TEST (test_renumbered)
{
  GByteArray *both = find_make (TRUE, 0, 0, 0);
  guint32 id;

  capture_put_interface (both, 1);
  capture_put_packet (both, 1, CAPTURE_START, 7);
  capture_put_packet (both, 0, CAPTURE_START + 1, 8);
  /* two interfaces of one name in one file are two */
  find_write ("a.pcapng", find_make (TRUE, 0, 1, 0));
  find_write ("b.pcapng", both);
  run ("application/x-pcapng ! fakesink");
  fail_unless_equals_int (n_headers, 1);
  fail_unless_equals_int (stream->len % 3, 0);
  for (guint i = 0; i < 3; i++) {
    memcpy (&id, stream->data + i * stream->len / 3 + 8, sizeof (id));
    fail_unless_equals_int (id, i == 1);
  }
  g_byte_array_unref (stream);
}

GST_END_TEST;

/* Packets, unless there is no other way to say anything. */
GST_START_TEST (test_negotiation)
{
  g_autofree gchar *path = find_path ("out");
  g_autofree gchar *file = g_strdup_printf ("filesink location=%s", path);
  g_autofree gchar *queued = g_strdup_printf ("queue ! %s", file);
  const struct
  {
    const gchar *downstream;
    guint n_headers;
  } cases[] = { {"fakesink", 0}, {"identity ! fakesink", 0},
    {"application/x-packet ! fakesink", 0}, {"pcapenc ! fakesink", 0},
    {"packetfilter ! fakesink", 0}, {file, 1}, {queued, 1},
    {"capsfilter caps=application/x-pcapng ! queue ! fakesink", 1},
  };

  find_write ("a.pcapng", find_make (TRUE, 0, 10, GST_MSECOND));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    run (cases[i].downstream);
    fail_unless (n_headers == cases[i].n_headers, "%s", cases[i].downstream);
    g_byte_array_unref (stream);
    g_remove (path);
  }
}

GST_END_TEST;

/* A file without packets is one that everything reads. */
GST_START_TEST (test_nothing)
{
  find_write ("a.pcapng", find_make (TRUE, 0, 0, 0));
  run ("application/x-pcapng ! fakesink");
  fail_unless_equals_int (n_headers, 1);
  fail_unless_equals_uint64 (stream->len, 0);
  /* with its interface */
  fail_unless (headers_size > 60);
  g_byte_array_unref (stream);
}

GST_END_TEST;

static Suite *
pcapsrcblocks_suite (void)
{
  Suite *suite = suite_create ("pcapsrcblocks");
  TCase *tcase = tcase_create ("blocks");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, find_setup, find_teardown);
  tcase_add_test (tcase, test_not_copied);
  tcase_add_test (tcase, test_renumbered);
  tcase_add_test (tcase, test_negotiation);
  tcase_add_test (tcase, test_nothing);
  return suite;
}

GST_CHECK_MAIN (pcapsrcblocks);
