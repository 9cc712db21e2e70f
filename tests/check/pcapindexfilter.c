/* gst-afring tests: no piece of a file with a match is passed over
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/capture/gstfilterexpression.h>
#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/check/gstcheck.h>
#include <pcap/pcap.h>
#include <stdlib.h>

/* Random expressions over random packets that are out to get an index: whatever libpcap's
 * own interpreter, or this project's, accepts has to be in a piece that is chosen. With
 * AFRING_INDEX_EXPRESSIONS it is another number of them, AFRING_INDEX_SEED begins
 * elsewhere. */
#define EXPRESSIONS 2000
#define PACKETS 400
#define EXPRESSIONS_A_FILE 40

static const gint dlts[KIT_INTERFACES] = { DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL,
  DLT_LINUX_SLL2
};
static const guint link_types[KIT_INTERFACES] = { 1, 101, 113, 276 };

typedef struct
{
  GRand *rand;
  KitPacket packets[PACKETS];
  GstPcapIndex *tiny, *normal;
  pcap_t *pcaps[KIT_INTERFACES];
  guint64 asked, matches, pieces, chosen, needed;
} Trial;

static guint
get_number (const gchar * name, guint otherwise)
{
  const gchar *value = g_getenv (name);

  return value != NULL ? (guint) atoi (value) : otherwise;
}

static GstPcapIndex *
make_index (Trial * self, gsize block_size, guint every)
{
  g_autoptr (GstPcapIndexBuilder) builder =
      gst_pcap_index_builder_new (block_size);
  GByteArray *file = kit_make_file (self->packets, PACKETS, builder, every);
  GstPcapIndex *index = kit_open (file);

  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), PACKETS);
  g_byte_array_unref (file);
  return index;
}

/* Packets of one kind stand together, as in traffic, so that a piece has not all. */
static void
renew (Trial * self)
{
  g_clear_pointer (&self->tiny, gst_pcap_index_unref);
  g_clear_pointer (&self->normal, gst_pcap_index_unref);
  for (guint i = 0; i < PACKETS; i++) {
    if (i > 0 && g_rand_int_range (self->rand, 0, 2) == 0)
      self->packets[i] = self->packets[i - 1];
    else
      kit_make_packet (self->rand, &self->packets[i]);
  }
  self->normal = make_index (self, 0, PACKETS);
  self->tiny = make_index (self, 400, 100);
}

/* Exact matching. */

typedef struct
{
  struct bpf_program code[2];   /* optimized or not */
  gboolean compiled[2];
  GArray *program;              /* of the project, or NULL */
} Exact;

static void
exact_init (Exact * self, pcap_t * pcap, guint link_type, const gchar * text)
{
  for (guint i = 0; i < 2; i++)
    self->compiled[i] = pcap_compile (pcap, &self->code[i], text, i,
        PCAP_NETMASK_UNKNOWN) == 0;
  self->program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  if (!gst_filter_expression_compile (text, link_type, self->program, NULL))
    g_clear_pointer (&self->program, g_array_unref);
}

static void
exact_clear (Exact * self)
{
  for (guint i = 0; i < 2; i++) {
    if (self->compiled[i])
      pcap_freecode (&self->code[i]);
  }
  g_clear_pointer (&self->program, g_array_unref);
}

static gboolean
exact_matches (const Exact * self, const KitPacket * packet)
{
  struct pcap_pkthdr header = {.caplen = packet->captured,.len = packet->wire };
  GstBpfPacket bytes;

  header.len = MAX (header.len, header.caplen);
  for (guint i = 0; i < 2; i++) {
    if (self->compiled[i] && pcap_offline_filter (&self->code[i], &header,
            packet->data) != 0)
      return TRUE;
  }
  if (self->program == NULL)
    return FALSE;
  gst_packet_bpf_init (&bytes, packet->link_type, packet->data,
      packet->captured, packet->wire);
  return gst_bpf_run ((const struct sock_filter *) self->program->data,
      self->program->len, &bytes) == GST_BPF_ACCEPT;
}

