/* Programs of any kind over packets of any kind: what accepts a packet must not be said to
 * accept none of its shape.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/capture/gstfilterexpression.h>
#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/afring/pcap/gstpcapindexrun.h>

#define LONGEST 64

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

/* An instruction that libpcap could make; jumps go to others. */
static void
make_instruction (FuzzInput * input, struct sock_filter *insn, guint left)
{
  static const guint16 codes[] = {
    BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS,
    BPF_LD | BPF_W | BPF_IND, BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
    BPF_LD | BPF_IMM, BPF_LD | BPF_MEM, BPF_LD | BPF_W | BPF_LEN, BPF_ST,
    BPF_STX, BPF_LDX | BPF_IMM, BPF_LDX | BPF_MEM, BPF_LDX | BPF_B | BPF_MSH,
    BPF_ALU | BPF_ADD | BPF_K, BPF_ALU | BPF_SUB | BPF_K,
    BPF_ALU | BPF_MUL | BPF_K, BPF_ALU | BPF_DIV | BPF_K,
    BPF_ALU | BPF_MOD | BPF_K, BPF_ALU | BPF_AND | BPF_K,
    BPF_ALU | BPF_OR | BPF_K, BPF_ALU | BPF_XOR | BPF_K,
    BPF_ALU | BPF_LSH | BPF_K, BPF_ALU | BPF_RSH | BPF_K,
    BPF_ALU | BPF_ADD | BPF_X, BPF_ALU | BPF_SUB | BPF_X,
    BPF_ALU | BPF_AND | BPF_X, BPF_ALU | BPF_OR | BPF_X,
    BPF_ALU | BPF_XOR | BPF_X, BPF_ALU | BPF_LSH | BPF_X,
    BPF_ALU | BPF_RSH | BPF_X, BPF_ALU | BPF_DIV | BPF_X, BPF_ALU | BPF_NEG,
    BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGT | BPF_K,
    BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JSET | BPF_K,
    BPF_JMP | BPF_JEQ | BPF_X, BPF_JMP | BPF_JGT | BPF_X,
    BPF_JMP | BPF_JGE | BPF_X, BPF_JMP | BPF_JSET | BPF_X, BPF_JMP | BPF_JA,
    BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_RET | BPF_K, BPF_RET | BPF_A
  };

  insn->code = codes[fuzz_take_byte (input) % G_N_ELEMENTS (codes)];
  insn->k = fuzz_take_byte (input) & 1 ? fuzz_take_byte (input) :
      fuzz_take_u32 (input);
  insn->jt = fuzz_take_byte (input) % left;
  insn->jf = fuzz_take_byte (input) % left;
  if (insn->code == (BPF_JMP | BPF_JA))
    insn->k %= left;
}

static guint
make_program (FuzzInput * input, struct sock_filter *program)
{
  guint n = 2 + fuzz_take_byte (input) % (LONGEST - 2);

  for (guint i = 0; i + 1 < n; i++)
    make_instruction (input, &program[i], n - 1 - i);
  program[n - 1] = (struct sock_filter) { BPF_RET | BPF_K, 0, 0,
    fuzz_take_byte (input) & 1
  };
  return n;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const guint link_types[] = { 1, 101, 113, 276, 127 };
  FuzzInput input = { data, size };
  struct sock_filter program[LONGEST];
  g_autofree guint8 *bytes = NULL;
  GstBpfPacket packet;
  GstPcapFlow flow;
  GstPcapRun *run;
  guint link_type, n;
  gsize length;
  Keys keys;

  fuzz_init ();
  link_type = link_types[fuzz_take_byte (&input) % G_N_ELEMENTS (link_types)];
  n = make_program (&input, program);
  bytes = fuzz_take (&input, input.size, &length);
  gst_packet_bpf_init (&packet, link_type, bytes, length, length + 4);
  gst_pcap_flow_init (&flow, link_type, bytes, length);
  keys.n = gst_pcap_flow_get_keys (&flow, keys.keys);
  fuzz_check (keys.n <= GST_PCAP_MOST_KEYS);
  run = gst_pcap_run_new (program, n);
  if (gst_bpf_run (program, n, &packet) == GST_BPF_ACCEPT)
    fuzz_check (gst_pcap_run_accepts (run, &flow.shape, has_key, &keys));
  else
    gst_pcap_run_accepts (run, &flow.shape, has_key, &keys);
  gst_pcap_run_free (run);
  return 0;
}
