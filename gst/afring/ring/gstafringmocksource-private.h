/* gst-afring: what the mock element uses of a mock source (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmockkernel.h>
#include <gst/afring/ring/gstafringmocksource.h>

G_BEGIN_DECLS

/* Makes and opens a source of a class. */
GstAfringMockSource * gst_afring_mock_source_new_valist (GType              type,
                                                         const gchar       *name,
                                                         GError           **error,
                                                         const gchar       *first_property,
                                                         va_list            args);

/* As gst_afring_mock_source_add_packet(), with all that a packet can have. */
GST_AFRING_API
gboolean              gst_afring_mock_source_store      (GstAfringMockSource *self,
                                                         const GstAfringMockPacket *packet,
                                                         GError             **error);

/* NULL if the source is not open. */
GstAfringMockKernel * gst_afring_mock_source_get_kernel (GstAfringMockSource *self);

G_END_DECLS
