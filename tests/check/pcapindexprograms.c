/* gst-afring tests: programs of BPF over shapes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/afring/pcap/gstpcapbits.h>
#include <gst/afring/pcap/gstpcapindexrun.h>
#include <gst/check/gstcheck.h>

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
  GRand *rand = g_rand_new_with_seed (kit_get_number ("AFRING_INDEX_SEED", 19));
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

/* What random programs hardly meet. */

static void
try_made (const struct sock_filter *program, guint n, const KitPacket * packet,
    gboolean accepted)
{
  guint refused = 0;

  fail_unless_equals_int (try_program (program, n, packet, &refused), accepted);
}

static void
make_udp (KitPacket * packet, guint8 first_byte, guint16 fragment)
{
  memset (packet, 0, sizeof (*packet));
  packet->link_type = 1;
  packet->captured = packet->wire = 64;
  packet->data[0] = first_byte;
  GST_WRITE_UINT16_BE (packet->data + 12, 0x0800);
  packet->data[14] = 0x45;
  GST_WRITE_UINT16_BE (packet->data + 20, fragment);
  packet->data[23] = 17;
  GST_WRITE_UINT32_BE (packet->data + 26, 0x0a000001);
}

/* A later fragment has some bit of its offset, and need not have another. */
GST_START_TEST (test_fragments)
{
  for (guint bit = 0; bit < 13; bit++) {
    for (guint mask = 0; mask < 15; mask++) {
      guint32 bits = mask < 13 ? 1u << mask : mask == 13 ? 0x1fff : 0x0fff;
      struct sock_filter set[] = { {BPF_LD | BPF_H | BPF_ABS, 0, 0, 20},
        {BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits}, {BPF_RET | BPF_K, 0, 0, 0},
        {BPF_RET | BPF_K, 0, 0, 1}
      };
      struct sock_filter equal[] = { {BPF_LD | BPF_H | BPF_ABS, 0, 0, 20},
        {BPF_ALU | BPF_AND | BPF_K, 0, 0, bits},
        {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0},
        {BPF_RET | BPF_K, 0, 0, 1}
      };
      gboolean has = (bits & 1u << bit) != 0;
      KitPacket packet;

      make_udp (&packet, 2, 1 << bit);
      try_made (set, G_N_ELEMENTS (set), &packet, !has);
      try_made (equal, G_N_ELEMENTS (equal), &packet, !has);
    }
  }
}

GST_END_TEST;

/* On one way it is an address, on the other a number that no address is: in A, in X, in
 * memory. */
GST_START_TEST (test_meeting)
{
  static const struct sock_filter ends[][3] = {
    {{BPF_ALU | BPF_OR | BPF_K, 0, 0, 0}, {BPF_ALU | BPF_OR | BPF_K, 0, 0, 0},
        {BPF_ALU | BPF_AND | BPF_K, 0, 0, G_MAXUINT32}},
    {{BPF_MISC | BPF_TAX, 0, 0, 0}, {BPF_MISC | BPF_TAX, 0, 0, 0},
        {BPF_MISC | BPF_TXA, 0, 0, 0}},
    {{BPF_ST, 0, 0, 3}, {BPF_ST, 0, 0, 3}, {BPF_LD | BPF_MEM, 0, 0, 3}},
    {{BPF_MISC | BPF_TAX, 0, 0, 0}, {BPF_STX, 0, 0, 15},
        {BPF_LD | BPF_MEM, 0, 0, 15}},
    {{BPF_ALU | BPF_AND | BPF_K, 0, 0, G_MAXUINT32},
          {BPF_ALU | BPF_AND | BPF_K, 0, 0, G_MAXUINT32},
        {BPF_ALU | BPF_AND | BPF_K, 0, 0, G_MAXUINT32}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    for (guint way = 0; way < 2; way++) {
      const struct sock_filter program[] = { {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},
        {BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 2},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 26}, ends[i][0], ends[i][1],
        {BPF_JMP | BPF_JA, 0, 0, 3},
        {BPF_LD | BPF_IMM, 0, 0, 77}, ends[i][0], ends[i][1],
        ends[i][2], {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 77},
        {BPF_RET | BPF_K, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0}
      };
      KitPacket packet;

      make_udp (&packet, way == 0 ? 2 : 4, 0);
      try_made (program, G_N_ELEMENTS (program), &packet, way == 0);
    }
  }
}

GST_END_TEST;

/* Whatever two numbers are, what comes of them is among what can come of all like them. */
static guint32
pick (GRand * rand, GstPcapBits bits)
{
  return bits.value | (g_rand_int (rand) & bits.unknown);
}

static GstPcapBits
make_bits (GRand * rand)
{
  guint32 unknown = g_rand_int (rand) & g_rand_int (rand);
  guint by = g_rand_int_range (rand, 0, 32);

  return (GstPcapBits) { (g_rand_int (rand) & ~unknown) >> by, unknown >> by };
}

static gboolean
is_among (guint32 number, GstPcapBits bits)
{
  return (bits.value & bits.unknown) == 0
      && ((number ^ bits.value) & ~bits.unknown) == 0;
}

GST_START_TEST (test_bits)
{
  GRand *rand = g_rand_new_with_seed (19);

  for (guint i = 0; i < 100000; i++) {
    GstPcapBits a = make_bits (rand), b = make_bits (rand);
    guint32 x = pick (rand, a), y = pick (rand, b);
    guint by = g_rand_int_range (rand, 0, 40);

    fail_unless (is_among (x + y, gst_pcap_bits_add (a, b)));
    fail_unless (is_among (x - y, gst_pcap_bits_subtract (a, b)));
    fail_unless (is_among (x & y, gst_pcap_bits_and (a, b)));
    fail_unless (is_among (x | y, gst_pcap_bits_or (a, b)));
    fail_unless (is_among (x ^ y, gst_pcap_bits_xor (a, b)));
    fail_unless (is_among (x, gst_pcap_bits_join (a, b)));
    fail_unless (is_among (y, gst_pcap_bits_join (a, b)));
    fail_unless (is_among (by < 32 ? x << by : 0,
            gst_pcap_bits_shift_left (a, by)));
    fail_unless (is_among (by < 32 ? x >> by : 0,
            gst_pcap_bits_shift_right (a, by)));
    fail_unless (x != y || gst_pcap_bits_can_be_equal (a, b));
    fail_unless (x >= gst_pcap_bits_get_least (a)
        && x <= gst_pcap_bits_get_most (a));
  }
  g_rand_free (rand);
}

GST_END_TEST;

static Suite *
pcap_index_programs_suite (void)
{
  Suite *suite = suite_create ("pcapindexprograms");
  TCase *tc = tcase_create ("programs");

  tcase_set_timeout (tc, 0);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_programs);
  tcase_add_test (tc, test_fragments);
  tcase_add_test (tc, test_meeting);
  tcase_add_test (tc, test_bits);
  return suite;
}

GST_CHECK_MAIN (pcap_index_programs);
