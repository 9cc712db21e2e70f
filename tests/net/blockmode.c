/* Block mode on the real ring: chosen where it can be, and the packets that
 * packet mode has of the same traffic.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/blockrun.h"
#include "../check/folder.h"
#include "netutil.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BLOCKS "application/x-pcapng"
#define SINK "fakesink name=sink async=false sync=false " \
    "enable-last-sample=false"
#define PORT 5004
#define SLOW (block_is_slow ())

static gchar *folder;

static void
setup (void)
{
  folder = folder_new (FALSE);
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  folder_remove (folder);
  net_remove ("va");
}

static void
end (BlockRun * run)
{
  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  block_run_wait_eos (run);
}

/* %s is the folder. */
static const struct
{
  const gchar *sinks;
  gboolean blocks;
} choices[] = {
  {"pcapsink location=%s/a.pcapng", TRUE},
  {"pcapsink location=%s/a", TRUE},
  {"pcapsink location=%s/a.pcap format=pcapng", TRUE},
  {"queue ! pcapsink location=%s/a.pcapng", TRUE},
  {"identity ! pcapsink location=%s/a.pcapng", TRUE},
  {"tee ! pcapsink location=%s/a.pcapng", TRUE},
  {"tee name=t ! queue ! pcapsink location=%s/a.pcapng t. ! queue ! "
        "pcapsink location=%s/b.pcapng", TRUE},
  {BLOCKS " ! " SINK, TRUE},
  {BLOCKS " ! filesink async=false location=%s/a.pcapng", TRUE},
  {BLOCKS " ! tee name=t ! queue ! pcapsink location=%s/a.pcapng t. ! queue ! "
        SINK, TRUE},

  {"pcapsink location=%s/a.pcap", FALSE},
  {"pcapsink location=%s/a.pcapng format=pcap", FALSE},
  {"application/x-packet ! pcapsink location=%s/a.pcapng", FALSE},
  {SINK, FALSE},
  {"appsink async=false wait-on-eos=false", FALSE},
  {"tee name=t ! queue ! pcapsink location=%s/a.pcapng t. ! queue ! " SINK,
        FALSE},
  {"tee name=t ! queue ! " SINK " t. ! queue ! pcapsink location=%s/a.pcapng",
        FALSE},
  {"tee name=t ! queue ! pcapsink location=%s/a.pcapng t. ! queue ! appsink "
        "async=false wait-on-eos=false", FALSE},
  {"tee name=t ! queue ! pcapsink location=%s/a.pcapng t. ! queue ! "
        "packetdepay ! " SINK, FALSE},
  {"packetfilter ! pcapsink location=%s/a.pcapng", FALSE},
};

GST_START_TEST (test_choice)
{
  const guint row = BLOCK_ROW (__i__);
  g_auto (GStrv) parts = g_strsplit (choices[row].sinks, "%s", 4);
  g_autofree gchar *sinks = g_strjoinv (folder, parts);
  BlockRun *run = block_run_new ("afringsrc name=src interface=vb ! %s", sinks);
  g_autofree gchar *location = g_build_filename (folder, "a.pcapng", NULL);
  g_autoptr (GstCaps) caps = NULL;

  block_run_play (run);
  net_send_frames ("va", 0, 500, 200, PORT);
  for (guint i = 0; i < 1000 && block_run_get_stat (run, "src",
          "packets-captured") < 500; i++)
    g_usleep (5000);
  caps = gst_pad_get_current_caps (run->pad);
  assert_equals_string (gst_structure_get_name (gst_caps_get_structure (caps,
              0)), choices[row].blocks ? BLOCKS : "application/x-packet");
  end (run);
  if (choices[row].blocks) {
    fail_unless (run->ended && run->n_headers == 1);
    fail_unless_equals_int (run->walk->packets->len, 500);
    fail_unless_equals_int (run->n_in_ring, run->n_blocks);
  }
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  if (g_file_test (location, G_FILE_TEST_EXISTS)
      && strstr (sinks, "format=pcap") == NULL) {
    PcapngWalk *file = pcapng_walk_file (location);

    fail_unless_equals_int (file->packets->len, 500);
    fail_unless_equals_uint64 (file->received, 500);
    fail_unless_equals_uint64 (file->dropped, 0);
    pcapng_walk_free (file);
  }
  block_run_free (run);
}
GST_END_TEST

