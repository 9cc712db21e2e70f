/* gst-afring: what an index knows of the headers of packets (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <glib.h>

G_BEGIN_DECLS

/* A shape is one exact layout of headers: of all packets that have it, the same bytes are
 * known and the same fields lie at the same offsets. What is not known may be anything.
 * The values of fields, which differ from packet to packet, are keys. */

typedef enum
{
  GST_PCAP_SHAPE_TYPE = 1 << 0, /* tags and EtherType are as said */
  GST_PCAP_SHAPE_LENGTH = 1 << 1,       /* or below 1536: a length, of 802.3 */
  GST_PCAP_SHAPE_IPV4 = 1 << 2, /* first, protocol; addresses */
  GST_PCAP_SHAPE_LATER = 1 << 3,        /* IPv4: the fragment's offset is not 0; else it is */
  GST_PCAP_SHAPE_IPV6 = 1 << 4,
  GST_PCAP_SHAPE_ARP = 1 << 5,  /* addresses, where ARP over Ethernet has them */
  GST_PCAP_SHAPE_PORTS = 1 << 6
} GstPcapShapeFlags;

#define GST_PCAP_SHAPE_MOST_TAGS 2

typedef struct
{
  guint16 link_type;
  guint8 flags;                 /* 0: nothing is known */
  guint8 n_tags;
  guint16 tags[GST_PCAP_SHAPE_MOST_TAGS];       /* the EtherTypes of VLAN tags */
  guint16 ether_type;
  guint8 first;                 /* byte of the IP header; of IPv6 its upper half */
  guint8 protocol;              /* in the IP header: IPv6's next header */
  guint32 generation;           /* of a cache; 0 in a file */
} GstPcapShape;

/* A packet as far as an index tells packets apart. */
typedef struct
{
  GstPcapShape shape;
  guint16 tag_ids[GST_PCAP_SHAPE_MOST_TAGS];
  guint32 ports;                /* source above, destination below */
  guint32 addresses[8];         /* source and destination: 2 words, of IPv6 8 */
} GstPcapFlow;

/* Keys have a kind and a value. */
typedef enum
{
  GST_PCAP_KEY_NONE,
  GST_PCAP_KEY_IPV4,
  GST_PCAP_KEY_IPV4_24,         /* the upper bits alone, the lower ones 0 */
  GST_PCAP_KEY_IPV4_16,
  GST_PCAP_KEY_IPV4_8,
  GST_PCAP_KEY_PORT,            /* protocol << 16 | port */
  GST_PCAP_KEY_VLAN,            /* 12 bits */
  GST_PCAP_KEY_IPV6,            /* and the next three: each word */
  GST_PCAP_KEY_IPV6_WORD_1,
  GST_PCAP_KEY_IPV6_WORD_2,
  GST_PCAP_KEY_IPV6_WORD_3,
  GST_PCAP_KEY_IPV6_48,         /* upper half of the second word */
  GST_PCAP_KEY_FRAGMENT         /* never in a filter: bits that are not all 0 */
} GstPcapKeyKind;

#define GST_PCAP_KEY(kind, value) ((guint64) (kind) << 56 | (guint32) (value))
#define GST_PCAP_KEY_GET_KIND(key) ((GstPcapKeyKind) ((key) >> 56))

/* More than any packet has. */
#define GST_PCAP_MOST_KEYS 16

static inline gboolean
gst_pcap_shape_equal (const GstPcapShape * a, const GstPcapShape * b)
{
  return memcmp (a, b, sizeof (*a)) == 0;
}

/* Describes a packet. What a packet does not have is 0. */
GST_AFRING_API
void     gst_pcap_flow_init          (GstPcapFlow        *self,
                                      guint               link_type,
                                      const guint8       *data,
                                      guint32             captured_length);

/* Its keys. Returns how many there are. */
GST_AFRING_API
guint    gst_pcap_flow_get_keys      (const GstPcapFlow  *self,
                                      guint64             keys[GST_PCAP_MOST_KEYS]);

/* Only narrows a search by prefix: can be done without. */
static inline gboolean
gst_pcap_key_is_prefix (guint64 key)
{
  GstPcapKeyKind kind = GST_PCAP_KEY_GET_KIND (key);

  return (kind >= GST_PCAP_KEY_IPV4_24 && kind <= GST_PCAP_KEY_IPV4_8)
      || kind == GST_PCAP_KEY_IPV6_48;
}

/* What is known of @size bytes, up to 4, from @offset on: their value, in which all bits
 * of *@unknown are 0. */
GST_AFRING_API
guint32  gst_pcap_shape_get_bytes    (const GstPcapShape *self,
                                      guint32             offset,
                                      guint               size,
                                      guint32            *unknown);

/* The field that they are: all keys of it are keys of the packet. */
GST_AFRING_API
GstPcapKeyKind gst_pcap_shape_get_field (const GstPcapShape *self,
                                      guint32             offset,
                                      guint               size);

/* The key that there is if the field, and @mask, can be @value. 0: it can in any case. */
GST_AFRING_API
guint64  gst_pcap_shape_get_key      (const GstPcapShape *self,
                                      GstPcapKeyKind      field,
                                      guint32             mask,
                                      guint32             value);

G_END_DECLS
