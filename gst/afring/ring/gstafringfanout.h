/* gst-afring: how captures share an interface
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstAfringFanoutMode:
 * @GST_AFRING_FANOUT_MODE_HASH: by a hash of the packet's flow, which is the
 *   same in both directions: a flow stays with one member
 * @GST_AFRING_FANOUT_MODE_LOAD_BALANCE: each member in turn
 * @GST_AFRING_FANOUT_MODE_CPU: by the processor that the packet came in on
 * @GST_AFRING_FANOUT_MODE_ROLLOVER: one member until it has no room, then the
 *   next
 * @GST_AFRING_FANOUT_MODE_RANDOM: at random
 * @GST_AFRING_FANOUT_MODE_QUEUE: by the queue of the network adapter that the
 *   packet came from
 *
 * How the kernel chooses the member of a group that gets a packet: the modes
 * PACKET_FANOUT_HASH, LB, CPU, ROLLOVER, RND and QM of linux/if_packet.h,
 * described in packet(7). With cpu and queue the number of the processor or
 * queue modulo the number of members is the member.
 */
typedef enum
{
  GST_AFRING_FANOUT_MODE_HASH,
  GST_AFRING_FANOUT_MODE_LOAD_BALANCE,
  GST_AFRING_FANOUT_MODE_CPU,
  GST_AFRING_FANOUT_MODE_ROLLOVER,
  GST_AFRING_FANOUT_MODE_RANDOM,
  GST_AFRING_FANOUT_MODE_QUEUE
} GstAfringFanoutMode;

G_END_DECLS
