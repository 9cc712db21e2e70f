/* gst-afring: where the location of a file leads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* By links, whether anything is there or not. Where everybody may write, links and
 * files of others are an error of G_FILE_ERROR, and NULL. */
gchar *       pcap_target_find       (const gchar   *location,
                                      GError       **error);

/* A regular file, which is there under the name @target or is to be made. What leads
 * somewhere that has no name, as /dev/stdout can, is none. */
gboolean      pcap_target_is_regular (const gchar   *location,
                                      const gchar   *target);

G_END_DECLS
