/* gst-afring: what the mock element uses of a mock source (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmockkernel.h>
#include <gst/afring/ring/gstafringmocksource.h>

G_BEGIN_DECLS

/* As gst_afring_mock_source_add_packet(), with all that a packet can have. */
GST_AFRING_API
gboolean              gst_afring_mock_source_store      (GstAfringMockSource *self,
                                                         const GstAfringMockPacket *packet,
                                                         GError             **error);

GST_AFRING_API
GstAfringMockKernel * gst_afring_mock_source_get_kernel (GstAfringMockSource *self);

G_END_DECLS
