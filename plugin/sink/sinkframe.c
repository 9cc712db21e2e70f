/* gst-afring: a packet as a frame of the interface that it leaves on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkframe.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <linux/if_ether.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

/* Bare IP of one version only, https://www.tcpdump.org/linktypes.html */
#define LINK_TYPE_IPV4 228
#define LINK_TYPE_IPV6 229

#define SLL_HEADER 16
#define SLL2_HEADER 20
#define VLAN_TAG 4
#define VLAN_ID_MASK 0x0fff

/* What is below is no EtherType but a length (IEEE 802.3), or a number of the kernel's own
 * in an SLL header. */
#define LEAST_ETHERTYPE 0x0600

gboolean
sink_frame_pull (SinkFrame * self, gsize n)
{
  gsize missing;

  if (n <= self->head_length)
    return TRUE;
  missing = n - self->head_length;
  if (n > SINK_FRAME_HEAD || missing > self->rest_length)
    return FALSE;
  memcpy (self->head + self->head_length, self->rest, missing);
  self->head_length = n;
  self->rest += missing;
  self->rest_length -= missing;
  return TRUE;
}

gboolean
sink_framing_parse_mac (const gchar * text, guint8 * mac)
{
  guint bytes[SINK_MAC_LENGTH];
  gint end = 0;

  /* sscanf() would take blanks and signs too */
  if (strspn (text, ":0123456789abcdefABCDEF") != strlen (text)
      || sscanf (text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1],
          &bytes[2], &bytes[3], &bytes[4], &bytes[5], &end) != SINK_MAC_LENGTH
      || text[end] != '\0')
    return FALSE;
  for (guint i = 0; i < SINK_MAC_LENGTH; i++)
    mac[i] = bytes[i];
  return TRUE;
}

static gboolean
is_bare_ip (guint link_type)
{
  return link_type == GST_CAPTURE_LINK_TYPE_RAW || link_type == LINK_TYPE_IPV4
      || link_type == LINK_TYPE_IPV6;
}

static gboolean
is_cooked (guint link_type)
{
  return link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL
      || link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
}

const gchar *
sink_framing_check (const SinkFraming * self)
{
  if (!self->ethernet) {
    if (self->has_dst || self->has_src || self->vlan > SINK_VLAN_NONE)
      return "which takes bare IP, without the addresses and tags of dst-mac, src-mac and "
          "vlan";
    return is_bare_ip (self->link_type) ? NULL : "which takes bare IP (RAW) only";
  }
  if (self->link_type == GST_CAPTURE_LINK_TYPE_ETHERNET)
    return NULL;
  if (!is_bare_ip (self->link_type) && !is_cooked (self->link_type))
    return "which takes Ethernet only";
  return self->has_dst ? NULL :
      "which takes Ethernet: set dst-mac to whom they are to be sent, and a header is made";
}

/* Of an SLL or SLL2 header, fields that both have. */
typedef struct
{
  gsize length;
  guint16 protocol;
  guint16 hardware_type;
  guint address_length;
  const guint8 *address;
} Cooked;

static void
read_sll (const guint8 * data, Cooked * cooked)
{
  *cooked = (Cooked) {
    SLL_HEADER, GST_READ_UINT16_BE (data + 14), GST_READ_UINT16_BE (data + 2),
        GST_READ_UINT16_BE (data + 4), data + 6
  };
}

static void
read_sll2 (const guint8 * data, Cooked * cooked)
{
  *cooked = (Cooked) {
    SLL2_HEADER, GST_READ_UINT16_BE (data), GST_READ_UINT16_BE (data + 8),
        data[11], data + 12
  };
}

/* With what the packets have of a header, and what was set: @type is an EtherType or a
 * length. */
static void
put_header (const SinkFraming * self, const guint8 * src, guint16 type,
    SinkFrame * frame)
{
  memcpy (frame->head, self->dst, SINK_MAC_LENGTH);
  memcpy (frame->head + SINK_MAC_LENGTH, src, SINK_MAC_LENGTH);
  GST_WRITE_UINT16_BE (frame->head + 2 * SINK_MAC_LENGTH, type);
  frame->head_length = ETH_HLEN;
}

/* Of packets of other links, whose protocols are not of Ethernet, none can be made. */
static gboolean
has_ethertypes (const Cooked * cooked)
{
  switch (cooked->hardware_type) {
    case ARPHRD_IEEE80211:
    case ARPHRD_IEEE80211_PRISM:
    case ARPHRD_IEEE80211_RADIOTAP:
    case ARPHRD_IPGRE:
    case ARPHRD_NETLINK:
    case ARPHRD_FRAD:
      return FALSE;
    default:
      return TRUE;
  }
}

