/* gst-afring: what passes into the ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The kernel's program is made of sections, one a condition. A section falls
 * through to the next if its condition holds and ends the packet otherwise; the
 * user's expression, compiled by libpcap, is the last. So all conditions hold
 * for a packet that is kept, and no section needs to know the others. */

#include "gstcapturefilter.h"
#include "gstcaptureerror.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <string.h>

#define LOOPBACK_IFINDEX 1      /* the same in every network namespace */
#define SLL2_HEADER_LENGTH 20
#define ETHERNET_HEADER_LENGTH 14
#define MAX_TAGS 3
#define MAX_LABELS 4
#define MAX_SNAPLEN 0x7fffffff

/* Jump targets that are not known until a section is complete. */
#define ACCEPT 254
#define REJECT 255

#ifndef ETH_P_QINQ1
#define ETH_P_QINQ1 0x9100
#endif

#define ANCILLARY(what) ((guint32) (SKF_AD_OFF + (what)))

struct _GstCaptureFilter
{
  gatomicrefcount refs;
  struct sock_fprog program;
  struct bpf_program expression;        /* bf_insns NULL: none */
  gboolean user_space;
};

static void
emit_jump (GArray * program, guint16 code, guint8 jt, guint8 jf, guint32 k)
{
  struct sock_filter insn = { code, jt, jf, k };

  g_array_append_val (program, insn);
}

static void
emit (GArray * program, guint16 code, guint32 k)
{
  emit_jump (program, code, 0, 0, k);
}

static void
emit_if_equal (GArray * program, guint32 k, guint8 jt, guint8 jf)
{
  emit_jump (program, BPF_JMP | BPF_JEQ | BPF_K, jt, jf, k);
}

static guint8
resolve (guint8 target, guint from, guint end)
{
  if (target == REJECT)
    return end - from - 1;
  if (target == ACCEPT)
    return end - from;
  return target;
}

/* Ends the section that began at @start: rejecting lands on its "return 0",
 * accepting just behind it. Sections are a few dozen instructions, so that the
 * eight bits of a conditional jump reach. */
static void
close_section (GArray * program, guint start)
{
  guint end = program->len;

  emit (program, BPF_RET | BPF_K, 0);
  for (guint i = start; i < end; i++) {
    struct sock_filter *insn = &g_array_index (program, struct sock_filter, i);

    if (BPF_CLASS (insn->code) != BPF_JMP)
      continue;
    if (BPF_OP (insn->code) == BPF_JA) {
      insn->k = resolve (insn->k, i, end);
    } else {
      insn->jt = resolve (insn->jt, i, end);
      insn->jf = resolve (insn->jf, i, end);
    }
  }
}

static void
emit_direction (GArray * program, const GstCaptureFilterSpec * spec)
{
  guint start = program->len;
  GstCaptureDirection direction = spec->direction;
  gboolean any = gst_capture_link_get_index (spec->link) == 0;

  if (direction == GST_CAPTURE_DIRECTION_INOUT
      && gst_capture_link_is_loopback (spec->link))
    direction = GST_CAPTURE_DIRECTION_IN;
  if (direction == GST_CAPTURE_DIRECTION_INOUT && !any)
    return;

  emit (program, BPF_LD | BPF_W | BPF_ABS, ANCILLARY (SKF_AD_PKTTYPE));
  if (direction == GST_CAPTURE_DIRECTION_OUT) {
    emit_if_equal (program, PACKET_OUTGOING, ACCEPT, REJECT);
  } else if (direction == GST_CAPTURE_DIRECTION_IN) {
    emit_if_equal (program, PACKET_OUTGOING, REJECT, ACCEPT);
  } else {
    /* all interfaces: only what loopback sends is seen again */
    emit_if_equal (program, PACKET_OUTGOING, 0, ACCEPT);
    emit (program, BPF_LD | BPF_W | BPF_ABS, ANCILLARY (SKF_AD_IFINDEX));
    emit_if_equal (program, LOOPBACK_IFINDEX, REJECT, ACCEPT);
  }
  close_section (program, start);
}

