/* gst-afring: what the kernel is to do to a frame before it leaves
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "sinkframe.h"

G_BEGIN_DECLS

/* In the struct virtio_net_hdr in front of a frame (packet(7), PACKET_VNET_HDR): to fill in
 * a transport checksum that was left to a device when the packet was captured, and to cut
 * what is bigger than the MTU, as it does for its own sockets. */
typedef struct
{
  guint link_type;              /* of the packets */
  gboolean ethernet;            /* the interface is */
  guint mtu;
  gboolean checksums;
  gboolean segments;
} SinkOffload;

typedef enum
{
  SINK_OFFLOAD_NOTHING,
  SINK_OFFLOAD_CHECKSUM,
  SINK_OFFLOAD_SEGMENTS,
  SINK_OFFLOAD_TOO_BIG
} SinkOffloadResult;

/* @frame was made of @data; @not_ready: the capture says of its checksum that it is left
 * to a device (GST_PACKET_FLAG_CHECKSUM_NOT_READY). Of others it is seen by the sum of the
 * pseudo-header that stands there. */
SinkOffloadResult sink_offload_prepare (const SinkOffload *self,
                                        const guint8      *data,
                                        gsize              size,
                                        gsize              wire_length,
                                        gboolean           not_ready,
                                        SinkFrame         *frame);

G_END_DECLS
