/* gst-afring: the kernel as the backend of a ring source (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringbackend.h>

G_BEGIN_DECLS

extern const GstAfringBackend gst_afring_kernel_backend;

G_END_DECLS