/* Leaves the packet's EtherType in A and the offset behind it in X. */
static void
emit_load_ethertype (GArray * program, guint link_type)
{
  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET) {
    emit (program, BPF_LDX | BPF_W | BPF_IMM, ETHERNET_HEADER_LENGTH);
    emit (program, BPF_LD | BPF_H | BPF_ABS, ETHERNET_HEADER_LENGTH - 2);
  } else {
    emit (program, BPF_LDX | BPF_W | BPF_IMM, 0);
    emit (program, BPF_LD | BPF_W | BPF_ABS, ANCILLARY (SKF_AD_PROTOCOL));
  }
}

static void
emit_ignore_vlans (GArray * program, guint link_type)
{
  guint start = program->len;

  emit (program, BPF_LD | BPF_W | BPF_ABS, ANCILLARY (SKF_AD_VLAN_TAG_PRESENT));
  emit_if_equal (program, 0, 0, REJECT);
  /* what this host sends can carry its tag in the bytes */
  emit_load_ethertype (program, link_type);
  emit_if_equal (program, ETH_P_8021Q, REJECT, 0);
  emit_if_equal (program, ETH_P_8021AD, REJECT, 0);
  emit_if_equal (program, ETH_P_QINQ1, REJECT, ACCEPT);
  close_section (program, start);
}

static void
emit_advance (GArray * program, guint bytes)
{
  emit (program, BPF_MISC | BPF_TXA, 0);
  emit (program, BPF_ALU | BPF_ADD | BPF_K, bytes);
  emit (program, BPF_MISC | BPF_TAX, 0);
}

/* Accepts if the byte at X + @offset starts an IP header. */
static void
emit_if_ip_version (GArray * program, guint offset)
{
  emit (program, BPF_LD | BPF_B | BPF_IND, offset);
  emit (program, BPF_ALU | BPF_AND | BPF_K, 0xf0);
  emit_if_equal (program, 0x40, ACCEPT, 0);
  emit_if_equal (program, 0x60, ACCEPT, REJECT);
}

static void
emit_ip_only (GArray * program, guint link_type)
{
  guint start = program->len;

  if (link_type == GST_CAPTURE_LINK_TYPE_RAW) {
    emit (program, BPF_LDX | BPF_W | BPF_IMM, 0);
    emit_if_ip_version (program, 0);
    close_section (program, start);
    return;
  }

  emit_load_ethertype (program, link_type);
  for (guint i = 0; i < MAX_TAGS; i++) {
    emit_if_equal (program, ETH_P_8021Q, 2, 0);
    emit_if_equal (program, ETH_P_8021AD, 1, 0);
    emit_if_equal (program, ETH_P_QINQ1, 0, 6); /* over the six below */
    emit (program, BPF_LD | BPF_H | BPF_IND, 2);
    emit (program, BPF_ST, 0);
    emit_advance (program, 4);
    emit (program, BPF_LD | BPF_W | BPF_MEM, 0);
  }

  emit_if_equal (program, ETH_P_IP, ACCEPT, 0);
  emit_if_equal (program, ETH_P_IPV6, ACCEPT, 0);

  /* PPPoE session: 6 bytes, then the PPP protocol (RFC 2516) */
  emit_if_equal (program, ETH_P_PPP_SES, 0, 3);
  emit (program, BPF_LD | BPF_H | BPF_IND, 6);
  emit_if_equal (program, 0x21, ACCEPT, 0);
  emit_if_equal (program, 0x57, ACCEPT, REJECT);

  /* MPLS: labels up to the one with the bottom-of-stack bit (RFC 3032) */
  emit_if_equal (program, ETH_P_MPLS_UC, 0, REJECT);
  for (guint i = 0; i < MAX_LABELS; i++) {
    emit (program, BPF_LD | BPF_B | BPF_IND, 2);
    emit_jump (program, BPF_JMP | BPF_JSET | BPF_K, 0, 4, 1);
    emit_if_ip_version (program, 4);
    emit_advance (program, 4);
  }
  emit_jump (program, BPF_JMP | BPF_JA, 0, 0, REJECT);
  close_section (program, start);
}

