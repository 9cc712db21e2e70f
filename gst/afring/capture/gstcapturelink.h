/* gst-afring: a network interface to capture on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* The LINKTYPE_ numbers (https://www.tcpdump.org/linktypes.html) that an
 * interface can have here. */

/**
 * GST_CAPTURE_LINK_TYPE_ETHERNET:
 *
 * LINKTYPE_ETHERNET: Ethernet.
 */
#define GST_CAPTURE_LINK_TYPE_ETHERNET 1
/**
 * GST_CAPTURE_LINK_TYPE_RAW:
 *
 * LINKTYPE_RAW: IPv4 or IPv6, without a link header.
 */
#define GST_CAPTURE_LINK_TYPE_RAW 101
/**
 * GST_CAPTURE_LINK_TYPE_IEEE802_11:
 *
 * LINKTYPE_IEEE802_11: IEEE 802.11.
 */
#define GST_CAPTURE_LINK_TYPE_IEEE802_11 105
/**
 * GST_CAPTURE_LINK_TYPE_LINUX_SLL:
 *
 * LINKTYPE_LINUX_SLL: the header that libpcap makes for `any` and for links of other kinds.
 */
#define GST_CAPTURE_LINK_TYPE_LINUX_SLL 113
/**
 * GST_CAPTURE_LINK_TYPE_IEEE802_11_PRISM:
 *
 * LINKTYPE_IEEE802_11_PRISM: IEEE 802.11 behind a Prism header.
 */
#define GST_CAPTURE_LINK_TYPE_IEEE802_11_PRISM 119
/**
 * GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP:
 *
 * LINKTYPE_IEEE802_11_RADIOTAP: IEEE 802.11 behind a radiotap header.
 */
#define GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP 127
/**
 * GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
 *
 * LINKTYPE_LINUX_SLL2: the same as %GST_CAPTURE_LINK_TYPE_LINUX_SLL with the interface.
 */
#define GST_CAPTURE_LINK_TYPE_LINUX_SLL2 276

#define GST_TYPE_CAPTURE_LINK (gst_capture_link_get_type ())
GST_AFRING_API
G_DECLARE_FINAL_TYPE (GstCaptureLink, gst_capture_link, GST, CAPTURE_LINK,
    GObject)

GST_AFRING_API
GstCaptureLink *gst_capture_link_new            (const gchar    *name,
                                                 GError        **error);

GST_AFRING_API
GstCaptureLink *gst_capture_link_new_in_netns   (const gchar    *netns,
                                                 const gchar    *name,
                                                 GError        **error);

GST_AFRING_API
GstCaptureLink *gst_capture_link_new_virtual    (const gchar    *name,
                                                 guint           link_type);

GST_AFRING_API
const gchar *   gst_capture_link_get_name       (GstCaptureLink *self);

GST_AFRING_API
guint           gst_capture_link_get_index      (GstCaptureLink *self);

GST_AFRING_API
guint           gst_capture_link_get_link_type  (GstCaptureLink *self);

GST_AFRING_API
guint8          gst_capture_link_get_ip_offset  (GstCaptureLink *self);

GST_AFRING_API
guint           gst_capture_link_get_mtu        (GstCaptureLink *self);

GST_AFRING_API
gboolean        gst_capture_link_is_cooked      (GstCaptureLink *self);

GST_AFRING_API
gboolean        gst_capture_link_is_loopback    (GstCaptureLink *self);

GST_AFRING_API
gboolean        gst_capture_link_is_any         (GstCaptureLink *self);

GST_AFRING_API
gboolean        gst_capture_link_is_up          (GstCaptureLink *self);

GST_AFRING_API
gboolean        gst_capture_link_get_drops      (GstCaptureLink *self,
                                                 guint32        *drops);

GST_AFRING_API
guint8          gst_capture_link_type_get_ip_offset (guint       link_type);

G_END_DECLS
