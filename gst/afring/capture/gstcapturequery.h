/* gst-afring: how complete a capture is, at this moment
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

GST_AFRING_API
GstQuery * gst_query_new_capture_statistics       (void);

GST_AFRING_API
gboolean   gst_query_is_capture_statistics        (GstQuery                   *query);

GST_AFRING_API
void       gst_query_add_capture_statistics       (GstQuery                   *query,
                                                   const GstCaptureStatistics *statistics);

GST_AFRING_API
guint      gst_query_get_n_capture_statistics     (GstQuery                   *query);

GST_AFRING_API
gboolean   gst_query_parse_nth_capture_statistics (GstQuery                   *query,
                                                   guint                       index,
                                                   GstCaptureStatistics       *statistics);

G_END_DECLS
