/* gst-afring tests: no piece of a file with a match is passed over
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/capture/gstfilterexpression.h>
#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/afring/pcap/gstpcapindexrun.h>
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

/* Programs that libpcap would not make, as ways that meet with other values each. */

#define PROGRAMS 200000
#define LONGEST 24

typedef struct
{
  guint64 keys[GST_PCAP_MOST_KEYS];
  guint n;
} Keys;

static gboolean
has_key (guint64 key, gpointer user_data)
{
  const Keys *keys = user_data;

  for (guint i = 0; i < keys->n; i++) {
    if (keys->keys[i] == key)
      return TRUE;
  }
  return FALSE;
}

/* A number that a packet may have there, or one that a program calculates with. */
static guint32
make_number (GRand * rand, const KitPacket * packet)
{
  static const guint32 numbers[] = { 0, 1, 2, 4, 0xf, 0x1fff, 0xfff, 0x3,
    0xffff, 0xffffff00, 31, 33, 0x2000, 0xffffffff
  };
  guint at = g_rand_int_range (rand, 0, 64);

  switch (g_rand_int_range (rand, 0, 4)) {
    case 0:
      return packet->data[at];
    case 1:
      return GST_READ_UINT16_BE (packet->data + at);
    case 2:
      return GST_READ_UINT32_BE (packet->data + at);
    default:
      return numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))];
  }
}

static guint16
make_code (GRand * rand)
{
  static const guint16 loads[] = { BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
    BPF_LD | BPF_W | BPF_IND, BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
    BPF_LD | BPF_IMM, BPF_LD | BPF_MEM, BPF_LD | BPF_W | BPF_LEN, BPF_ST, BPF_STX,
    BPF_LDX | BPF_IMM, BPF_LDX | BPF_MEM, BPF_LDX | BPF_B | BPF_MSH,
    BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_RET | BPF_A
  };
  static const guint16 operations[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,
    BPF_MOD, BPF_AND, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG
  };
  static const guint16 jumps[] = { BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET,
    BPF_JA
  };
  guint16 source = g_rand_int_range (rand, 0, 3) == 0 ? BPF_X : BPF_K;

  switch (g_rand_int_range (rand, 0, 5)) {
    case 0:
    case 1:
      return loads[g_rand_int_range (rand, 0, G_N_ELEMENTS (loads))];
    case 2:
      return BPF_ALU | source | operations[g_rand_int_range (rand, 0,
              G_N_ELEMENTS (operations))];
    default:
      return BPF_JMP | source | jumps[g_rand_int_range (rand, 0,
              G_N_ELEMENTS (jumps))];
  }
}

static guint
make_program (GRand * rand, const KitPacket * packet,
    struct sock_filter *program)
{
  guint n = g_rand_int_range (rand, 4, LONGEST);

  for (guint i = 0; i + 1 < n; i++) {
    struct sock_filter *insn = &program[i];
    guint left = MIN (n - 1 - i, 5);

    insn->code = make_code (rand);
    insn->k = make_number (rand, packet);
    insn->jt = g_rand_int_range (rand, 0, left);
    insn->jf = g_rand_int_range (rand, 0, left);
    if (BPF_CLASS (insn->code) == BPF_JMP && BPF_OP (insn->code) == BPF_JA)
      insn->k %= left;
    else if (BPF_CLASS (insn->code) <= BPF_STX && BPF_MODE (insn->code) !=
        BPF_IMM && BPF_MODE (insn->code) != BPF_IND)
      insn->k = g_rand_int_range (rand, 0, 60);
    else if (BPF_MODE (insn->code) == BPF_IND
        && BPF_CLASS (insn->code) == BPF_LD)
      insn->k = g_rand_int_range (rand, 0, 40);
  }
  program[n - 1] = (struct sock_filter) { BPF_RET | BPF_K, 0, 0,
    g_rand_int_range (rand, 0, 2)
  };
  return n;
}

static gchar *
describe_program (const struct sock_filter *program, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "{0x%x,%u,%u,0x%x} ", program[i].code,
        program[i].jt, program[i].jf, program[i].k);
  return g_string_free (text, FALSE);
}

/* TRUE if the packet is accepted. */
static gboolean
try_program (const struct sock_filter *program, guint n,
    const KitPacket * packet, guint * refused)
{
  GstPcapRun *run = gst_pcap_run_new (program, n);
  gboolean exact, abstract;
  GstBpfPacket bytes;
  GstPcapFlow flow;
  Keys keys;

  gst_packet_bpf_init (&bytes, packet->link_type, packet->data,
      packet->captured, packet->wire);
  exact = gst_bpf_run (program, n, &bytes) == GST_BPF_ACCEPT;
  gst_pcap_flow_init (&flow, packet->link_type, packet->data,
      packet->captured);
  keys.n = gst_pcap_flow_get_keys (&flow, keys.keys);
  abstract = gst_pcap_run_accepts (run, &flow.shape, has_key, &keys);
  if (exact && !abstract) {
    g_autofree gchar *text = describe_program (program, n);

    fail ("a packet of link type %u is accepted, and no packet of its shape: %s",
        packet->link_type, text);
  }
  *refused += !abstract;
  gst_pcap_run_free (run);
  return exact;
}

GST_START_TEST (test_programs)
{
  GRand *rand = g_rand_new_with_seed (get_number ("AFRING_INDEX_SEED", 19));
  guint accepted = 0, refused = 0;

  for (guint i = 0; i < PROGRAMS; i++) {
    struct sock_filter program[LONGEST];
    KitPacket packet = { 0, };
    guint n;

    kit_make_packet (rand, &packet);
    n = make_program (rand, &packet, program);
    accepted += try_program (program, n, &packet, &refused);
  }
  /* neither is the answer to all */
  fail_unless (accepted > PROGRAMS / 10, "%u", accepted);
  fail_unless (refused > PROGRAMS / 10, "%u", refused);
  g_rand_free (rand);
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
  tcase_add_test (tc, test_programs);
  return suite;
}

GST_CHECK_MAIN (pcap_index_filter);
