/* gst-afring: classic BPF in user space
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstbpf.h"

#include <linux/if_ether.h>

/* Jumps backwards that a program may take: more than there are headers in a packet. */
#define MAX_LOOPS 4096

#define IS_ANCILLARY(k) ((k) >= (guint32) SKF_AD_OFF)

/* Values of the packet that are not in its bytes; linux/filter.h. */
static gboolean
load_ancillary (const GstBpfPacket * packet, guint32 k, guint32 * value)
{
  switch (k - (guint32) SKF_AD_OFF) {
    case SKF_AD_PROTOCOL:
      *value = packet->protocol;
      return (packet->known & GST_BPF_KNOWS_PROTOCOL) != 0;
    case SKF_AD_PKTTYPE:
      *value = packet->packet_type;
      return (packet->known & GST_BPF_KNOWS_PACKET_TYPE) != 0;
    case SKF_AD_IFINDEX:
      *value = packet->interface;
      return (packet->known & GST_BPF_KNOWS_INTERFACE) != 0;
    case SKF_AD_HATYPE:
      *value = packet->hardware_type;
      return (packet->known & GST_BPF_KNOWS_HARDWARE_TYPE) != 0;
    case SKF_AD_RXHASH:
      *value = packet->hash;
      return (packet->known & GST_BPF_KNOWS_HASH) != 0;
    case SKF_AD_VLAN_TAG:
      *value = packet->tagged ? packet->vlan_tci : 0;
      return TRUE;
    case SKF_AD_VLAN_TAG_PRESENT:
      *value = packet->tagged;
      return TRUE;
    case SKF_AD_VLAN_TPID:
      *value = packet->tagged ? packet->vlan_tpid : 0;
      return TRUE;
    default:
      return FALSE;
  }
}

static inline guint8
get_byte (const GstBpfPacket * packet, guint32 offset)
{
  return offset < packet->front_length ? packet->front[offset] :
      packet->bytes[offset];
}

/* @size bytes from @offset on, which are there. */
static inline guint32
get_bytes (const GstBpfPacket * packet, guint32 offset, guint size)
{
  const guint8 *bytes = packet->bytes + offset;
  guint32 value = 0;

  if (G_UNLIKELY (offset < packet->front_length)) {
    while (size-- > 0)
      value = value << 8 | get_byte (packet, offset++);
    return value;
  }
  switch (size) {
    case 4:
      return GST_READ_UINT32_BE (bytes);
    case 2:
      return GST_READ_UINT16_BE (bytes);
    default:
      return *bytes;
  }
}

static inline guint
get_size (guint16 code)
{
  switch (BPF_SIZE (code)) {
    case BPF_W:
      return 4;
    case BPF_H:
      return 2;
    default:
      return 1;
  }
}

/* ACCEPT if the value could be loaded. */
static inline GstBpfVerdict
load (const GstBpfPacket * packet, guint64 offset, guint size, guint32 * value)
{
  if (G_LIKELY (offset + size <= packet->captured_length)) {
    *value = get_bytes (packet, offset, size);
    return GST_BPF_ACCEPT;
  }
  if (offset <= G_MAXUINT32 && IS_ANCILLARY ((guint32) offset))
    return load_ancillary (packet, offset, value) ? GST_BPF_ACCEPT :
        GST_BPF_UNKNOWN;
  return offset + size <= packet->wire_length ? GST_BPF_CUT : GST_BPF_REJECT;
}

/* FALSE for a division by zero, which ends a program. */
static inline gboolean
calculate (guint16 code, guint32 * a, guint32 operand)
{
  switch (BPF_OP (code)) {
    case BPF_ADD:
      *a += operand;
      return TRUE;
    case BPF_SUB:
      *a -= operand;
      return TRUE;
    case BPF_MUL:
      *a *= operand;
      return TRUE;
    case BPF_DIV:
      if (operand != 0)
        *a /= operand;
      return operand != 0;
    case BPF_MOD:
      if (operand != 0)
        *a %= operand;
      return operand != 0;
    case BPF_AND:
      *a &= operand;
      return TRUE;
    case BPF_OR:
      *a |= operand;
      return TRUE;
    case BPF_XOR:
      *a ^= operand;
      return TRUE;
    case BPF_LSH:
      *a = operand < 32 ? *a << operand : 0;
      return TRUE;
    case BPF_RSH:
      *a = operand < 32 ? *a >> operand : 0;
      return TRUE;
    case BPF_NEG:
      *a = -*a;
      return TRUE;
    default:
      return FALSE;
  }
}

static inline gboolean
compare (guint16 code, guint32 a, guint32 operand)
{
  switch (BPF_OP (code)) {
    case BPF_JEQ:
      return a == operand;
    case BPF_JGT:
      return a > operand;
    case BPF_JGE:
      return a >= operand;
    default:                   /* BPF_JSET */
      return (a & operand) != 0;
  }
}

