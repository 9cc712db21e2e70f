/* gst-afring: what an index knows of the headers of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Both sides are here, so that they cannot differ: what a packet's shape and keys are,
 * and what follows from them for its bytes. A packet has a part of a shape only if all
 * bytes of that part were captured; a filter that asks for others rejects it. */

#include <string.h>

#include "gstpcapindexshape.h"

#include <gst/afring/capture/gstcapturelink.h>

#include <gst/gst.h>

#define LEAST_ETHER_TYPE 0x600
#define TAG_LENGTH 4

#define IPV4_LENGTH 20
#define IPV4_FRAGMENT_AT 6
#define IPV4_FRAGMENT_BITS 0x1fff
#define IPV4_PROTOCOL_AT 9
#define IPV4_ADDRESSES_AT 12
#define IPV6_LENGTH 40
#define IPV6_NEXT_AT 6
#define IPV6_ADDRESSES_AT 8
#define ARP_LENGTH 28
#define ARP_SENDER_AT 14
#define ARP_TARGET_AT 24

#define NOWHERE G_MAXUINT32

/* Where the link header has the EtherType, and the network header follows it. */
typedef struct
{
  guint32 type_at;              /* NOWHERE: there is none */
  guint32 network_at;           /* NOWHERE: it is not known */
  gboolean has_tags;            /* they stand between the two */
} Link;

static inline Link
get_link (guint link_type)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_ETHERNET:
      return (Link) { 12, 14, TRUE };
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL:
      return (Link) { 14, 16, TRUE };
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
      return (Link) { 0, 20, FALSE };
    case GST_CAPTURE_LINK_TYPE_RAW:
      return (Link) { NOWHERE, 0, FALSE };
    default:
      return (Link) { NOWHERE, NOWHERE, FALSE };
  }
}

