/* gst-afring: multicast groups that a capture joins (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink-private.h>

G_BEGIN_DECLS

/* Memberships, each of a socket that reads nothing: the kernel leaves a group when its
 * socket is closed, also that of a program that crashed. */
typedef struct _GstAfringMulticast GstAfringMulticast;

/* Joins the groups @addresses, which have commas between them, on @link. NULL with an error
 * of GST_CAPTURE_ERROR if any cannot be joined. */
GstAfringMulticast * gst_afring_multicast_join  (GstCaptureLink     *link,
                                                 const gchar        *addresses,
                                                 GError            **error);

void                 gst_afring_multicast_leave (GstAfringMulticast *self);

G_END_DECLS