/* Loads of all modes into A or X. */
static inline GstBpfVerdict
run_load (const struct sock_filter *insn, const GstBpfPacket * packet,
    const guint32 * memory, guint32 x, guint32 * value)
{
  GstBpfVerdict verdict;

  switch (BPF_MODE (insn->code)) {
    case BPF_ABS:
      return load (packet, insn->k, get_size (insn->code), value);
    case BPF_IND:
      /* wraps, as offsets of what is beside the bytes do */
      return load (packet, (guint32) (x + insn->k), get_size (insn->code),
          value);
    case BPF_IMM:
      *value = insn->k;
      return GST_BPF_ACCEPT;
    case BPF_MEM:
      *value = memory[insn->k % BPF_MEMWORDS];
      return GST_BPF_ACCEPT;
    case BPF_LEN:
      *value = packet->wire_length - packet->uncounted;
      return GST_BPF_ACCEPT;
    case BPF_MSH:
      verdict = load (packet, insn->k, 1, value);
      *value = (*value & 0xf) << 2;
      return verdict;
    default:
      return GST_BPF_REJECT;
  }
}

typedef struct
{
  guint32 a, x;
  guint32 memory[BPF_MEMWORDS];
  guint loops;
} Machine;

/* An instruction of any kind but a return. REJECT ends the program, as a load does
 * that fails; @at is the place of the instruction, and then of the one before the next. */
static inline GstBpfVerdict
step (Machine * self, const struct sock_filter *insn,
    const GstBpfPacket * packet, guint * at)
{
  guint32 operand = BPF_SRC (insn->code) == BPF_X ? self->x : insn->k;

  switch (BPF_CLASS (insn->code)) {
    case BPF_LD:
      return run_load (insn, packet, self->memory, self->x, &self->a);
    case BPF_LDX:
      return run_load (insn, packet, self->memory, self->x, &self->x);
    case BPF_ST:
      self->memory[insn->k % BPF_MEMWORDS] = self->a;
      break;
    case BPF_STX:
      self->memory[insn->k % BPF_MEMWORDS] = self->x;
      break;
    case BPF_ALU:
      return calculate (insn->code, &self->a, operand) ? GST_BPF_ACCEPT :
          GST_BPF_REJECT;
    case BPF_JMP:
      if (BPF_OP (insn->code) != BPF_JA)
        *at += compare (insn->code, self->a, operand) ? insn->jt : insn->jf;
      else if ((gint32) insn->k < 0 && ++self->loops > MAX_LOOPS)
        return GST_BPF_REJECT;
      else
        *at += insn->k;
      break;
    case BPF_MISC:
    default:
      if (BPF_MISCOP (insn->code) == BPF_TAX)
        self->x = self->a;
      else
        self->a = self->x;
      break;
  }
  return GST_BPF_ACCEPT;
}

/* What most programs consist of is told by the whole code at once: that is most of
 * what it takes. */
GstBpfVerdict
gst_bpf_run (const struct sock_filter *program, guint length,
    const GstBpfPacket * packet)
{
  Machine m = { 0, };
  GstBpfVerdict verdict = GST_BPF_ACCEPT;

  for (guint at = 0; at < length; at++) {
    const struct sock_filter *insn = &program[at];

    switch (insn->code) {
      case BPF_LD | BPF_W | BPF_ABS:
        verdict = load (packet, insn->k, 4, &m.a);
        break;
      case BPF_LD | BPF_H | BPF_ABS:
        verdict = load (packet, insn->k, 2, &m.a);
        break;
      case BPF_LD | BPF_B | BPF_ABS:
        verdict = load (packet, insn->k, 1, &m.a);
        break;
      case BPF_LD | BPF_H | BPF_IND:
        verdict = load (packet, (guint32) (m.x + insn->k), 2, &m.a);
        break;
      case BPF_LDX | BPF_B | BPF_MSH:
        verdict = load (packet, insn->k, 1, &m.x);
        m.x = (m.x & 0xf) << 2;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += m.a == insn->k ? insn->jt : insn->jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (m.a & insn->k) != 0 ? insn->jt : insn->jf;
        break;
      case BPF_RET | BPF_K:
        return insn->k != 0 ? GST_BPF_ACCEPT : GST_BPF_REJECT;
      default:
        if (BPF_CLASS (insn->code) == BPF_RET)
          return (BPF_RVAL (insn->code) == BPF_A ? m.a : insn->k) != 0 ?
              GST_BPF_ACCEPT : GST_BPF_REJECT;
        verdict = step (&m, insn, packet, &at);
        break;
    }
    if (G_UNLIKELY (verdict != GST_BPF_ACCEPT))
      return verdict;
  }
  return GST_BPF_REJECT;
}

const gchar *
gst_bpf_unknown (const struct sock_filter *program, guint length)
{
  static const gchar *const names[] = {
    [SKF_AD_NLATTR] = "a netlink attribute",
    [SKF_AD_NLATTR_NEST] = "a nested netlink attribute",
    [SKF_AD_MARK] = "the packet's mark",
    [SKF_AD_QUEUE] = "the receive queue",
    [SKF_AD_CPU] = "the processor",
    [SKF_AD_ALU_XOR_X] = "an exclusive or",
    [SKF_AD_PAY_OFFSET] = "the payload's offset",
    [SKF_AD_RANDOM] = "a random number",
    [SKF_AD_MAX - 1] = NULL,
  };

  for (guint i = 0; i < length; i++) {
    const struct sock_filter *insn = &program[i];
    guint32 what = insn->k - (guint32) SKF_AD_OFF;

    if (BPF_CLASS (insn->code) == BPF_LD && BPF_MODE (insn->code) == BPF_ABS
        && IS_ANCILLARY (insn->k) && what < G_N_ELEMENTS (names)
        && names[what] != NULL)
      return names[what];
  }
  return NULL;
}