static SinkFrameResult
make_of_cooked (const SinkFraming * self, const guint8 * data, gsize size,
    SinkFrame * frame)
{
  gboolean sll2 = self->link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
  const guint8 *src = self->own;
  guint16 type;
  Cooked cooked;

  if (size < (sll2 ? SLL2_HEADER : SLL_HEADER))
    return SINK_FRAME_SHORT;
  if (sll2)
    read_sll2 (data, &cooked);
  else
    read_sll (data, &cooked);
  if (!has_ethertypes (&cooked))
    return SINK_FRAME_IMPOSSIBLE;

  frame->rest = data + cooked.length;
  frame->rest_length = size - cooked.length;
  type = cooked.protocol;
  if (type == ETH_P_802_3 || type == ETH_P_802_2)
    type = frame->rest_length;
  else if (type < LEAST_ETHERTYPE)
    return SINK_FRAME_IMPOSSIBLE;
  if (self->has_src)
    src = self->src;
  else if (cooked.address_length == SINK_MAC_LENGTH)
    src = cooked.address;
  put_header (self, src, type, frame);
  return SINK_FRAME_MADE;
}

static SinkFrameResult
make_of_ip (const SinkFraming * self, const guint8 * data, gsize size,
    SinkFrame * frame)
{
  guint version;

  if (size == 0)
    return SINK_FRAME_SHORT;
  version = data[0] >> 4;
  if (version != 4 && version != 6)
    return SINK_FRAME_IMPOSSIBLE;
  put_header (self, self->has_src ? self->src : self->own,
      version == 4 ? ETH_P_IP : ETH_P_IPV6, frame);
  return SINK_FRAME_MADE;
}

static SinkFrameResult
make_of_ethernet (const SinkFraming * self, SinkFrame * frame)
{
  if (frame->rest_length < ETH_HLEN)
    return SINK_FRAME_SHORT;
  if (!self->has_dst && !self->has_src && self->vlan == SINK_VLAN_AS_IS)
    return SINK_FRAME_MADE;
  sink_frame_pull (frame, ETH_HLEN);
  if (self->has_dst)
    memcpy (frame->head, self->dst, SINK_MAC_LENGTH);
  if (self->has_src)
    memcpy (frame->head + SINK_MAC_LENGTH, self->src, SINK_MAC_LENGTH);
  return SINK_FRAME_MADE;
}

static gboolean
is_tag (const guint8 * type)
{
  guint16 value = GST_READ_UINT16_BE (type);

  return value == ETH_P_8021Q || value == ETH_P_8021AD;
}

static gboolean
change_tag (const SinkFraming * self, SinkFrame * frame)
{
  guint8 *type = frame->head + 2 * SINK_MAC_LENGTH;
  guint16 tci;

  if (!sink_frame_pull (frame, ETH_HLEN + VLAN_TAG))
    return FALSE;
  if (self->vlan == SINK_VLAN_NONE) {
    memmove (type, type + VLAN_TAG, 2);
    frame->head_length = ETH_HLEN;
    return TRUE;
  }
  tci = GST_READ_UINT16_BE (type + 2) & ~VLAN_ID_MASK;
  GST_WRITE_UINT16_BE (type + 2, tci | self->vlan);
  return TRUE;
}

/* The head is an Ethernet header by itself. FALSE if the packet ends within its tag. */
static gboolean
set_vlan (const SinkFraming * self, SinkFrame * frame)
{
  guint8 *type = frame->head + 2 * SINK_MAC_LENGTH;

  if (is_tag (type))
    return change_tag (self, frame);
  if (self->vlan == SINK_VLAN_NONE)
    return TRUE;
  memmove (type + VLAN_TAG, type, 2);
  GST_WRITE_UINT16_BE (type, ETH_P_8021Q);
  GST_WRITE_UINT16_BE (type + 2, self->vlan);
  frame->head_length = ETH_HLEN + VLAN_TAG;
  return TRUE;
}

SinkFrameResult
sink_framing_make (const SinkFraming * self, const guint8 * data, gsize size,
    SinkFrame * frame)
{
  SinkFrameResult result;

  memset (&frame->vnet, 0, sizeof (frame->vnet));
  frame->head_length = 0;
  frame->rest = data;
  frame->rest_length = size;

  if (!self->ethernet)
    return size > 0 ? SINK_FRAME_MADE : SINK_FRAME_SHORT;
  if (self->link_type == GST_CAPTURE_LINK_TYPE_ETHERNET)
    result = make_of_ethernet (self, frame);
  else if (is_cooked (self->link_type))
    result = make_of_cooked (self, data, size, frame);
  else
    result = make_of_ip (self, data, size, frame);
  if (result == SINK_FRAME_MADE && self->vlan != SINK_VLAN_AS_IS
      && !set_vlan (self, frame))
    result = SINK_FRAME_SHORT;
  return result;
}
