/* gst-afring: recognising capture files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

GST_TYPE_FIND_REGISTER_DECLARE (pcap)
GST_TYPE_FIND_REGISTER_DECLARE (pcapng)

G_END_DECLS
