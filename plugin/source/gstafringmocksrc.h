/* gst-afring: the ring without a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringbasesrc.h"

G_BEGIN_DECLS

#define GST_TYPE_AFRING_MOCK_SRC (gst_afring_mock_src_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringMockSrc, gst_afring_mock_src, GST,
    AFRING_MOCK_SRC, GstAfringBaseSrc)

GST_ELEMENT_REGISTER_DECLARE (afringmocksrc)

G_END_DECLS
