/* gst-afring: the interfaces of this machine as devices
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_AFRING_DEVICE_PROVIDER (gst_afring_device_provider_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringDeviceProvider, gst_afring_device_provider, GST,
    AFRING_DEVICE_PROVIDER, GstDeviceProvider)

GST_DEVICE_PROVIDER_REGISTER_DECLARE (afringdeviceprovider);

G_END_DECLS
