/* gst-afring: what passes into the ring without being asked for by name
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstfiltersections.h"
#include "gstcaptureerror.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define LOOPBACK_IFINDEX 1      /* the same in every network namespace */
#define ETHERNET_HEADER_LENGTH 14
#define MAX_TAGS 3
#define MAX_LABELS 4

/* Jump targets that are not known until a section is complete. */
#define ACCEPT 254
#define REJECT 255

#ifndef ETH_P_QINQ1
#define ETH_P_QINQ1 0x9100
#endif

#define ANCILLARY(what) ((guint32) (SKF_AD_OFF + (what)))

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
  gboolean any = gst_capture_link_is_any (spec->link);

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

gboolean
gst_filter_sections_append (GArray * program,
    const GstCaptureFilterSpec * spec, GError ** error)
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
