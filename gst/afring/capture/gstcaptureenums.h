/* gst-afring: the choices that a capture source offers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstCaptureDirection:
 * @GST_CAPTURE_DIRECTION_INOUT: packets of both directions
 * @GST_CAPTURE_DIRECTION_IN: packets that the interface received
 * @GST_CAPTURE_DIRECTION_OUT: packets that this host sent
 *
 * Which packets are captured. On a loopback interface, where each packet goes
 * out and comes in, %GST_CAPTURE_DIRECTION_INOUT keeps the incoming one.
 */
typedef enum
{
  GST_CAPTURE_DIRECTION_INOUT,
  GST_CAPTURE_DIRECTION_IN,
  GST_CAPTURE_DIRECTION_OUT
} GstCaptureDirection;

/**
 * GstCaptureSnaplenStrategy:
 * @GST_CAPTURE_SNAPLEN_STRATEGY_FIXED: as many bytes as the snaplen says
 * @GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_HEADER: link header and 20 bytes of IPv4
 * @GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_TRANSPORT: those and 14 bytes of transport
 *   header, up to the flags of TCP
 * @GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_HEADER: link header and 40 bytes of IPv6
 * @GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_TRANSPORT: those and 14 bytes of transport
 *   header
 *
 * How many bytes of a packet are kept. A VLAN tag is kept on top of them.
 */
typedef enum
{
  GST_CAPTURE_SNAPLEN_STRATEGY_FIXED,
  GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_HEADER,
  GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_TRANSPORT,
  GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_HEADER,
  GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_TRANSPORT
} GstCaptureSnaplenStrategy;

/**
 * GstCaptureLayer:
 * @GST_CAPTURE_LAYER_LINK: from the link header on
 * @GST_CAPTURE_LAYER_NETWORK: from the IP header on; packets without one are
 *   passed over
 *
 * Where the bytes of a packet start.
 */
typedef enum
{
  GST_CAPTURE_LAYER_LINK,
  GST_CAPTURE_LAYER_NETWORK
} GstCaptureLayer;

/**
 * GstCaptureTimestampSource:
 * @GST_CAPTURE_TIMESTAMP_SOURCE_SOFTWARE: the kernel's clock (CLOCK_REALTIME), when it
 *   gets at the packet
 * @GST_CAPTURE_TIMESTAMP_SOURCE_HARDWARE: the network adapter's clock, when the packet
 *   arrives; an adapter or a driver that has none, or a program that may not switch it
 *   on, is an error
 * @GST_CAPTURE_TIMESTAMP_SOURCE_HARDWARE_OR_SOFTWARE: the adapter's clock if it can be had,
 *   else the kernel's
 *
 * Whose clock the capture times are of. The adapter's runs by itself unless a program such
 * as phc2sys(8) keeps it right; where PTP does, it counts TAI, which is ahead of UTC by the
 * leap seconds (37 since 2017). A packet that the adapter gave no time to (one that this
 * host sends, for example) has the kernel's and no %GST_PACKET_FLAG_HARDWARE_TIMESTAMP.
 */
typedef enum
{
  GST_CAPTURE_TIMESTAMP_SOURCE_SOFTWARE,
  GST_CAPTURE_TIMESTAMP_SOURCE_HARDWARE,
  GST_CAPTURE_TIMESTAMP_SOURCE_HARDWARE_OR_SOFTWARE
} GstCaptureTimestampSource;

G_END_DECLS
