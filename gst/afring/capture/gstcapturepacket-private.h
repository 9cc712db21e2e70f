/* gst-afring: filling a packet (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturesource.h>

G_BEGIN_DECLS

/* Copies all that a view tells of a packet. */
void gst_capture_packet_set_view (GstCapturePacket     *packet,
                                  const GstCaptureView *view);

G_END_DECLS
