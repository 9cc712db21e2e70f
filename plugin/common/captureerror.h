/* gst-afring: errors of the library as errors of an element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Posts an error of GST_CAPTURE_ERROR on the bus, in the words of the library and
 * with the code of GST_RESOURCE_ERROR that stands for it. */
void capture_error_post (GstElement   *element,
                         const GError *error);

G_END_DECLS
