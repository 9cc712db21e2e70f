/* gst-afring: what passes into the ring without being asked for by name
 * (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturefilter.h>

G_BEGIN_DECLS

/* The kernel's program is made of sections, one a condition. A section falls through
 * to the next if its condition holds and ends the packet otherwise. So all conditions
 * hold for a packet that is kept, and no section needs to know the others.
 *
 * Appends to @program, an array of struct sock_filter, those for the direction, VLAN
 * tags and IP. FALSE with an error if they do not know the packets of the link. */
gboolean gst_filter_sections_append (GArray                      *program,
                                     const GstCaptureFilterSpec  *spec,
                                     GError                     **error);

G_END_DECLS