/* On a cooked socket the kernel's program sees the packet from its network
 * header on; what the expression asks of the made link header is ancillary data
 * there. FALSE if it asks for something that the kernel cannot tell. */
static gboolean
move_load (struct sock_filter *insn, guint link_type)
{
  static const struct
  {
    guint offset;
    guint16 code;
    gint ancillary;
  } fields[] = {
    {0, BPF_LD | BPF_H | BPF_ABS, SKF_AD_PROTOCOL},
    {4, BPF_LD | BPF_W | BPF_ABS, SKF_AD_IFINDEX},
    {10, BPF_LD | BPF_B | BPF_ABS, SKF_AD_PKTTYPE},
  };

  if (link_type != GST_CAPTURE_LINK_TYPE_LINUX_SLL2
      || insn->k >= ANCILLARY (0))
    return TRUE;
  if (BPF_MODE (insn->code) == BPF_LEN)
    return FALSE;

  if (insn->k >= SLL2_HEADER_LENGTH) {
    insn->k -= SLL2_HEADER_LENGTH;
    return TRUE;
  }
  /* whole fields only */
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (insn->k == fields[i].offset && insn->code == fields[i].code) {
      insn->k = ANCILLARY (fields[i].ancillary);
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
append_expression (GArray * program, const struct bpf_program *expression,
    guint link_type, guint32 snaplen)
{
  guint start = program->len;

  for (guint i = 0; i < expression->bf_len; i++) {
    const struct bpf_insn *from = &expression->bf_insns[i];
    struct sock_filter insn = { from->code, from->jt, from->jf, from->k };
    guint mode = BPF_MODE (insn.code);
    gboolean loads = (BPF_CLASS (insn.code) == BPF_LD
        && (mode == BPF_ABS || mode == BPF_IND || mode == BPF_LEN))
        || (BPF_CLASS (insn.code) == BPF_LDX && mode == BPF_MSH);

    if (insn.code == (BPF_RET | BPF_K) && insn.k != 0)
      insn.k = snaplen;
    /* libpcap loops over IPv6 headers (protochain); the kernel does not */
    gboolean loops = insn.code == (BPF_JMP | BPF_JA) && (gint32) insn.k < 0;

    if (loops || (loads && !move_load (&insn, link_type))) {
      g_array_set_size (program, start);
      return FALSE;
    }
    g_array_append_val (program, insn);
  }
  return TRUE;
}

/* libpcap numbers raw IP differently from files (DLT_ against LINKTYPE_). */
static gint
link_type_to_dlt (guint link_type)
{
  return link_type == GST_CAPTURE_LINK_TYPE_RAW ? DLT_RAW : (gint) link_type;
}

static gboolean
compile_expression (struct bpf_program *program, const gchar * expression,
    guint link_type, GError ** error)
{
  pcap_t *pcap = pcap_open_dead (link_type_to_dlt (link_type), MAX_SNAPLEN);
  gboolean ok;

  ok = pcap_compile (pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
  if (!ok) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
        "The filter \"%s\" does not compile: %s (see pcap-filter(7))",
        expression, pcap_geterr (pcap));
  }
  pcap_close (pcap);
  return ok;
}

/* The kernel takes a VLAN tag out of the bytes before a filter sees them, so a
 * program that looks for it there finds nothing. Records have it again. */
static gboolean
asks_for_vlan (const gchar * expression)
{
  return g_regex_match_simple ("\\bvlan\\b", expression, 0, 0);
}

static gboolean
append_automatic_sections (GArray * program, const GstCaptureFilterSpec * spec,
    GError ** error)
{
  guint link_type = gst_capture_link_get_link_type (spec->link);
  gboolean known = link_type == GST_CAPTURE_LINK_TYPE_ETHERNET
      || gst_capture_link_is_cooked (spec->link);

  if (!known && (spec->ip_only || spec->ignore_vlans)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
        "ip-only and ignore-vlans do not know packets of link type %u "
        "(interface %s); use a filter expression instead", link_type,
        gst_capture_link_get_name (spec->link));
    return FALSE;
  }
  emit_direction (program, spec);
  if (spec->ignore_vlans)
    emit_ignore_vlans (program, link_type);
  if (spec->ip_only)
    emit_ip_only (program, link_type);
  return TRUE;
}

