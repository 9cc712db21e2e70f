/* gst-afring: the picture of traffic
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

#include <cairo.h>

G_BEGIN_DECLS

/* Fills @width times @height with square pixels. One that is too small for words has
 * bars alone. */
void scope_picture_draw (cairo_t         *cr,
                         gdouble          width,
                         gdouble          height,
                         const ScopeView *view);

G_END_DECLS
