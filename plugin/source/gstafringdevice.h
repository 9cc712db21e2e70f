/* gst-afring: an interface as a device
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstlinkstate.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_AFRING_DEVICE (gst_afring_device_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringDevice, gst_afring_device, GST, AFRING_DEVICE,
    GstDevice)

/* What the interface is like now is asked for in the network namespace of the calling
 * thread. Floating, as elements are. */
GstDevice *          gst_afring_device_new       (const GstLinkState *state);

const GstLinkState * gst_afring_device_get_state (GstAfringDevice    *self);

G_END_DECLS
