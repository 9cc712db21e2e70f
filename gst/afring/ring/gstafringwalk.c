/* gst-afring: the walk over the packets of a block
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringwalk.h"

#include <arpa/inet.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <linux/if_ether.h>
#include <string.h>

#define VLAN_TAG_LENGTH 4
#define MAC_ADDRESSES_LENGTH 12
#define SLL2_HEADER_LENGTH 20

void
gst_afring_walk_init (GstAfringWalk * self, GstAfringLease * lease,
    guint link_type, gboolean cooked, guint32 snaplen, guint32 tag_allowance,
    GstCaptureFilter * filter)
{
  self->block = gst_afring_lease_get_block (lease);
  self->block_size = gst_afring_lease_get_size (lease);
  self->offset = gst_afring_block_get_first_offset (self->block);
  self->left = MIN (gst_afring_block_get_packets (self->block),
      self->block_size / GST_AFRING_FRAME_HEADER_LENGTH);
  self->link_type = link_type;
  self->cooked = cooked;
  self->snaplen = snaplen;
  self->tag_allowance = tag_allowance;
  self->filter = filter;
  self->needs_work = filter != NULL
      || (cooked && link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2);
}

void
gst_afring_walk_stop_corrupt (GstAfringWalk * self)
{
  GST_ERROR ("ring block %p is corrupt at offset %" G_GSIZE_FORMAT ", %u "
      "packets lost", self->block, self->offset, self->left);
  self->left = 0;
}

static gboolean
has_room (const struct tpacket3_hdr *header, guint bytes)
{
  return header->tp_mac >= GST_AFRING_FRAME_HEADER_LENGTH + bytes;
}

static void
grow_front (struct tpacket3_hdr *header, guint bytes)
{
  header->tp_mac -= bytes;
  header->tp_snaplen += bytes;
  header->tp_len += bytes;
}

static inline guint8 *
get_data (struct tpacket3_hdr *header)
{
  return (guint8 *) header + header->tp_mac;
}

static inline struct sockaddr_ll *
get_address (struct tpacket3_hdr *header)
{
  return (gpointer) ((guint8 *) header +
      TPACKET_ALIGN (sizeof (struct tpacket3_hdr)));
}

/* A cooked socket gives the protocol behind all tags (af_packet.c,
 * vlan_get_protocol_dgram, since Linux 6.10), but takes only the outermost tag
 * out of the bytes of a packet that it received. A second one then stands in
 * front of what the protocol names, without an EtherType of its own. */
static gboolean
hides_tag (const struct tpacket3_hdr *header, guint16 protocol)
{
  const guint8 *data = (const guint8 *) header + header->tp_mac;
  guint16 inner;

  if (!(header->tp_status & TP_STATUS_VLAN_VALID) || header->tp_snaplen < 4)
    return FALSE;
  inner = GST_READ_UINT16_BE (data + 2);
  if (inner != protocol && inner != ETH_P_8021Q && inner != ETH_P_8021AD)
    return FALSE;
  /* where a tag has that EtherType, an IP header has its length or its flow */
  if (protocol == ETH_P_IP)
    return data[0] >> 4 != 4 || header->tp_len < inner;
  return protocol != ETH_P_IPV6 || data[0] >> 4 != 6;
}

/* LINKTYPE_LINUX_SLL2, https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
static void
make_sll2_header (struct tpacket3_hdr *header)
{
  const struct sockaddr_ll *address = get_address (header);
  guint16 protocol = ntohs (address->sll_protocol);
  guint8 *sll2;

  if (!has_room (header, SLL2_HEADER_LENGTH))
    return;
  if (hides_tag (header, protocol))
    protocol = ETH_P_8021Q;
  grow_front (header, SLL2_HEADER_LENGTH);
  sll2 = get_data (header);
  GST_WRITE_UINT16_BE (sll2, protocol);
  GST_WRITE_UINT16_BE (sll2 + 2, 0);
  GST_WRITE_UINT32_BE (sll2 + 4, (guint32) address->sll_ifindex);
  GST_WRITE_UINT16_BE (sll2 + 8, address->sll_hatype);
  sll2[10] = address->sll_pkttype;
  sll2[11] = address->sll_halen;
  memcpy (sll2 + 12, address->sll_addr, 8);
}

static guint16
get_tag_protocol (const struct tpacket3_hdr *header)
{
  if (header->tp_status & TP_STATUS_VLAN_TPID_VALID)
    return header->hv1.tp_vlan_tpid;
  return ETH_P_8021Q;
}

/* Moves what is in front of the tag by four bytes and writes the tag into the
 * gap, its EtherType where the packet's was. */
static void
put_tag_back (struct tpacket3_hdr *header, guint link_type)
{
  guint16 protocol = get_tag_protocol (header);
  guint16 tci = header->hv1.tp_vlan_tci;
  guint8 *data;

  if (!has_room (header, VLAN_TAG_LENGTH))
    return;

  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET
      && header->tp_snaplen >= MAC_ADDRESSES_LENGTH) {
    grow_front (header, VLAN_TAG_LENGTH);
    data = get_data (header);
    memmove (data, data + VLAN_TAG_LENGTH, MAC_ADDRESSES_LENGTH);
    GST_WRITE_UINT16_BE (data + 12, protocol);
    GST_WRITE_UINT16_BE (data + 14, tci);
  } else if (link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2
      && header->tp_snaplen >= SLL2_HEADER_LENGTH) {
    guint16 inner;

    grow_front (header, VLAN_TAG_LENGTH);
    data = get_data (header);
    memmove (data, data + VLAN_TAG_LENGTH, SLL2_HEADER_LENGTH);
    inner = GST_READ_UINT16_BE (data);
    GST_WRITE_UINT16_BE (data, protocol);
    GST_WRITE_UINT16_BE (data + SLL2_HEADER_LENGTH, tci);
    GST_WRITE_UINT16_BE (data + SLL2_HEADER_LENGTH + 2, inner);
  }
}

