/* gst-afring: what can go wrong in a capture source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstcaptureerror.h"

/**
 * gst_capture_error_quark:
 *
 * The domain of #GstCaptureError.
 *
 * Returns: the #GQuark
 */
G_DEFINE_QUARK (gst-capture-error-quark, gst_capture_error)
