/* gst-afring: filters over what an index knows of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* An abstract run of classic BPF (linux/filter.h): over all packets of a shape at once.
 * Numbers have bits that are known and bits that are not, and remember of which field of
 * the packet they are. Where a jump can go both ways it does; where ways meet again, what
 * they know in common goes on. Programs jump forwards, so that one pass in the order of
 * the instructions is enough. What is not understood can be anything.
 *
 * It has to be the same as gst_bpf_run() over a packet as it is in a file, and may only
 * err in accepting. */

#include "gstpcapindexrun.h"
#include "gstpcapbits.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <string.h>

#define IS_ANCILLARY(k) ((k) >= (guint32) SKF_AD_OFF)

/* What is in a register. Of a @field it is those bits that are in @mask, and it has no
 * others. */
typedef struct
{
  GstPcapBits bits;
  GstPcapKeyKind field;         /* GST_PCAP_KEY_NONE: of none */
  guint32 mask;
} Value;

/* In front of an instruction. */
typedef struct
{
  gboolean reached;
  Value a, x;
  Value memory[BPF_MEMWORDS];
} State;

struct _GstPcapRun
{
  struct sock_filter *program;
  guint length;
  State *states;                /* one for each instruction */
  gboolean uses_memory;
  const GstPcapShape *shape;    /* of the run at hand, as the next */
  GstPcapRunAsk ask;
  gpointer user_data;
};

static const Value any = { {0, G_MAXUINT32}, GST_PCAP_KEY_NONE, 0 };

GstPcapRun *
gst_pcap_run_new (const struct sock_filter *program, guint length)
{
  GstPcapRun *self = g_new0 (GstPcapRun, 1);

  self->program = g_memdup2 (program, length * sizeof (*program));
  self->length = length;
  self->states = g_new0 (State, length);
  for (guint i = 0; i < length; i++) {
    guint16 class = BPF_CLASS (program[i].code);

    self->uses_memory |= class == BPF_ST || class == BPF_STX;
  }
  return self;
}

void
gst_pcap_run_free (GstPcapRun * self)
{
  g_free (self->program);
  g_free (self->states);
  g_free (self);
}

static Value
make_value (GstPcapBits bits)
{
  return (Value) { bits, GST_PCAP_KEY_NONE, 0 };
}

/* Where ways meet. */

static void
join_value (Value * self, const Value * other)
{
  self->bits = gst_pcap_bits_join (self->bits, other->bits);
  if (self->field != other->field || self->mask != other->mask)
    self->field = GST_PCAP_KEY_NONE;
}

/* FALSE if there is no such instruction: a packet that gets there is rejected. */
static void
reach (GstPcapRun * self, guint64 at, const State * state)
{
  State *there;

  if (at >= self->length)
    return;
  there = &self->states[at];
  if (!there->reached) {
    there->reached = TRUE;
    there->a = state->a;
    there->x = state->x;
    if (self->uses_memory)
      memcpy (there->memory, state->memory, sizeof (there->memory));
    return;
  }
  join_value (&there->a, &state->a);
  join_value (&there->x, &state->x);
  for (guint i = 0; self->uses_memory && i < BPF_MEMWORDS; i++)
    join_value (&there->memory[i], &state->memory[i]);
}

/* Loads. */

static Value
load_bytes (GstPcapRun * self, guint32 offset, guint size)
{
  Value value;

  value.bits.value = gst_pcap_shape_get_bytes (self->shape, offset, size,
      &value.bits.unknown);
  value.field = gst_pcap_shape_get_field (self->shape, offset, size);
  value.mask = size == 4 ? G_MAXUINT32 : 0xffff;
  return value;
}

/* What gst_packet_bpf_init() knows of a packet in a file: its tags are in the bytes. Most
 * of it no index knows. */
static Value
load_ancillary (GstPcapRun * self, guint32 what)
{
  switch (what) {
    case SKF_AD_PROTOCOL:
      if (self->shape->link_type == GST_CAPTURE_LINK_TYPE_ETHERNET)
        return load_bytes (self, 12, 2);
      return any;
    case SKF_AD_VLAN_TAG:
    case SKF_AD_VLAN_TAG_PRESENT:
    case SKF_AD_VLAN_TPID:
      return make_value (gst_pcap_bits (0));
    default:
      return any;
  }
}

static guint
get_size (guint16 code)
{
  return BPF_SIZE (code) == BPF_W ? 4 : BPF_SIZE (code) == BPF_H ? 2 : 1;
}

static Value
load (GstPcapRun * self, guint32 offset, guint size)
{
  if (IS_ANCILLARY (offset))
    return load_ancillary (self, offset - (guint32) SKF_AD_OFF);
  return load_bytes (self, offset, size);
}