static const NetTag tags[][4] = {
  {{0, 0}},
  {{0, 0}},
  {{0x8100, 100}, {0, 0}},
  {{0x8100, 0xe064}, {0, 0}},
  {{0x8100, 0}, {0, 0}},
  {{0x88a8, 200}, {0, 0}},
  {{0x88a8, 200}, {0x8100, 100}, {0, 0}},
  {{0x8100, 200}, {0x8100, 100}, {0, 0}},
  {{0x88a8, 3}, {0x88a8, 2}, {0x8100, 1}, {0, 0}},
};

#define SIZE_OF(i) (64 + (i) * 31 % ((i) % 3 ? 1430 : 90))

/* Frame number @i, of all sizes and with all tags. */
static gsize
make_frame (guint8 * frame, guint i)
{
  net_make_frame (frame, SIZE_OF (i), tags[i % G_N_ELEMENTS (tags)],
      PORT + i % 2, i);
  if (i % 11 == 0)
    memset (frame, 0xff, 6);
  else if (i % 13 == 0)
    frame[0] = 0x03;
  return SIZE_OF (i);
}

static void
send_mixed (const gchar * interface, guint n)
{
  int sender = net_open_sender (interface);
  guint8 frame[1600];

  for (guint i = 0; i < n; i++) {
    net_send (sender, frame, make_frame (frame, i));
    if (i % 100 == 99)
      g_usleep (3000);
  }
  close (sender);
}

/* Of a block and of packet mode; times are those of two sockets. */
static void
compare_packet (guint n, const WalkedPacket * block, const SeenPacket * decoded,
    const SeenPacket * packet)
{
  gint64 difference = block->time - packet->time;

  fail_unless_equals_int (block->captured, packet->length);
  fail_unless_equals_int (block->wire, packet->wire);
  fail_unless (memcmp (block->data, packet->data, packet->length) == 0,
      "packet %u of %u bytes", n, packet->length);
  fail_unless_equals_int_hex (block->flags,
      block_flags_of (packet->meta.packet_type));
  fail_unless (ABS (difference) < 5000000, "packet %u: %" G_GINT64_FORMAT
      " ns", n, difference);

  fail_unless_equals_int (decoded->link_type, packet->link_type);
  fail_unless_equals_int (decoded->meta.packet_type, packet->meta.packet_type);
  fail_unless_equals_uint64 (decoded->time, block->time);
  fail_unless_equals_int (decoded->length, packet->length);
  fail_unless (memcmp (decoded->data, packet->data, packet->length) == 0);
}

static const struct
{
  const gchar *properties;
  guint packets;                /* of 900; 0: less than that */
  gint link_type;
} rows[] = {
  {"interface=vb", 900, 1},
  {"interface=vb block-size=4096 block-count=200", 900, 1},
  {"interface=vb block-size=65536", 900, 1},
  {"interface=va", 900, 1},
  {"interface=va direction=out", 900, 1},
  {"interface=any direction=in", 900, 276},
  {"interface=any direction=in snaplen=50", 900, 276},
  {"interface=any", 1800, 276},
  {"interface=vb snaplen=60", 900, 1},
  {"interface=vb snaplen=20", 900, 1},
  {"interface=vb snaplen=15", 900, 1},
  {"interface=va snaplen=61", 900, 1},
  {"interface=vb snaplen=1000", 900, 1},
  {"interface=vb snaplen-strategy=ipv4-transport", 900, 1},
  {"interface=vb layer=network", 900, 101},
  {"interface=va layer=network snaplen=100", 900, 101},
  {"interface=any direction=in layer=network", 900, 101},
  {"interface=vb filter=vlan", 700, 1},
  {"interface=vb filter=\"vlan 200\"", 300, 1},
  {"interface=vb filter=\"udp port 5004\"", 0, 1},
  {"interface=vb ignore-vlans=true", 200, 1},
  {"interface=vb promiscuous=true rx-hash=true", 900, 1},
};

