/* packetdepay and flowdemux use buffers again: whatever downstream does to them, the next
 * packet is as it should be, and what is kept stays as it was.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "packetkit.h"
#include "spoil.h"

#include <gst/net/gstnetaddressmeta.h>
#include <string.h>

/* Of the file; it is played so often that all buffers come again. */
#define N 1500
#define ROUNDS 5

#define STEP (20 * GST_USECOND)

typedef struct
{
  GstBuffer *buffer;
  guint number;
  GstClockTime time;
} Kept;

typedef struct
{
  const SpoilRun *kind;
  gboolean flows;               /* each on its pad: they come in another order */
  gboolean file;                /* out of pcapdec, once */
  guint n;                      /* packets that have come */
  GstClockTime last;            /* capture time */
  GArray *kept;                 /* of Kept */
  GHashTable *buffers;          /* addresses of all that came */
  GMutex lock;
  GCond cond;
  guint ended;                  /* pads that have had EOS */
  GPtrArray *pads;              /* of GstPad */
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

static gsize
get_size (guint number)
{
  return 4 + number % 50;
}

static gboolean
is_tagged (guint number)
{
  return number % 3 == 0;
}

static GstBuffer *
make_packet (guint number)
{
  guint8 payload[64] = { 0, };
  KitPacket packet = {.time = number * STEP,.src_port = 1000 + number % 7,
    .payload = payload,.size = get_size (number)
  };
  GstBuffer *buffer;
  GstMapInfo map;

  if (is_tagged (number))
    packet.vlans[0] = 1 + number % 5;
  memset (payload, number, packet.size);
  GST_WRITE_UINT32_BE (payload, number);
  buffer = kit_make (&packet);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  map.data[(is_tagged (number) ? 18 : 14) + 14] = number % 5;  /* 10.0.x.1 */
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static void
put_packet (guint number, guint8 * bytes, GstPcapPacket * packet)
{
  GstBuffer *buffer = make_packet (number);

  packet->type = number % 5;
  packet->time = KIT_START + number * STEP;
  packet->captured_length = packet->wire_length =
      gst_buffer_extract (buffer, 0, bytes, KIT_MOST_BYTES);
  gst_buffer_unref (buffer);
}

/* What has to be on each of them, and nothing else. */

static void
check_bytes (GstBuffer * buffer, guint number)
{
  gsize size = get_size (number);
  GstMapInfo map;

  fail_unless_equals_int (gst_buffer_n_memory (buffer), 1);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (map.size, size);
  fail_unless_equals_int (GST_READ_UINT32_BE (map.data), number);
  for (gsize i = 4; i < size; i++)
    fail_unless_equals_int (map.data[i], number & 0xff);
  gst_buffer_unmap (buffer, &map);
}

static void
check_address (GstBuffer * buffer, guint number)
{
  GstNetAddressMeta *meta = gst_buffer_get_net_address_meta (buffer);
  GInetSocketAddress *address;
  const guint8 *bytes;

  fail_unless (meta != NULL);
  address = G_INET_SOCKET_ADDRESS (meta->addr);
  bytes = g_inet_address_to_bytes (g_inet_socket_address_get_address (address));
  fail_unless_equals_int (g_inet_socket_address_get_port (address),
      1000 + number % 7);
  fail_unless (bytes[0] == 10 && bytes[2] == number % 5 && bytes[3] == 1);
}

static void
check_packet_meta (GstBuffer * buffer, guint number)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  fail_unless (meta != NULL);
  fail_unless_equals_int (meta->wire_length, get_size (number));
  fail_unless_equals_int (meta->network_offset, GST_CAPTURE_NO_IP_OFFSET);
  fail_unless (!is_tagged (number) == !(meta->flags & GST_PACKET_FLAG_VLAN));
  fail_unless_equals_int (meta->vlan_tci,
      is_tagged (number) ? 1 + number % 5 : 0);
}

static guint
get_number (GstBuffer * buffer)
{
  guint8 bytes[4] = { 0, };

  gst_buffer_extract (buffer, 0, bytes, sizeof (bytes));
  return GST_READ_UINT32_BE (bytes);
}

static void
check_buffer (GstBuffer * buffer, guint number)
{
  check_bytes (buffer, number);
  check_address (buffer, number);
  check_packet_meta (buffer, number);
  fail_unless_equals_int (kit_count_metas (buffer), 2);
}

/* The whole of a new one: nothing of its last use. */
static void
check_new (Run * self, GstBuffer * buffer)
{
  GstClockTime time = gst_buffer_get_packet_meta (buffer)->capture_time;

  if (self->flows) {
    check_buffer (buffer, get_number (buffer));
    fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER));
    self->last = time;
    return;
  }
  check_buffer (buffer, self->n % N);
  fail_unless (self->file
      || gst_is_afring_memory (gst_buffer_peek_memory (buffer, 0)));
  fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER));
  fail_if (self->n > 0
      && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  fail_unless (GST_BUFFER_PTS_IS_VALID (buffer));
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), self->n);
  fail_unless (self->n % N == 0 || time == self->last + STEP);
  self->last = time;
}