/* Of all modes. A load of bytes that are not there ends a packet, which is one way less;
 * that is left out. */
static Value
run_load (GstPcapRun * self, const struct sock_filter *insn,
    const State * state)
{
  Value value;

  switch (BPF_MODE (insn->code)) {
    case BPF_ABS:
      return load (self, insn->k, get_size (insn->code));
    case BPF_IND:
      if (!gst_pcap_bits_is_known (state->x.bits))
        return any;
      return load (self, state->x.bits.value + insn->k,
          get_size (insn->code));
    case BPF_IMM:
      return make_value (gst_pcap_bits (insn->k));
    case BPF_MEM:
      return state->memory[insn->k % BPF_MEMWORDS];
    case BPF_MSH:
      value = load (self, insn->k, 1);
      return make_value (gst_pcap_bits_shift_left (gst_pcap_bits_and
              (value.bits, gst_pcap_bits (0xf)), 2));
    default:
      return any;
  }
}

/* Arithmetic. */

static GstPcapBits
divide (guint16 op, GstPcapBits a, GstPcapBits b)
{
  if (!gst_pcap_bits_is_known (a) || !gst_pcap_bits_is_known (b)
      || b.value == 0)
    return GST_PCAP_BITS_ANY;
  return gst_pcap_bits (op == BPF_DIV ? a.value / b.value : a.value % b.value);
}

static GstPcapBits
shift (guint16 op, GstPcapBits a, GstPcapBits by)
{
  if (!gst_pcap_bits_is_known (by))
    return GST_PCAP_BITS_ANY;
  return op == BPF_LSH ? gst_pcap_bits_shift_left (a, by.value) :
      gst_pcap_bits_shift_right (a, by.value);
}

static GstPcapBits
calculate (guint16 op, GstPcapBits a, GstPcapBits b)
{
  switch (op) {
    case BPF_ADD:
      return gst_pcap_bits_add (a, b);
    case BPF_SUB:
      return gst_pcap_bits_subtract (a, b);
    case BPF_MUL:
      return gst_pcap_bits_is_known (a) && gst_pcap_bits_is_known (b) ?
          gst_pcap_bits (a.value * b.value) : GST_PCAP_BITS_ANY;
    case BPF_DIV:
    case BPF_MOD:
      return divide (op, a, b);
    case BPF_AND:
      return gst_pcap_bits_and (a, b);
    case BPF_OR:
      return gst_pcap_bits_or (a, b);
    case BPF_XOR:
      return gst_pcap_bits_xor (a, b);
    case BPF_LSH:
    case BPF_RSH:
      return shift (op, a, b);
    case BPF_NEG:
      return gst_pcap_bits_subtract (gst_pcap_bits (0), a);
    default:
      return GST_PCAP_BITS_ANY;
  }
}

static Value
get_operand (const struct sock_filter *insn, const State * state)
{
  return BPF_SRC (insn->code) == BPF_X ? state->x :
      make_value (gst_pcap_bits (insn->k));
}

/* FALSE if it ends a packet. */
static gboolean
run_calculation (const struct sock_filter *insn, State * state)
{
  GstPcapBits b = get_operand (insn, state).bits;
  guint16 op = BPF_OP (insn->code);

  if ((op == BPF_DIV || op == BPF_MOD) && gst_pcap_bits_is_known (b)
      && b.value == 0)
    return FALSE;
  state->a.bits = calculate (op, state->a.bits, b);
  /* some bits of a field are still of that field */
  if (op == BPF_AND && gst_pcap_bits_is_known (b))
    state->a.mask &= b.value;
  else
    state->a.field = GST_PCAP_KEY_NONE;
  return TRUE;
}

/* Jumps. */

#define FRAGMENT_BITS 0x1fff

typedef enum
{
  NEVER = 1,                    /* it may not hold */
  ALWAYS = 2,                   /* it may hold */
  MAYBE = NEVER | ALWAYS
} Truth;

static Truth
can_be_equal (GstPcapRun * self, const Value * a, const Value * b)
{
  guint64 key;

  if (!gst_pcap_bits_can_be_equal (a->bits, b->bits))
    return NEVER;
  if (gst_pcap_bits_is_known (a->bits) && gst_pcap_bits_is_known (b->bits))
    return ALWAYS;
  if (a->field == GST_PCAP_KEY_NONE || !gst_pcap_bits_is_known (b->bits))
    return MAYBE;
  if (a->field == GST_PCAP_KEY_FRAGMENT)
    return (a->mask & FRAGMENT_BITS) == FRAGMENT_BITS
        && (b->bits.value & FRAGMENT_BITS) == 0 ? NEVER : MAYBE;
  key = gst_pcap_shape_get_key (self->shape, a->field, a->mask, b->bits.value);
  return key == 0 || self->ask (key, self->user_data) ? MAYBE : NEVER;
}