/* Both modes at the same time. */
GST_START_TEST (test_as_packet_mode)
{
  const guint row = BLOCK_ROW (__i__);
  const gchar *properties = rows[row].properties;
  BlockRun *packets = block_run_new ("afringsrc name=src %s ! " SINK,
      properties);
  BlockRun *blocks = block_run_new ("afringsrc name=src %s ! " BLOCKS
      " ! pcapdec ! " SINK, properties);
  guint n;

  block_run_play (packets);
  block_run_play (blocks);
  send_mixed ("va", 900);
  g_usleep (SLOW ? 1000000 : 100000);
  end (packets);
  end (blocks);
  n = packets->seen->len;
  fail_unless_equals_int (blocks->walk->packets->len, n);
  fail_unless_equals_int (blocks->seen->len, n);
  fail_unless (rows[row].packets ? n == rows[row].packets : n > 90
      && n < 900, "%s: %u packets", properties, n);
  fail_unless_equals_int (blocks->walk->link_type, rows[row].link_type);
  fail_unless_equals_uint64 (blocks->walk->received,
      block_run_get_stat (blocks, "src", "packets-received"));
  fail_unless_equals_uint64 (blocks->walk->dropped, 0);
  for (guint i = 0; i < n; i++)
    compare_packet (i, pcapng_walk_get (blocks->walk, i),
        g_ptr_array_index (blocks->seen, i),
        g_ptr_array_index (packets->seen, i));
  block_run_free (packets);
  block_run_free (blocks);
}
GST_END_TEST

/* As they were sent, tags and all, from the link into the file. */
GST_START_TEST (test_as_sent)
{
  BlockRun *run = block_run_new ("afringsrc name=src interface=%s ! pcapsink "
      "location=%s/a.pcapng", __i__ ? "va" : "vb", folder);
  g_autofree gchar *location = g_build_filename (folder, "a.pcapng", NULL);
  PcapngWalk *file;
  guint8 frame[1600];

  block_run_play (run);
  send_mixed ("va", 2000);
  block_run_wait (run, 2000);
  end (run);
  fail_unless (run->ended);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  file = pcapng_walk_file (location);
  fail_unless_equals_int (file->packets->len, 2000);
  for (guint i = 0; i < 2000; i++) {
    const WalkedPacket *packet = pcapng_walk_get (file, i);
    gsize size = make_frame (frame, i);
    GstPacketType type = __i__ ? GST_PACKET_TYPE_OUTGOING : i % 11 == 0 ?
        GST_PACKET_TYPE_BROADCAST : i % 13 == 0 ? GST_PACKET_TYPE_MULTICAST :
        GST_PACKET_TYPE_OTHERHOST;

    fail_unless_equals_int (packet->captured, size);
    fail_unless_equals_int (packet->wire, size);
    fail_unless (memcmp (packet->data, frame, size) == 0, "frame %u", i);
    fail_unless_equals_int_hex (packet->flags, block_flags_of (type));
  }
  pcapng_walk_free (file);
  block_run_free (run);
}
GST_END_TEST

/* Blocks of which a filter in user space lets nothing through are no buffers. */
GST_START_TEST (test_nothing_passes)
{
  BlockRun *run = block_run_new ("afringsrc name=src interface=vb "
      "filter=\"vlan and not ip protochain 47\" ! " BLOCKS " ! " SINK);
  int sender = net_open_sender ("va");
  guint8 frame[200];

  block_run_play (run);
  for (guint i = 0; i < 60; i++) {
    net_make_frame (frame, sizeof (frame), i % 20 == 19 ? tags[2] : NULL, PORT,
        i);
    net_send (sender, frame, sizeof (frame));
    g_usleep (15000);
  }
  close (sender);
  block_run_wait (run, 3);
  end (run);
  fail_unless (run->ended);
  fail_unless_equals_int (run->n_blocks, 3);
  fail_unless_equals_int (run->n_buffers, 1 + 3 + 1);
  fail_unless_equals_uint64 (run->walk->received, 60);
  block_run_free (run);
}
GST_END_TEST

