/* gst-afring: the plugin
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "source/gstafringdeviceprovider.h"
#include "source/gstafringmocksrc.h"
#include "source/gstafringsrc.h"
#include "packet/gstflowdemux.h"
#include "packet/gstpacketdecap.h"
#include "packet/gstpacketdedup.h"
#include "packet/gstpacketdepay.h"
#include "packet/gstpacketfilter.h"
#include "packet/gstrtspdepay.h"
#include "stream/gstpcapdec.h"
#include "stream/gstpcapenc.h"
#include "stream/gstpcapsrc.h"
#include "recorder/gstpcapsink.h"
#include "sink/gstafringsink.h"
#include "stream/pcaptypefind.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean ret = FALSE;

  ret |= GST_ELEMENT_REGISTER (afringmocksrc, plugin);
  ret |= GST_ELEMENT_REGISTER (afringsink, plugin);
  ret |= GST_ELEMENT_REGISTER (afringsrc, plugin);
  ret |= GST_ELEMENT_REGISTER (flowdemux, plugin);
  ret |= GST_ELEMENT_REGISTER (packetdecap, plugin);
  ret |= GST_ELEMENT_REGISTER (packetdedup, plugin);
  ret |= GST_ELEMENT_REGISTER (packetdepay, plugin);
  ret |= GST_ELEMENT_REGISTER (packetfilter, plugin);
  ret |= GST_ELEMENT_REGISTER (pcapdec, plugin);
  ret |= GST_ELEMENT_REGISTER (pcapenc, plugin);
  ret |= GST_ELEMENT_REGISTER (pcapsink, plugin);
  ret |= GST_ELEMENT_REGISTER (pcapsrc, plugin);
  ret |= GST_ELEMENT_REGISTER (rtspdepay, plugin);
  ret |= GST_DEVICE_PROVIDER_REGISTER (afringdeviceprovider, plugin);
  ret |= GST_TYPE_FIND_REGISTER (pcap, plugin);
  ret |= GST_TYPE_FIND_REGISTER (pcapng, plugin);
  return ret;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, afring,
    "Packet capture over Linux AF_PACKET rings, and pcap files", plugin_init,
    VERSION, "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
