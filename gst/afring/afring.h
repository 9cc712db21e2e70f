/* gst-afring: GStreamer packet capture over AF_PACKET rings
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>
#include <gst/afring/afring-enumtypes.h>
#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstcapturepacket.h>
#include <gst/afring/capture/gstcapturesection.h>
#include <gst/afring/capture/gstcapturesource.h>
#include <gst/afring/packet/gstpacketblockmeta.h>
#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/packet/gstpackettunnelmeta.h>
#include <gst/afring/pcap/gstpcapindex.h>
#include <gst/afring/pcap/gstpcapsource.h>
#include <gst/afring/ring/gstafringfanout.h>
#include <gst/afring/ring/gstafringmemory.h>
#include <gst/afring/ring/gstafringmocksource.h>
#include <gst/afring/ring/gstafringsource.h>
