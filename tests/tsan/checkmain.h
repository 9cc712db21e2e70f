/* The tests of tests/check with the elements built in, which ThreadSanitizer has to see.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Included before all else: GstCheck's main(), and the plugin that is in the program. */

#pragma once

#include <gst/check/gstcheck.h>

GST_PLUGIN_STATIC_DECLARE (afring);

#undef GST_CHECK_MAIN
#define GST_CHECK_MAIN(name) \
int \
main (int argc, char **argv) \
{ \
  gst_check_init (&argc, &argv); \
  GST_PLUGIN_STATIC_REGISTER (afring); \
  return gst_check_run_suite (name ## _suite (), # name, __FILE__); \
}