/* The index. */

static gboolean
has_offset (GArray * ranges, guint64 offset)
{
  for (guint i = 0; i < ranges->len; i++) {
    const GstPcapIndexRange *range = &g_array_index (ranges, GstPcapIndexRange,
        i);

    if (offset >= range->offset && offset < range->offset + range->length)
      return TRUE;
  }
  return FALSE;
}

static guint64
count_packets (GArray * ranges)
{
  guint64 n = 0;

  for (guint i = 0; i < ranges->len; i++)
    n += g_array_index (ranges, GstPcapIndexRange, i).packets;
  return n;
}

static void
ask (Trial * self, const gchar * text, gboolean optimize, const gboolean * hits)
{
  g_autoptr (GstPcapIndexQuery) query = gst_pcap_index_query_new (text,
      optimize, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, NULL);
  g_autoptr (GArray) tiny = NULL, normal = NULL;

  if (query == NULL)
    return;
  tiny = gst_pcap_index_select (self->tiny, query);
  normal = gst_pcap_index_select (self->normal, query);
  for (guint i = 0; i < PACKETS; i++) {
    if (!hits[i])
      continue;
    fail_unless (has_offset (tiny, self->packets[i].offset),
        "\"%s\" (%soptimized): packet %u of link type %u is in a piece that was "
        "passed over", text, optimize ? "" : "not ", i,
        self->packets[i].link_type);
    fail_unless (normal->len == 1, "\"%s\": the whole file was passed over",
        text);
  }
  self->asked++;
  self->pieces += PACKETS;
  self->chosen += count_packets (tiny);
}

static void
try_expression (Trial * self, const gchar * text)
{
  Exact exact[KIT_INTERFACES];
  gboolean hits[PACKETS], compiled = FALSE;

  for (guint i = 0; i < KIT_INTERFACES; i++) {
    exact_init (&exact[i], self->pcaps[i], link_types[i], text);
    compiled |= exact[i].compiled[0] || exact[i].compiled[1];
  }
  for (guint i = 0; i < PACKETS; i++) {
    hits[i] = exact_matches (&exact[self->packets[i].interface],
        &self->packets[i]);
    self->matches += hits[i];
  }
  for (guint optimize = 0; compiled && optimize < 2; optimize++)
    ask (self, text, optimize, hits);
  for (guint i = 0; i < KIT_INTERFACES; i++)
    exact_clear (&exact[i]);
}

GST_START_TEST (test_random)
{
  Trial *self = g_new0 (Trial, 1);
  guint n = get_number ("AFRING_INDEX_EXPRESSIONS", EXPRESSIONS);

  self->rand = g_rand_new_with_seed (get_number ("AFRING_INDEX_SEED", 19));
  for (guint i = 0; i < KIT_INTERFACES; i++)
    self->pcaps[i] = pcap_open_dead (dlts[i], 65535);
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *text = kit_make_expression (self->rand);

    if (i % EXPRESSIONS_A_FILE == 0)
      renew (self);
    try_expression (self, text);
  }
  g_print ("%" G_GUINT64_FORMAT " questions, %" G_GUINT64_FORMAT
      " matches; %.1f %% of the packets were in pieces to be read\n",
      self->asked, self->matches, 100.0 * self->chosen / self->pieces);
  /* neither has nothing to say */
  fail_unless (self->asked > n);
  fail_unless (self->matches > n);
  fail_unless (self->chosen < self->pieces * 7 / 10);
  for (guint i = 0; i < KIT_INTERFACES; i++)
    pcap_close (self->pcaps[i]);
  gst_pcap_index_unref (self->tiny);
  gst_pcap_index_unref (self->normal);
  g_rand_free (self->rand);
  g_free (self);
}

GST_END_TEST;

static Suite *
pcap_index_filter_suite (void)
{
  Suite *suite = suite_create ("pcapindexfilter");
  TCase *tc = tcase_create ("filter");

  tcase_set_timeout (tc, 0);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_random);
  return suite;
}

GST_CHECK_MAIN (pcap_index_filter);
