/* gst-afring: the walk over link headers (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* Where the IP header of a packet starts; GST_CAPTURE_NO_IP_OFFSET if it has
 * none, or none within the captured bytes. VLAN tags, PPPoE and MPLS labels are
 * stepped over. */
GST_AFRING_API
guint8 gst_link_layer_get_network_offset (guint         link_type,
                                          const guint8 *data,
                                          gsize         length);

/* The outermost VLAN tag of the packet, right behind its addresses. FALSE if it
 * has none. */
GST_AFRING_API
gboolean gst_link_layer_get_vlan        (guint         link_type,
                                         const guint8 *data,
                                         gsize         length,
                                         guint16      *tpid,
                                         guint16      *tci);

/* The same, for who does not want to know which. */
GST_AFRING_API
gboolean gst_link_layer_is_tagged       (guint         link_type,
                                         const guint8 *data,
                                         gsize         length);

G_END_DECLS
