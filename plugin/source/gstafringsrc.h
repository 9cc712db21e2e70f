/* gst-afring: live packet capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringbasesrc.h"

G_BEGIN_DECLS

#define GST_TYPE_AFRING_SRC (gst_afring_src_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringSrc, gst_afring_src, GST, AFRING_SRC,
    GstAfringBaseSrc)

GST_ELEMENT_REGISTER_DECLARE (afringsrc)

G_END_DECLS
