/* gst-afring: caps that somebody has said
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Whether caps can be those of a pad: one structure, in which each field has one
 * value. Else an error GST_RESOURCE_ERROR_SETTINGS that says what is left open, of
 * @what. NULL is fine. */
gboolean packet_caps_check      (const GstCaps *caps,
                                 const gchar   *what,
                                 GError       **error);

/* The same for each of several structures of which one is chosen later. */
gboolean packet_caps_check_each (const GstCaps *caps,
                                 const gchar   *what,
                                 GError       **error);

G_END_DECLS
