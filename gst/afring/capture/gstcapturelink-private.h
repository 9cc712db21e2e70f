/* gst-afring: what sources and elements use of a link (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstlinkstate.h>

G_BEGIN_DECLS

/* As gst_capture_link_new(), in a network namespace. */
GST_AFRING_API
GstCaptureLink * gst_capture_link_new_in       (GstNetns           *netns,
                                                const gchar        *name,
                                                GError            **error);

/* An interface that has just been looked at. */
GST_AFRING_API
GstCaptureLink * gst_capture_link_new_of_state (GstNetns           *netns,
                                                const GstLinkState *state);

/* Packets are read with a socket of the kind that leaves link headers off, whatever the
 * interface has: what it cannot tell otherwise, an SLL2 header does. */
void             gst_capture_link_make_cooked  (GstCaptureLink     *self);

/* The namespace it is in; transfer none, NULL for that of the thread that made it. */
GST_AFRING_API
GstNetns *       gst_capture_link_get_netns    (GstCaptureLink     *self);

/* What it is like now. FALSE with errno if it is no interface, or not one any more. */
GST_AFRING_API
gboolean         gst_capture_link_get_state    (GstCaptureLink     *self,
                                                GstLinkState       *state);

G_END_DECLS