/* No link header at all. */
GST_START_TEST (test_tun)
{
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI };
  int tun = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);
  guint8 frame[1500];
  BlockRun *run;

  if (tun < 0)
    return;
  strcpy (request.ifr_name, "tun7");
  fail_unless_equals_int (ioctl (tun, TUNSETIFF, &request), 0);
  net_run ("ip link set tun7 up");
  run = block_run_new ("afringsrc name=src interface=tun7 ! " BLOCKS
      " ! pcapdec ! " SINK);
  block_run_play (run);
  for (guint i = 0; i < 300; i++) {
    net_make_frame (frame, SIZE_OF (i), NULL, PORT, i);
    fail_unless (write (tun, frame + 14, SIZE_OF (i) - 14) > 0);
  }
  block_run_wait (run, 300);
  end (run);
  fail_unless_equals_int (run->walk->link_type, 101);
  fail_unless_equals_int (run->seen->len, 300);
  for (guint i = 0; i < 300; i++) {
    const WalkedPacket *packet = pcapng_walk_get (run->walk, i);

    net_make_frame (frame, SIZE_OF (i), NULL, PORT, i);
    fail_unless_equals_int (packet->captured, SIZE_OF (i) - 14);
    fail_unless (memcmp (packet->data, frame + 14, packet->captured) == 0);
  }
  block_run_free (run);
  close (tun);
}
GST_END_TEST

/* Sections of a file for each filter, in each only what it lets through. */
GST_START_TEST (test_filter_change)
{
  static const gchar *filters[] = { "udp port 5005", "vlan 100", NULL };
  static const guint come[] = { 300, 300, 200, 900 };
  BlockRun *run = block_run_new ("afringsrc name=src interface=vb "
      "filter=\"udp port 5004\" ! pcapsink name=file location=%s/%%d.pcapng",
      folder);
  guint n = 0, in_files = 0;
  GDir *dir;
  const gchar *name;

  block_run_play (run);
  for (guint i = 0;; i++) {
    guint before;

    send_mixed ("va", 900);
    /* the kernel takes off one tag: six kinds of nine are UDP, half to each
     * port */
    n += come[i];
    block_run_wait (run, n);
    g_usleep (100000);
    g_mutex_lock (&run->lock);
    before = run->n_headers;
    fail_unless_equals_int (run->walk->packets->len, n);
    g_mutex_unlock (&run->lock);
    fail_unless_equals_int (before, i + 1);
    if (i == G_N_ELEMENTS (filters))
      break;
    g_object_set (run->src, "filter", filters[i], NULL);
    g_usleep (300000);
  }
  end (run);
  fail_unless_equals_int (run->walk->sections, 4);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file", "packets"), n);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);
    PcapngWalk *file = pcapng_walk_file (path);

    in_files += file->packets->len;
    pcapng_walk_free (file);
  }
  g_dir_close (dir);
  fail_unless_equals_int (in_files, n);
  block_run_free (run);
}
GST_END_TEST

static Suite *
blockmode_suite (void)
{
  Suite *suite = suite_create ("blockmode");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_choice, 0,
      BLOCK_N_ROWS (G_N_ELEMENTS (choices)));
  tcase_add_loop_test (tc, test_as_packet_mode, 0,
      BLOCK_N_ROWS (G_N_ELEMENTS (rows)));
  tcase_add_loop_test (tc, test_as_sent, 0, 2);
  tcase_add_test (tc, test_nothing_passes);
  tcase_add_test (tc, test_tun);
  tcase_add_test (tc, test_filter_change);
  return suite;
}

GST_CHECK_MAIN (blockmode)
