/* gst-afring: a packet as a filter sees it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpacketbpf.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <string.h>

#define MAC_ADDRESSES_LENGTH 12
#define ETHERNET_HEADER_LENGTH 14
#define SLL2_HEADER_LENGTH 20
#define VLAN_TAG_LENGTH 4

static inline guint16
get_protocol (const GstBpfPacket * self)
{
  return GST_READ_UINT16_BE (self->bytes + MAC_ADDRESSES_LENGTH);
}

void
gst_packet_bpf_init (GstBpfPacket * self, guint link_type, const guint8 * data,
    guint32 captured_length, guint32 wire_length)
{
  self->bytes = data;
  self->front_length = 0;
  self->captured_length = captured_length;
  self->wire_length = MAX (wire_length, captured_length);
  self->uncounted = 0;
  self->known = 0;
  self->tagged = FALSE;
  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET
      && captured_length >= ETHERNET_HEADER_LENGTH) {
    self->protocol = get_protocol (self);
    self->known = GST_BPF_KNOWS_PROTOCOL;
  }
}

/* Where the tag stood in the bytes, they are put together; the rest lies where it
 * lies. */
static void
join (GstBpfPacket * self, guint front_length)
{
  memcpy (self->front, self->bytes, front_length);
  self->front_length = front_length;
  self->bytes += VLAN_TAG_LENGTH;
  self->captured_length -= VLAN_TAG_LENGTH;
  self->wire_length -= VLAN_TAG_LENGTH;
  self->tagged = TRUE;
}

void
gst_packet_bpf_hide_tag (GstBpfPacket * self, guint link_type)
{
  const guint8 *data = self->bytes;

  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET
      && self->captured_length >= ETHERNET_HEADER_LENGTH + VLAN_TAG_LENGTH) {
    self->vlan_tpid = get_protocol (self);
    self->vlan_tci = GST_READ_UINT16_BE (data + ETHERNET_HEADER_LENGTH);
    join (self, MAC_ADDRESSES_LENGTH);
    self->protocol = get_protocol (self);
  } else if (link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2
      && self->captured_length >= SLL2_HEADER_LENGTH + VLAN_TAG_LENGTH) {
    self->vlan_tpid = GST_READ_UINT16_BE (data);
    self->vlan_tci = GST_READ_UINT16_BE (data + SLL2_HEADER_LENGTH);
    join (self, SLL2_HEADER_LENGTH);
    memcpy (self->front, data + SLL2_HEADER_LENGTH + 2, 2);
  }
}

void
gst_packet_bpf_set_meta (GstBpfPacket * self, guint link_type,
    const GstPacketMeta * meta)
{
  self->interface = meta->interface_id;
  self->known |= GST_BPF_KNOWS_INTERFACE;
  if (meta->packet_type != GST_PACKET_TYPE_UNKNOWN) {
    self->packet_type = meta->packet_type;
    self->known |= GST_BPF_KNOWS_PACKET_TYPE;
  }
  self->hash = meta->rx_hash;
  if (meta->rx_hash != 0)
    self->known |= GST_BPF_KNOWS_HASH;
  if (meta->flags & GST_PACKET_FLAG_MADE_HEADER)
    self->uncounted = SLL2_HEADER_LENGTH;
  if (meta->flags & GST_PACKET_FLAG_VLAN_RESTORED)
    gst_packet_bpf_hide_tag (self, link_type);
}
