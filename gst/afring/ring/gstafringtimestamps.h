/* gst-afring: whose clock a ring has its times from (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcapturelink.h>

G_BEGIN_DECLS

/* Has the adapter stamp all packets, if it can and the program may, and the socket use
 * that. FALSE with an error of GST_CAPTURE_ERROR where nothing else will do. */
gboolean gst_afring_timestamps_set_up (int                       fd,
                                       GstCaptureLink           *link,
                                       GstCaptureTimestampSource source,
                                       GError                  **error);

/* TRUE if the interface has a clock that can stamp all packets; @fd: any socket of its
 * namespace. @clock: the number of its /dev/ptp, -1: none. */
GST_AFRING_API
gboolean gst_afring_timestamps_can    (int                       fd,
                                       const gchar              *interface,
                                       gint                     *clock);

G_END_DECLS