/* At least @by more; 0: equal will do. */
static Truth
can_be_greater (GstPcapBits a, GstPcapBits b, gboolean or_equal)
{
  guint32 least = gst_pcap_bits_get_least (a), most = gst_pcap_bits_get_most (a);
  guint32 b_least = gst_pcap_bits_get_least (b);
  guint32 b_most = gst_pcap_bits_get_most (b);

  if (or_equal ? least >= b_most : least > b_most)
    return ALWAYS;
  if (or_equal ? most < b_least : most <= b_least)
    return NEVER;
  return MAYBE;
}

static Truth
can_have_bits (const Value * a, GstPcapBits b)
{
  GstPcapBits both = gst_pcap_bits_and (a->bits, b);

  if (both.value != 0)
    return ALWAYS;
  if (both.unknown == 0)
    return NEVER;
  if (a->field == GST_PCAP_KEY_FRAGMENT
      && (a->mask & b.value & FRAGMENT_BITS) == FRAGMENT_BITS)
    return ALWAYS;
  return MAYBE;
}

static Truth
compare (GstPcapRun * self, const struct sock_filter *insn,
    const State * state)
{
  Value b = get_operand (insn, state);

  switch (BPF_OP (insn->code)) {
    case BPF_JEQ:
      return can_be_equal (self, &state->a, &b);
    case BPF_JGT:
      return can_be_greater (state->a.bits, b.bits, FALSE);
    case BPF_JGE:
      return can_be_greater (state->a.bits, b.bits, TRUE);
    default:                   /* BPF_JSET */
      return can_have_bits (&state->a, b.bits);
  }
}

/* Where the comparison was with a number, A is it from there on. */
static void
jump_if_equal (GstPcapRun * self, guint at, const struct sock_filter *insn,
    const State * state)
{
  State equal = *state;

  if (BPF_OP (insn->code) == BPF_JEQ && BPF_SRC (insn->code) == BPF_K)
    equal.a.bits = gst_pcap_bits (insn->k);
  reach (self, (guint64) at + 1 + insn->jt, &equal);
}

/* TRUE if it cannot be followed: libpcap jumps backwards along chains of headers. */
static gboolean
run_jump (GstPcapRun * self, guint at, const struct sock_filter *insn,
    const State * state)
{
  Truth truth;

  if (BPF_OP (insn->code) == BPF_JA) {
    if ((gint32) insn->k < 0)
      return TRUE;
    reach (self, (guint64) at + 1 + insn->k, state);
    return FALSE;
  }
  truth = compare (self, insn, state);
  if (truth & ALWAYS)
    jump_if_equal (self, at, insn, state);
  if (truth & NEVER)
    reach (self, (guint64) at + 1 + insn->jf, state);
  return FALSE;
}

static gboolean
returns_non_zero (const struct sock_filter *insn, const State * state)
{
  return BPF_RVAL (insn->code) == BPF_A ?
      gst_pcap_bits_get_most (state->a.bits) != 0 : insn->k != 0;
}

/* TRUE if a packet can be accepted here. */
static gboolean
step (GstPcapRun * self, guint at)
{
  const struct sock_filter *insn = &self->program[at];
  State *state = &self->states[at];

  switch (BPF_CLASS (insn->code)) {
    case BPF_LD:
      state->a = run_load (self, insn, state);
      break;
    case BPF_LDX:
      state->x = run_load (self, insn, state);
      break;
    case BPF_ST:
      state->memory[insn->k % BPF_MEMWORDS] = state->a;
      break;
    case BPF_STX:
      state->memory[insn->k % BPF_MEMWORDS] = state->x;
      break;
    case BPF_ALU:
      if (!run_calculation (insn, state))
        return FALSE;
      break;
    case BPF_JMP:
      return run_jump (self, at, insn, state);
    case BPF_RET:
      return returns_non_zero (insn, state);
    default:                   /* BPF_MISC */
      if (BPF_MISCOP (insn->code) == BPF_TAX)
        state->x = state->a;
      else
        state->a = state->x;
      break;
  }
  reach (self, (guint64) at + 1, state);
  return FALSE;
}

gboolean
gst_pcap_run_accepts (GstPcapRun * self, const GstPcapShape * shape,
    GstPcapRunAsk ask, gpointer user_data)
{
  static const State start;     /* registers and memory are 0 */

  if (self->length == 0)
    return TRUE;
  self->shape = shape;
  self->ask = ask;
  self->user_data = user_data;
  for (guint i = 0; i < self->length; i++)
    self->states[i].reached = FALSE;
  reach (self, 0, &start);
  for (guint at = 0; at < self->length; at++) {
    if (self->states[at].reached && step (self, at))
      return TRUE;
  }
  return FALSE;
}
