/* gst-afring: what the parts of the recorder know of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapsink.h"
#include "pcaprecording.h"

G_BEGIN_DECLS

/* Any thread; NULL while there is none. */
PcapRecording * gst_pcap_sink_ref_recording (GstPcapSink *self);

G_END_DECLS