/* The packet as the kernel showed it to the filter. */
static void
show (const struct tpacket3_hdr *header, gboolean cooked,
    GstBpfPacket * packet)
{
  const struct sockaddr_ll *address =
      get_address ((struct tpacket3_hdr *) header);

  packet->bytes = (const guint8 *) header + header->tp_mac;
  packet->front_length = 0;
  packet->captured_length = header->tp_snaplen;
  packet->wire_length = header->tp_len;
  packet->uncounted = 0;
  packet->known = GST_BPF_KNOWS_PROTOCOL | GST_BPF_KNOWS_PACKET_TYPE |
      GST_BPF_KNOWS_INTERFACE | GST_BPF_KNOWS_HARDWARE_TYPE;
  packet->protocol = ntohs (address->sll_protocol);
  if (cooked && hides_tag (header, packet->protocol))
    packet->protocol = ETH_P_8021Q;
  packet->packet_type = address->sll_pkttype;
  packet->interface = address->sll_ifindex;
  packet->hardware_type = address->sll_hatype;
  packet->hash = header->hv1.tp_rxhash;
  if (packet->hash != 0)
    packet->known |= GST_BPF_KNOWS_HASH;
  packet->tagged = (header->tp_status & TP_STATUS_VLAN_VALID) != 0;
  packet->vlan_tci = header->hv1.tp_vlan_tci;
  packet->vlan_tpid = get_tag_protocol (header);
}

/* What the kernel let through by an earlier program and cut can perhaps not be
 * matched any more, and is not lost for that. */
static inline gboolean
passes (GstBpfVerdict verdict)
{
  return verdict == GST_BPF_ACCEPT || verdict == GST_BPF_CUT;
}

/* Filters see the packet as the kernel has it, but for the rest of one, which is
 * about the link header that is made for the packet. */
gboolean
gst_afring_walk_restore (GstAfringWalk * self, struct tpacket3_hdr * header)
{
  gboolean pass = TRUE;
  GstBpfPacket packet;

  if (header->tp_status & GST_AFRING_STATUS_RESTORED)
    return !(header->tp_status & GST_AFRING_STATUS_REFUSED);

  if (self->filter != NULL) {
    show (header, self->cooked, &packet);
    pass = passes (gst_capture_filter_match_kernel (self->filter, &packet));
  }
  if (self->cooked && self->link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2)
    make_sll2_header (header);
  if (pass && self->filter != NULL) {
    packet.bytes = get_data (header);
    packet.captured_length = header->tp_snaplen;
    packet.uncounted = header->tp_len - packet.wire_length;
    packet.wire_length = header->tp_len;
    pass = passes (gst_capture_filter_match_rest (self->filter, &packet));
  }
  if (header->tp_status & TP_STATUS_VLAN_VALID)
    put_tag_back (header, self->link_type);

  header->tp_status |= GST_AFRING_STATUS_RESTORED |
      (pass ? 0 : GST_AFRING_STATUS_REFUSED);
  return pass;
}

/* The outermost tag as it stands in the bytes: put back, or never taken out. Where
 * a link has no place for it, what the kernel says of it. */
static void
fill_tag (const GstAfringRecord * self, guint link_type, GstPacketMeta * meta)
{
  guint16 tpid, tci;

  if (gst_link_layer_get_vlan (link_type, self->data, self->captured_length,
          &tpid, &tci)) {
    meta->vlan_tpid = tpid;
    meta->vlan_tci = tci;
    meta->flags |= GST_PACKET_FLAG_VLAN;
    if (self->header->tp_status & TP_STATUS_VLAN_VALID)
      meta->flags |= GST_PACKET_FLAG_VLAN_RESTORED;
  } else if (link_type != GST_CAPTURE_LINK_TYPE_ETHERNET
      && link_type != GST_CAPTURE_LINK_TYPE_LINUX_SLL2
      && (self->header->tp_status & TP_STATUS_VLAN_VALID)) {
    meta->vlan_tpid = get_tag_protocol (self->header);
    meta->vlan_tci = self->header->hv1.tp_vlan_tci;
    meta->flags |= GST_PACKET_FLAG_VLAN;
  }
}

void
gst_afring_record_fill_meta (const GstAfringRecord * self, guint link_type,
    GstPacketMeta * meta)
{
  meta->capture_time = gst_afring_record_get_capture_time (self);
  meta->wire_length = self->wire_length;
  meta->interface_id = self->address->sll_ifindex;
  meta->packet_type = gst_afring_record_get_packet_type (self);
  meta->rx_hash = self->header->hv1.tp_rxhash;
  meta->vlan_tci = meta->vlan_tpid = 0;
  meta->flags = gst_afring_record_get_flags (self);
  if (link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2)
    meta->flags |= GST_PACKET_FLAG_MADE_HEADER;
  if (!gst_link_layer_is_plain (link_type, self->data, self->captured_length))
    fill_tag (self, link_type, meta);
}
