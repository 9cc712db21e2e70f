/* gst-afring: counters of a capture as events and queries have them (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstcaptureevent.h"

G_BEGIN_DECLS

#define GST_CAPTURE_STATISTICS_NAME "GstCaptureStatistics"

G_GNUC_INTERNAL
GstStructure * gst_capture_statistics_to_structure   (const GstCaptureStatistics *statistics);

G_GNUC_INTERNAL
gboolean       gst_capture_statistics_from_structure (const GstStructure         *structure,
                                                      GstCaptureStatistics       *statistics);

G_END_DECLS
