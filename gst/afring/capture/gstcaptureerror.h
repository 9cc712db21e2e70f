/* gst-afring: what can go wrong in a capture source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GST_CAPTURE_ERROR:
 *
 * The error domain of all capture sources. Codes are #GstCaptureError.
 */
#define GST_CAPTURE_ERROR (gst_capture_error_quark ())

/**
 * GstCaptureError:
 * @GST_CAPTURE_ERROR_FAILED: a system call failed in a way that has no code of
 *   its own; the message names the call
 * @GST_CAPTURE_ERROR_STOPPED: the source is closed
 * @GST_CAPTURE_ERROR_UNBLOCKED: gst_capture_source_unblock() was called; the
 *   next call carries on where this one left off
 * @GST_CAPTURE_ERROR_NOT_POPULATED: a no-drain mock was run before its ring was
 *   full
 * @GST_CAPTURE_ERROR_NOT_FOUND: no such interface or file
 * @GST_CAPTURE_ERROR_LINK_DOWN: the interface is not up
 * @GST_CAPTURE_ERROR_NOT_PERMITTED: CAP_NET_RAW is missing
 * @GST_CAPTURE_ERROR_GEOMETRY: block size, block count or snaplen cannot make a
 *   ring, or the ring cannot be a member of the fanout group
 * @GST_CAPTURE_ERROR_FILTER: the filter does not compile, or does not suit the
 *   link type
 * @GST_CAPTURE_ERROR_NO_MEMORY: the kernel has no memory for the ring
 * @GST_CAPTURE_ERROR_END_OF_FILE: a file was read to its end
 * @GST_CAPTURE_ERROR_TIMEOUT: no packet came in the time that
 *   gst_capture_source_set_timeout() allows; the next call waits anew
 *
 * What can go wrong in a capture source.
 */
typedef enum
{
  GST_CAPTURE_ERROR_FAILED,
  GST_CAPTURE_ERROR_STOPPED,
  GST_CAPTURE_ERROR_UNBLOCKED,
  GST_CAPTURE_ERROR_NOT_POPULATED,
  GST_CAPTURE_ERROR_NOT_FOUND,
  GST_CAPTURE_ERROR_LINK_DOWN,
  GST_CAPTURE_ERROR_NOT_PERMITTED,
  GST_CAPTURE_ERROR_GEOMETRY,
  GST_CAPTURE_ERROR_FILTER,
  GST_CAPTURE_ERROR_NO_MEMORY,
  GST_CAPTURE_ERROR_END_OF_FILE,
  GST_CAPTURE_ERROR_TIMEOUT
} GstCaptureError;

GST_AFRING_API
GQuark gst_capture_error_quark (void);

G_END_DECLS