static void
keep (Run * self, GstBuffer * buffer)
{
  Kept kept = { gst_buffer_ref (buffer), get_number (buffer), self->last };

  g_array_append_val (self->kept, kept);
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
      keep (self, buffer);
  }
  spoil_list (self->kind, list, self->n);
  return GST_PAD_PROBE_OK;
}

static void
check_kept (Run * self)
{
  for (guint i = 0; i < self->kept->len; i++) {
    const Kept *kept = &g_array_index (self->kept, Kept, i);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (kept->buffer);

    if (self->kind->spoil == NULL)
      check_buffer (kept->buffer, kept->number);
    else
      check_bytes (kept->buffer, kept->number);
    fail_unless_equals_uint64 (meta->capture_time, kept->time);
  }
}

static void
drop_kept (gpointer kept)
{
  gst_buffer_unref (((Kept *) kept)->buffer);
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Run *run = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&run->lock);
    run->ended++;
    g_cond_signal (&run->cond);
    g_mutex_unlock (&run->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

static GstFlowReturn
take_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static GstPad *
add_pad (GstPad * src, Run * run)
{
  GstPad *pad = gst_object_ref_sink (gst_pad_new ("check", GST_PAD_SINK));

  gst_pad_set_element_private (pad, run);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_chain_list_function (pad, take_list);
  gst_pad_set_active (pad, TRUE);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER_LIST, list_passes, run,
      NULL);
  fail_unless_equals_int (gst_pad_link (src, pad), GST_PAD_LINK_OK);
  return pad;
}

static void
flow_comes (GstElement * element, GstPad * src, gpointer run)
{
  g_ptr_array_add (((Run *) run)->pads, add_pad (src, run));
}

static void
play (const gchar * location, Run * run)
{
  const gchar *source = run->file ? "filesrc location=%s ! pcapdec ! %s name=last" :
      "afringmocksrc location=%s loop=" G_STRINGIFY (ROUNDS)
      " block-size=65536 block-count=8 ! %s name=last";
  g_autofree gchar *line = g_strdup_printf (source, location,
      run->flows ? "flowdemux" : "packetdepay");
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *last = gst_bin_get_by_name (GST_BIN (pipeline), "last");
  GstPad *src = gst_element_get_static_pad (last, "src");

  if (src != NULL)
    g_ptr_array_add (run->pads, add_pad (src, run));
  else
    g_signal_connect (last, "pad-added", G_CALLBACK (flow_comes), run);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_mutex_lock (&run->lock);
  while (run->ended == 0 || run->ended < run->pads->len)
    g_cond_wait (&run->cond, &run->lock);
  g_mutex_unlock (&run->lock);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_clear_object (&src);
  gst_object_unref (last);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_reuse)
{
  const SpoilRun *kind = &spoil_runs[__i__ % SPOIL_N_RUNS];
  g_autofree gchar *location = kit_write_file (folder, N, put_packet);
  Run run = {.kind = kind,.flows = __i__ / SPOIL_N_RUNS % 2 == 1,
    .file = __i__ >= 2 * SPOIL_N_RUNS
  };

  run.pads = g_ptr_array_new_with_free_func (gst_object_unref);
  run.kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  g_array_set_clear_func (run.kept, drop_kept);
  run.buffers = g_hash_table_new (NULL, NULL);
  spoil_begin ();

  play (location, &run);
  fail_unless_equals_int (run.n, run.file ? N : N * ROUNDS);
  /* they do come again, where that may be */
  if (kind->spoil == NULL && kind->keep_every != 1 && !run.flows)
    fail_unless (g_hash_table_size (run.buffers) < run.n / 2, "%u",
        g_hash_table_size (run.buffers));
  /* the pipeline has gone, and they have not */
  check_kept (&run);
  g_array_unref (run.kept);
  g_ptr_array_unref (run.pads);
  spoil_end ();
  g_hash_table_unref (run.buffers);
}
GST_END_TEST

static Suite *
packetreuse_suite (void)
{
  Suite *suite = suite_create ("packetreuse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_set_timeout (tc, 300);
  tcase_add_loop_test (tc, test_reuse, 0,
      4 * SPOIL_N_RUNS);
  return suite;
}

GST_CHECK_MAIN (packetreuse)
