/* gst-afring: a packet as a filter sees it (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstbpf.h>
#include <gst/afring/packet/gstpacketmeta.h>

G_BEGIN_DECLS

/* A packet with its link header, of which nothing is known but the bytes. */
GST_AFRING_API
void gst_packet_bpf_init      (GstBpfPacket        *self,
                               guint                link_type,
                               const guint8        *data,
                               guint32              captured_length,
                               guint32              wire_length);

/* The tag that stands in the bytes is one that the kernel takes out of them. */
GST_AFRING_API
void gst_packet_bpf_hide_tag  (GstBpfPacket        *self,
                               guint                link_type);

/* What a meta says of it, the tag included. */
GST_AFRING_API
void gst_packet_bpf_set_meta  (GstBpfPacket        *self,
                               guint                link_type,
                               const GstPacketMeta *meta);

G_END_DECLS
