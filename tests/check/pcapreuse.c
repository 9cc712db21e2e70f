/* pcapdec uses buffers again: whatever downstream does to them, the next packet is as it
 * should be, and what is kept stays as it was, when the file has gone too. They come back in
 * its own thread, or behind a queue in another.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "packetkit.h"
#include "spoil.h"

#include <string.h>

/* Of the file; several pieces, of many lists each. */
#define N 9000
#define STEP (10 * GST_USECOND)
#define MOST_BYTES 120

typedef struct
{
  const SpoilRun *kind;
  guint n;                      /* packets that have come */
  guint in_file;                /* of which so many lie where they were read */
  GPtrArray *kept;              /* of GstBuffer */
  GHashTable *buffers;          /* addresses of all that came */
} Run;

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

/* Packets of which neighbours differ in all that a meta says. */

static gboolean
is_tagged (guint number)
{
  return number % 3 == 0;
}

static gsize
make_bytes (guint number, guint8 * bytes)
{
  gsize size = 60 + number % (MOST_BYTES - 60), at = 12;

  memset (bytes, number, size);
  if (is_tagged (number)) {
    GST_WRITE_UINT32_BE (bytes + at, 0x81000000 | (1 + number % 5));
    at += 4;
  }
  GST_WRITE_UINT16_BE (bytes + at, number % 2 ? 0x0800 : 0x88b5);
  GST_WRITE_UINT32_BE (bytes, number);
  return size;
}

static void
put_packet (guint number, guint8 * bytes, GstPcapPacket * packet)
{
  packet->type = number % 5;
  packet->time = KIT_START + number * STEP;
  packet->captured_length = make_bytes (number, bytes);
  packet->wire_length = packet->captured_length + number % 7;
}

/* What has to be on each of them, and nothing else. */

static void
check_bytes (GstBuffer * buffer, guint number)
{
  guint8 bytes[MOST_BYTES];
  gsize size = make_bytes (number, bytes);
  GstMapInfo map;

  fail_unless_equals_int (gst_buffer_n_memory (buffer), 1);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (map.size, size);
  fail_unless (memcmp (map.data, bytes, size) == 0, "packet %u", number);
  gst_buffer_unmap (buffer, &map);
}

static void
check_meta (GstBuffer * buffer, guint number)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  guint8 bytes[MOST_BYTES], network = is_tagged (number) ? 18 : 14;

  fail_unless (meta != NULL);
  fail_unless_equals_int (kit_count_metas (buffer), 1);
  fail_unless_equals_uint64 (meta->capture_time, KIT_START + number * STEP);
  fail_unless_equals_int (meta->wire_length,
      make_bytes (number, bytes) + number % 7);
  fail_unless_equals_int (meta->packet_type, number % 5);
  fail_unless_equals_int (meta->network_offset,
      number % 2 ? network : GST_CAPTURE_NO_IP_OFFSET);
  fail_unless_equals_int (meta->flags,
      is_tagged (number) ? GST_PACKET_FLAG_VLAN : 0);
  fail_unless_equals_int (meta->vlan_tci,
      is_tagged (number) ? 1 + number % 5 : 0);
  fail_unless_equals_int (meta->vlan_tpid, is_tagged (number) ? 0x8100 : 0);
  fail_unless_equals_int (meta->rx_hash, 0);
}

static void
check_new (Run * self, GstBuffer * buffer)
{
  check_bytes (buffer, self->n);
  check_meta (buffer, self->n);
  fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER));
  fail_if (self->n > 0
      && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), self->n * STEP);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), self->n);
  self->in_file += gst_memory_is_type (gst_buffer_peek_memory (buffer, 0),
      "GstPcapMemory");
}

static GstPadProbeReturn
list_passes (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  guint n = gst_buffer_list_length (list);
  Run *self = user_data;

  fail_unless (gst_buffer_list_is_writable (list));
  for (guint i = 0; i < n; i++, self->n++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    g_hash_table_add (self->buffers, buffer);
    check_new (self, buffer);
    if (self->kind->keep_every > 0 && self->n % self->kind->keep_every == 0)
      g_ptr_array_add (self->kept, gst_buffer_ref (buffer));
  }
  spoil_list (self->kind, list, self->n);
  return GST_PAD_PROBE_OK;
}

static void
check_kept (Run * self)
{
  for (guint i = 0; i < self->kept->len; i++) {
    GstBuffer *buffer = g_ptr_array_index (self->kept, i);

    check_bytes (buffer, i * self->kind->keep_every);
    if (self->kind->spoil == NULL)
      check_meta (buffer, i * self->kind->keep_every);
  }
}

static void
play (const gchar * location, gboolean queued, Run * run)
{
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! "
      "pcapdec name=decoder ! %s fakesink sync=false", location,
      queued ? "queue !" : "");
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *decoder = gst_bin_get_by_name (GST_BIN (pipeline), "decoder");
  GstPad *src = gst_element_get_static_pad (decoder, "src");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER_LIST, list_passes, run,
      NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (src);
  gst_object_unref (decoder);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_reuse)
{
  const SpoilRun *kind = &spoil_runs[__i__ % SPOIL_N_RUNS];
  g_autofree gchar *location = kit_write_file (folder, N, put_packet);
  Run run = {.kind = kind };

  run.kept = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  run.buffers = g_hash_table_new (NULL, NULL);
  spoil_begin ();

  play (location, __i__ >= SPOIL_N_RUNS, &run);
  fail_unless_equals_int (run.n, N);
  /* but for those that are in two pieces of the file */
  fail_unless (run.in_file > N * 9 / 10, "%u", run.in_file);
  /* they do come again, where that may be */
  if (kind->spoil == NULL && kind->keep_every != 1)
    fail_unless (g_hash_table_size (run.buffers) < N / 2, "%u",
        g_hash_table_size (run.buffers));
  /* pipeline and file have gone, and they have not */
  check_kept (&run);
  g_ptr_array_unref (run.kept);
  spoil_end ();
  g_hash_table_unref (run.buffers);
}
GST_END_TEST

static Suite *
pcapreuse_suite (void)
{
  Suite *suite = suite_create ("pcapreuse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_set_timeout (tc, 300);
  tcase_add_loop_test (tc, test_reuse, 0, 2 * SPOIL_N_RUNS);
  return suite;
}

GST_CHECK_MAIN (pcapreuse)
