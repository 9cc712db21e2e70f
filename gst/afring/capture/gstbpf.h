/* gst-afring: classic BPF in user space (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <linux/filter.h>

G_BEGIN_DECLS

/* Runs a classic BPF program (linux/filter.h, bpf(4)) over a packet as the kernel
 * shows it to a socket filter: bytes without the tag that the kernel has taken out of
 * them, and beside the bytes what only the kernel knows, which programs load from
 * SKF_AD_OFF on. libpcap's own interpreter takes those loads for bytes behind the
 * end and matches nothing, without a word. */

typedef enum
{
  GST_BPF_REJECT,
  GST_BPF_ACCEPT,
  GST_BPF_CUT,                  /* it asks for bytes that were not captured */
  GST_BPF_UNKNOWN               /* it asks for something that nobody knows here */
} GstBpfVerdict;

/* What is known beside the bytes. */
typedef enum
{
  GST_BPF_KNOWS_PROTOCOL = 1 << 0,
  GST_BPF_KNOWS_PACKET_TYPE = 1 << 1,
  GST_BPF_KNOWS_INTERFACE = 1 << 2,
  GST_BPF_KNOWS_HARDWARE_TYPE = 1 << 3,
  GST_BPF_KNOWS_HASH = 1 << 4
} GstBpfKnowledge;

#define GST_BPF_MAX_FRONT 20

typedef struct
{
  /* Offsets below front_length are in @front, all others in @bytes. */
  const guint8 *bytes;
  guint front_length;
  guint8 front[GST_BPF_MAX_FRONT];
  guint32 captured_length;
  guint32 wire_length;
  guint32 uncounted;            /* bytes in front that are no part of its length */

  guint known;                  /* GstBpfKnowledge */
  guint16 protocol;             /* EtherType */
  guint8 packet_type;           /* PACKET_HOST, ..., as in linux/if_packet.h */
  guint32 interface;            /* ifindex */
  guint16 hardware_type;        /* ARPHRD_ */
  guint32 hash;
  gboolean tagged;              /* the outermost tag is not in the bytes but here */
  guint16 vlan_tci, vlan_tpid;
} GstBpfPacket;

/* @program has to end in returns and to jump within itself. Jumps backwards, with
 * which libpcap walks chains of headers, are allowed. */
GST_AFRING_API
GstBpfVerdict gst_bpf_run     (const struct sock_filter *program,
                               guint                     length,
                               const GstBpfPacket       *packet);

/* What the program asks for that user space never knows, in words; NULL if there is
 * no such thing. */
GST_AFRING_API
const gchar * gst_bpf_unknown (const struct sock_filter *program,
                               guint                     length);

G_END_DECLS
