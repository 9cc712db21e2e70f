/* gst-afring: the walk over the headers of a packet (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstlinklayer.h>

G_BEGIN_DECLS

/* Protocol numbers, https://www.iana.org/assignments/protocol-numbers */
#define GST_IP_PROTOCOL_ICMP 1
#define GST_IP_PROTOCOL_TCP 6
#define GST_IP_PROTOCOL_UDP 17
#define GST_IP_PROTOCOL_ICMPV6 58

typedef enum
{
  GST_PACKET_PARSED,            /* up to the payload */
  GST_PACKET_FRAGMENT,          /* up to the transport header: a part of it */
  GST_PACKET_NOT_IP,
  GST_PACKET_TRUNCATED,         /* what is missing was not captured */
  GST_PACKET_MALFORMED          /* a header lies, or there is no room for it */
} GstPacketParseResult;

/* Where the layers of a packet are. Offsets count from its first byte. All bytes
 * that they name were captured, up to @end. */
typedef struct
{
  gsize network;                /* the IP header */
  gsize transport;              /* the transport header, or a fragment's data */
  gsize payload;                /* of the transport protocol */
  gsize end;                    /* of the payload */
  /* Of the IP packet; behind it is padding of the link. Bytes behind the payload
   * need not have been captured. */
  gsize network_end;

  guint8 version;               /* 4 or 6 */
  guint8 protocol;              /* of the transport header */
  guint16 src_port;             /* 0 if the protocol has none, as the next */
  guint16 dst_port;
  const guint8 *src;            /* addresses, 4 or 16 bytes each, in the packet */
  const guint8 *dst;

  /* Of a fragment. */
  guint32 fragment_id;
  gsize fragment_offset;        /* of its data in the whole */
  gboolean more_fragments;
  gsize protocol_at;            /* IPv6: the byte that names the fragment header */
} GstPacketHeaders;

/* Steps through the headers of a packet, checking each length before it is used.
 * IPv4 with options, IPv6 with extension headers; TCP, UDP and the like. */
GST_AFRING_API
GstPacketParseResult gst_packet_parse (guint             link_type,
                                       const guint8     *data,
                                       gsize             captured_length,
                                       gsize             wire_length,
                                       GstPacketHeaders *headers);

/* The same for bytes that begin with an EtherType. */
GstPacketParseResult gst_packet_parse_type (const guint8  *data,
                                       gsize             captured_length,
                                       gsize             wire_length,
                                       GstPacketHeaders *headers);

static inline gsize
gst_packet_headers_get_address_length (const GstPacketHeaders * self)
{
  return self->version == 4 ? 4 : 16;
}

G_END_DECLS
