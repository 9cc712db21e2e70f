/* gst-afring: GStreamer packet capture over AF_PACKET rings
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#define GST_AFRING_API extern __attribute__ ((visibility ("default")))
