/* gst-afring: packets onto the wire
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_AFRING_SINK (gst_afring_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringSink, gst_afring_sink, GST, AFRING_SINK,
    GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (afringsink)

G_END_DECLS
