/* gst-afring: the plugin of packetscope, which needs cairo
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "gstpacketscope.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return GST_ELEMENT_REGISTER (packetscope, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, packetscope,
    "Network traffic as a picture", plugin_init,
    VERSION, "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
