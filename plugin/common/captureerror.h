/* gst-afring: errors of the library as errors of an element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Posts an error of GST_CAPTURE_ERROR on the bus, in the words of the library and
 * with the code of GST_RESOURCE_ERROR that stands for it. As with GST_ELEMENT_ERROR()
 * the place that it names is that of the caller. */
#define capture_error_post(element, error) \
    capture_error_post_from (element, error, __FILE__, GST_FUNCTION, __LINE__)

void capture_error_post_from (GstElement   *element,
                              const GError *error,
                              const gchar  *file,
                              const gchar  *function,
                              gint          line);

G_END_DECLS
