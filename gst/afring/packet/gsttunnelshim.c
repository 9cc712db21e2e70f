/* gst-afring: headers between the addresses and the EtherType of Ethernet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

typedef GstTunnelResult (*ReadFunc) (const GstTunnelBytes * bytes,
    GstTunnelHeader * header);

typedef struct
{
  guint16 type;
  GstPacketTunnel tunnel;
  gsize length;                 /* of what is always there */
  ReadFunc read;                /* NULL: there is no more to it */
} Shim;

#define MACSEC_VERSION 0x80
#define MACSEC_CHANNEL 0x20
#define MACSEC_ENCRYPTED 0x08
#define MACSEC_CHANGED 0x04
#define MACSEC_LENGTH 6
#define MACSEC_CHANNEL_LENGTH 8
#define MACSEC_CHECK_LENGTH 16  /* of the standard's ciphers */

/* A version, a length, and options, of which one, the group tag, is in use. */
static GstTunnelResult
read_cisco_metadata (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  return bytes->data[0] == 1 && bytes->data[1] == 1 ? GST_TUNNEL_FOUND :
      GST_TUNNEL_UNKNOWN;
}

/* A frame follows whose addresses are those of the ends. */
static GstTunnelResult
read_fabricpath (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  header->id = GST_READ_UINT16_BE (bytes->data) >> 6;
  header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  return GST_TUNNEL_FOUND;
}

/* IEEE 802.1Q clause 9.7: priority and flags, then the service. */
static GstTunnelResult
read_mac_in_mac (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  header->id = GST_READ_UINT32_BE (bytes->data) & 0xffffff;
  header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  return GST_TUNNEL_FOUND;
}

/* IEEE 802.1AE clause 9: flags, short length, packet number, maybe the channel;
 * behind the data stands what proves it. */
static GstTunnelResult
read_macsec (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  guint8 flags = bytes->data[0], short_length = bytes->data[1] & 0x3f;
  gsize data_end;

  if (flags & MACSEC_VERSION)
    return GST_TUNNEL_UNKNOWN;
  if (flags & MACSEC_ENCRYPTED)
    return GST_TUNNEL_ENCRYPTED;
  if (flags & MACSEC_CHANGED)
    return GST_TUNNEL_UNKNOWN;
  if (flags & MACSEC_CHANNEL)
    header->offset += MACSEC_CHANNEL_LENGTH;
  if (bytes->wire < header->offset + MACSEC_CHECK_LENGTH)
    return GST_TUNNEL_MALFORMED;
  data_end = bytes->wire - MACSEC_CHECK_LENGTH;
  if (short_length > 0) {
    /* shorter than the shortest frame, which the link has filled up */
    if (short_length >= 48 || header->offset + short_length > data_end)
      return GST_TUNNEL_MALFORMED;
    data_end = header->offset + short_length;
  }
  header->end = data_end;
  return GST_TUNNEL_FOUND;
}

static const Shim shims[] = {
  {0x8926, GST_PACKET_TUNNEL_VN_TAG, 4, NULL},
  {0x893f, GST_PACKET_TUNNEL_E_TAG, 6, NULL},
  {0x8909, GST_PACKET_TUNNEL_CISCO_METADATA, 6, read_cisco_metadata},
  {0x892f, GST_PACKET_TUNNEL_HSR, 4, NULL},
  {0x88e5, GST_PACKET_TUNNEL_MACSEC, MACSEC_LENGTH, read_macsec},
  {0x8903, GST_PACKET_TUNNEL_FABRICPATH, 2, read_fabricpath},
  {0x88e7, GST_PACKET_TUNNEL_MAC_IN_MAC, 4, read_mac_in_mac},
};

static const Shim *
find_shim (guint16 type)
{
  for (guint i = 0; i < G_N_ELEMENTS (shims); i++)
    if (shims[i].type == type)
      return &shims[i];
  return NULL;
}

GstTunnelResult
gst_tunnel_read_shim (const GstTunnelBytes * bytes, guint16 type,
    GstPacketTunnel tunnels, GstTunnelHeader * header)
{
  const Shim *shim = find_shim (type);
  GstTunnelResult result;

  if (shim == NULL || !(shim->tunnel & tunnels))
    return GST_TUNNEL_NOT_THERE;
  header->tunnel = shim->tunnel;
  result = gst_tunnel_bytes_need (bytes, shim->length);
  if (result != GST_TUNNEL_FOUND)
    return result;
  header->offset = shim->length;
  if (shim->read != NULL)
    result = shim->read (bytes, header);
  if (result == GST_TUNNEL_FOUND && header->link_type == 0)
    result = gst_tunnel_bytes_need (bytes, header->offset + 2);
  return result;
}