/* What to return from the kernel's program: bytes of the packet as the socket
 * has it, which on a cooked link lacks the header that is made for it. */
static guint32
kernel_snaplen (const GstCaptureFilterSpec * spec)
{
  guint32 snaplen = MIN (spec->snaplen, MAX_SNAPLEN);

  if (gst_capture_link_get_link_type (spec->link) ==
      GST_CAPTURE_LINK_TYPE_LINUX_SLL2)
    snaplen -= MIN (snaplen, SLL2_HEADER_LENGTH);
  return MAX (snaplen, 1);
}

/* Errors: GST_CAPTURE_ERROR_FILTER, with libpcap's own words. */
GstCaptureFilter *
gst_capture_filter_new (const GstCaptureFilterSpec * spec, GError ** error)
{
  GstCaptureFilter *self = g_new0 (GstCaptureFilter, 1);
  GArray *program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  guint link_type = gst_capture_link_get_link_type (spec->link);
  gboolean in_kernel = FALSE;

  g_atomic_ref_count_init (&self->refs);

  if (!append_automatic_sections (program, spec, error))
    goto failed;

  if (spec->expression != NULL && spec->expression[0] != '\0') {
    if (!compile_expression (&self->expression, spec->expression, link_type,
            error))
      goto failed;
    in_kernel = !asks_for_vlan (spec->expression)
        && append_expression (program, &self->expression, link_type,
        kernel_snaplen (spec));
    self->user_space = !in_kernel;
  }
  /* a packet that has yet to be matched in user space must come whole */
  if (!in_kernel)
    emit (program, BPF_RET | BPF_K,
        self->user_space ? MAX_SNAPLEN : kernel_snaplen (spec));

  if (program->len > BPF_MAXINSNS) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
        "The filter is too long: %u instructions, the kernel takes %d",
        program->len, BPF_MAXINSNS);
    goto failed;
  }

  self->program.len = program->len;
  self->program.filter =
      (struct sock_filter *) (gpointer) g_array_free (program, FALSE);
  return self;

failed:
  g_array_free (program, TRUE);
  gst_capture_filter_unref (self);
  return NULL;
}

GstCaptureFilter *
gst_capture_filter_ref (GstCaptureFilter * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_capture_filter_unref (GstCaptureFilter * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->expression.bf_insns != NULL)
    pcap_freecode (&self->expression);
  g_free (self->program.filter);
  g_free (self);
}

const struct sock_fprog *
gst_capture_filter_get_program (GstCaptureFilter * self)
{
  return &self->program;
}

gboolean
gst_capture_filter_is_user_space (GstCaptureFilter * self)
{
  return self->user_space;
}

gboolean
gst_capture_filter_match (GstCaptureFilter * self, const guint8 * record,
    guint32 captured_length, guint32 wire_length)
{
  struct pcap_pkthdr header = {.caplen = captured_length,.len = wire_length };

  if (self->expression.bf_insns == NULL)
    return TRUE;
  return pcap_offline_filter (&self->expression, &header, record) != 0;
}
