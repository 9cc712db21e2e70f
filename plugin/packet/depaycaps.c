/* gst-afring: caps of what packetdepay gives on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "depaycaps.h"
#include "common/streamcaps.h"

#include <gst/afring/capture/gstcapturepacket.h>

/* The first thing that downstream takes, in words that can be typed. */
static gchar *
name_wanted (const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  if (gst_structure_has_name (structure, "application/x-rtp"))
    return g_strdup ("application/x-rtp,media=...,clock-rate=...,"
        "encoding-name=...");
  return g_strdup (gst_structure_get_name (structure));
}

static GstCaps *
refuse (GstElement * element, const GstCaps * wanted)
{
  g_autofree gchar *name = name_wanted (wanted);

  GST_ELEMENT_ERROR (element, CORE, NEGOTIATION,
      ("Downstream does not take just any bytes, and nobody has said what is in "
          "the packets: set caps=%s", name), ("downstream takes %" GST_PTR_FORMAT,
          wanted));
  return NULL;
}

/* Downstream may know better what is in the packets: a caps filter, or an element
 * that takes only one thing. */
static GstCaps *
choose_by_peer (GstElement * element, GstPad * src_pad)
{
  GstCaps *octets = gst_caps_new_empty_simple ("application/octet-stream");
  GstCaps *wanted = gst_pad_peer_query_caps (src_pad, NULL);
  GstCaps *first;

  if (gst_caps_is_any (wanted) || gst_caps_is_empty (wanted)) {
    gst_caps_unref (wanted);
    return octets;
  }
  first = gst_caps_truncate (gst_caps_copy (wanted));
  if (gst_caps_is_fixed (first)) {
    gst_caps_unref (octets);
  } else {
    gst_caps_unref (first);
    first = gst_caps_can_intersect (wanted, octets) ? octets : NULL;
    if (first == NULL) {
      gst_caps_unref (octets);
      refuse (element, wanted);
    }
  }
  gst_caps_unref (wanted);
  return first;
}

GstCaps *
depay_caps_choose (GstElement * element, GstPad * src_pad, PacketLayer layer,
    const GstCaps * said)
{
  if (said != NULL)
    return gst_caps_copy (said);
  if (layer == PACKET_LAYER_NETWORK)
    return stream_caps_new_packets (GST_CAPTURE_LINK_TYPE_RAW);
  return choose_by_peer (element, src_pad);
}
