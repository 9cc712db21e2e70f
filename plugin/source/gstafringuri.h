/* gst-afring: captures that are named by a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* afring://INTERFACE?PROPERTY=VALUE&..., of the properties that the class and those
 * between it and GstBaseSrc have. */
void gst_afring_uri_handler_init (gpointer g_iface,
                                  gpointer iface_data);

G_END_DECLS