static inline gboolean
is_tag (guint16 ether_type)
{
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

/* Those whose ports filters know. */
static inline gboolean
has_ports (guint8 protocol)
{
  return protocol == 6 || protocol == 17 || protocol == 132;
}

/* A packet. */

static inline void
take_ports (GstPcapFlow * self, const guint8 * data, gsize at, gsize length)
{
  if (!has_ports (self->shape.protocol) || at + 4 > length)
    return;
  self->shape.flags |= GST_PCAP_SHAPE_PORTS;
  self->ports = GST_READ_UINT32_BE (data + at);
}

static inline void
take_ipv4 (GstPcapFlow * self, const guint8 * data, gsize at, gsize length)
{
  const guint8 *ip = data + at;

  if (at + IPV4_LENGTH > length)
    return;
  self->shape.flags |= GST_PCAP_SHAPE_IPV4;
  self->shape.first = ip[0];
  self->shape.protocol = ip[IPV4_PROTOCOL_AT];
  memcpy (self->addresses, ip + IPV4_ADDRESSES_AT, 8);
  if ((GST_READ_UINT16_BE (ip + IPV4_FRAGMENT_AT) & IPV4_FRAGMENT_BITS) != 0)
    self->shape.flags |= GST_PCAP_SHAPE_LATER;
  else
    take_ports (self, data, at + (ip[0] & 0xf) * 4, length);
}

static inline void
take_ipv6 (GstPcapFlow * self, const guint8 * data, gsize at, gsize length)
{
  const guint8 *ip = data + at;

  if (at + IPV6_LENGTH > length)
    return;
  self->shape.flags |= GST_PCAP_SHAPE_IPV6;
  self->shape.first = ip[0] & 0xf0;
  self->shape.protocol = ip[IPV6_NEXT_AT];
  memcpy (self->addresses, ip + IPV6_ADDRESSES_AT, 32);
  take_ports (self, data, at + IPV6_LENGTH, length);
}

static inline void
take_arp (GstPcapFlow * self, const guint8 * data, gsize at, gsize length)
{
  if (at + ARP_LENGTH > length)
    return;
  self->shape.flags |= GST_PCAP_SHAPE_ARP;
  memcpy (&self->addresses[0], data + at + ARP_SENDER_AT, 4);
  memcpy (&self->addresses[1], data + at + ARP_TARGET_AT, 4);
}

/* Returns where the network header is. */
static inline gsize
take_types (GstPcapFlow * self, const Link * link, const guint8 * data,
    gsize length)
{
  GstPcapShape *shape = &self->shape;
  guint16 type = GST_READ_UINT16_BE (data + link->type_at);
  gsize at = link->network_at;

  while (link->has_tags && is_tag (type)
      && shape->n_tags < GST_PCAP_SHAPE_MOST_TAGS
      && at + TAG_LENGTH <= length) {
    self->tag_ids[shape->n_tags] = GST_READ_UINT16_BE (data + at) & 0xfff;
    shape->tags[shape->n_tags++] = type;
    type = GST_READ_UINT16_BE (data + at + 2);
    at += TAG_LENGTH;
  }
  shape->flags = GST_PCAP_SHAPE_TYPE;
  if (type < LEAST_ETHER_TYPE)
    shape->flags |= GST_PCAP_SHAPE_LENGTH;
  else
    shape->ether_type = type;
  return at;
}

void
gst_pcap_flow_init (GstPcapFlow * self, guint link_type, const guint8 * data,
    guint32 length)
{
  const Link link = get_link (link_type);
  gsize at = link.network_at;

  memset (self, 0, sizeof (*self));
  self->shape.link_type = link_type;
  if (link.network_at == NOWHERE)
    return;
  if (link.type_at == NOWHERE) {
    if (length > 0 && data[0] >> 4 == 4)
      take_ipv4 (self, data, 0, length);
    else if (length > 0 && data[0] >> 4 == 6)
      take_ipv6 (self, data, 0, length);
    return;
  }
  if (link.type_at + 2 > length)
    return;
  at = take_types (self, &link, data, length);
  if (self->shape.ether_type == 0x0800)
    take_ipv4 (self, data, at, length);
  else if (self->shape.ether_type == 0x86dd)
    take_ipv6 (self, data, at, length);
  else if (self->shape.ether_type == 0x0806
      || self->shape.ether_type == 0x8035)
    take_arp (self, data, at, length);
}

static guint
add_ipv6 (guint64 * keys, guint n, const guint32 * words)
{
  for (guint i = 0; i < 4; i++)
    keys[n++] = GST_PCAP_KEY (GST_PCAP_KEY_IPV6 + i, GUINT32_FROM_BE (words[i]));
  return n;
}

guint
gst_pcap_flow_get_keys (const GstPcapFlow * self,
    guint64 keys[GST_PCAP_MOST_KEYS])
{
  const GstPcapShape *shape = &self->shape;
  guint n = 0;

  for (guint i = 0; i < shape->n_tags; i++)
    keys[n++] = GST_PCAP_KEY (GST_PCAP_KEY_VLAN, self->tag_ids[i]);
  if (shape->flags & GST_PCAP_SHAPE_IPV6) {
    n = add_ipv6 (keys, n, self->addresses);
    n = add_ipv6 (keys, n, self->addresses + 4);
  } else if (shape->flags & (GST_PCAP_SHAPE_IPV4 | GST_PCAP_SHAPE_ARP)) {
    for (guint i = 0; i < 2; i++)
      keys[n++] = GST_PCAP_KEY (GST_PCAP_KEY_IPV4,
          GUINT32_FROM_BE (self->addresses[i]));
  }
  if (shape->flags & GST_PCAP_SHAPE_PORTS) {
    guint32 protocol = (guint32) shape->protocol << 16;

    keys[n++] = GST_PCAP_KEY (GST_PCAP_KEY_PORT, protocol | self->ports >> 16);
    keys[n++] = GST_PCAP_KEY (GST_PCAP_KEY_PORT,
        protocol | (self->ports & 0xffff));
  }
  return n;
}

guint
gst_pcap_key_get_prefixes (guint64 key,
    guint64 prefixes[GST_PCAP_MOST_PREFIXES])
{
  guint32 value = (guint32) key;

  switch (GST_PCAP_KEY_GET_KIND (key)) {
    case GST_PCAP_KEY_IPV4:
      prefixes[0] = GST_PCAP_KEY (GST_PCAP_KEY_IPV4_24, value & 0xffffff00);
      prefixes[1] = GST_PCAP_KEY (GST_PCAP_KEY_IPV4_16, value & 0xffff0000);
      prefixes[2] = GST_PCAP_KEY (GST_PCAP_KEY_IPV4_8, value & 0xff000000);
      return 3;
    case GST_PCAP_KEY_IPV6_WORD_1:
      prefixes[0] = GST_PCAP_KEY (GST_PCAP_KEY_IPV6_48, value & 0xffff0000);
      return 1;
    default:
      return 0;
  }
}

/* A shape. */

static guint32
get_network_at (const GstPcapShape * self, const Link * link)
{
  return link->network_at + TAG_LENGTH * self->n_tags;
}

/* Half of a number of 16 bits. */
static guint8
get_half (guint16 value, guint32 which)
{
  return which == 0 ? value >> 8 : value;
}

/* One byte; FALSE if nothing is known of it. */
static gboolean
get_link_byte (const GstPcapShape * self, const Link * link, guint32 offset,
    guint8 * value, guint8 * unknown)
{
  guint32 at = link->type_at;

  for (guint i = 0; i < self->n_tags; i++) {
    if (offset - at < 2) {
      *value = get_half (self->tags[i], offset - at);
      return TRUE;
    }
    at = link->network_at + TAG_LENGTH * i + 2;
  }
  if (offset - at >= 2)
    return FALSE;
  if (self->flags & GST_PCAP_SHAPE_LENGTH)
    *unknown = get_half (LEAST_ETHER_TYPE - 1, offset - at) | (offset == at ? 7 : 0);
  else
    *value = get_half (self->ether_type, offset - at);
  return TRUE;
}

static gboolean
get_network_byte (const GstPcapShape * self, guint32 offset, guint8 * value,
    guint8 * unknown)
{
  gboolean is_ipv4 = (self->flags & GST_PCAP_SHAPE_IPV4) != 0;

  if (!(self->flags & (GST_PCAP_SHAPE_IPV4 | GST_PCAP_SHAPE_IPV6)))
    return FALSE;
  if (offset == 0) {
    *value = self->first;
    *unknown = is_ipv4 ? 0 : 0x0f;
    return TRUE;
  }
  if (offset == (is_ipv4 ? IPV4_PROTOCOL_AT : IPV6_NEXT_AT)) {
    *value = self->protocol;
    return TRUE;
  }
  if (is_ipv4 && !(self->flags & GST_PCAP_SHAPE_LATER)
      && offset - IPV4_FRAGMENT_AT < 2) {
    *unknown = get_half (~IPV4_FRAGMENT_BITS, offset - IPV4_FRAGMENT_AT);
    return TRUE;
  }
  return FALSE;
}

static gboolean
get_byte (const GstPcapShape * self, const Link * link, guint32 offset,
    guint8 * value, guint8 * unknown)
{
  guint32 network_at = get_network_at (self, link);

  *value = *unknown = 0;
  if (link->network_at == NOWHERE)
    return FALSE;
  if ((self->flags & GST_PCAP_SHAPE_TYPE) && link->type_at != NOWHERE
      && get_link_byte (self, link, offset, value, unknown))
    return TRUE;
  return offset >= network_at
      && get_network_byte (self, offset - network_at, value, unknown);
}

guint32
gst_pcap_shape_get_bytes (const GstPcapShape * self, guint32 offset,
    guint size, guint32 * unknown)
{
  const Link link = get_link (self->link_type);
  guint32 result = 0;

  *unknown = 0;
  for (guint i = 0; i < size; i++) {
    guint8 byte, bits;

    if (!get_byte (self, &link, offset + i, &byte, &bits)) {
      byte = 0;
      bits = 0xff;
    }
    result = result << 8 | (byte & ~bits);
    *unknown = *unknown << 8 | bits;
  }
  return result;
}

static GstPcapKeyKind
get_network_field (const GstPcapShape * self, guint32 offset, guint size)
{
  guint32 word;

  if (self->flags & GST_PCAP_SHAPE_ARP)
    return size == 4 && (offset == ARP_SENDER_AT || offset == ARP_TARGET_AT) ?
        GST_PCAP_KEY_IPV4 : GST_PCAP_KEY_NONE;
  if (self->flags & GST_PCAP_SHAPE_IPV4) {
    guint32 ports_at = (self->first & 0xf) * 4;

    if (size == 4 && (offset == IPV4_ADDRESSES_AT
            || offset == IPV4_ADDRESSES_AT + 4))
      return GST_PCAP_KEY_IPV4;
    if (size == 2 && offset == IPV4_FRAGMENT_AT
        && (self->flags & GST_PCAP_SHAPE_LATER))
      return GST_PCAP_KEY_FRAGMENT;
    return size == 2 && (self->flags & GST_PCAP_SHAPE_PORTS)
        && (offset == ports_at || offset == ports_at + 2) ?
        GST_PCAP_KEY_PORT : GST_PCAP_KEY_NONE;
  }
  if (!(self->flags & GST_PCAP_SHAPE_IPV6))
    return GST_PCAP_KEY_NONE;
  if (size == 2)
    return (self->flags & GST_PCAP_SHAPE_PORTS)
        && (offset == IPV6_LENGTH || offset == IPV6_LENGTH + 2) ?
        GST_PCAP_KEY_PORT : GST_PCAP_KEY_NONE;
  word = offset - IPV6_ADDRESSES_AT;
  return size == 4 && word % 4 == 0 && word / 4 < 8 ?
      GST_PCAP_KEY_IPV6 + word / 4 % 4 : GST_PCAP_KEY_NONE;
}

GstPcapKeyKind
gst_pcap_shape_get_field (const GstPcapShape * self, guint32 offset, guint size)
{
  const Link link = get_link (self->link_type);
  guint32 network_at = get_network_at (self, &link);

  if (self->flags == 0 || link.network_at == NOWHERE)
    return GST_PCAP_KEY_NONE;
  if (size == 2 && offset >= link.network_at && offset < network_at)
    return (offset - link.network_at) % TAG_LENGTH == 0 ?
        GST_PCAP_KEY_VLAN : GST_PCAP_KEY_NONE;
  return offset >= network_at ?
      get_network_field (self, offset - network_at, size) : GST_PCAP_KEY_NONE;
}

guint64
gst_pcap_shape_get_key (const GstPcapShape * self, GstPcapKeyKind field,
    guint32 mask, guint32 value)
{
  switch (field) {
    case GST_PCAP_KEY_IPV4:
      if (mask == 0xffffffff)
        return GST_PCAP_KEY (GST_PCAP_KEY_IPV4, value);
      if ((mask & 0xffffff00) == 0xffffff00)
        return GST_PCAP_KEY (GST_PCAP_KEY_IPV4_24, value & 0xffffff00);
      if ((mask & 0xffff0000) == 0xffff0000)
        return GST_PCAP_KEY (GST_PCAP_KEY_IPV4_16, value & 0xffff0000);
      if ((mask & 0xff000000) == 0xff000000)
        return GST_PCAP_KEY (GST_PCAP_KEY_IPV4_8, value & 0xff000000);
      return 0;
    case GST_PCAP_KEY_PORT:
      return (mask & 0xffff) == 0xffff ? GST_PCAP_KEY (GST_PCAP_KEY_PORT,
          (guint32) self->protocol << 16 | (value & 0xffff)) : 0;
    case GST_PCAP_KEY_VLAN:
      return (mask & 0xfff) == 0xfff ?
          GST_PCAP_KEY (GST_PCAP_KEY_VLAN, value & 0xfff) : 0;
    case GST_PCAP_KEY_IPV6_WORD_1:
      if ((mask & 0xffff0000) == 0xffff0000 && mask != 0xffffffff)
        return GST_PCAP_KEY (GST_PCAP_KEY_IPV6_48, value & 0xffff0000);
      /* FALLTHROUGH */
    case GST_PCAP_KEY_IPV6:
    case GST_PCAP_KEY_IPV6_WORD_2:
    case GST_PCAP_KEY_IPV6_WORD_3:
      return mask == 0xffffffff ? GST_PCAP_KEY (field, value) : 0;
    default:
      return 0;
  }
}
