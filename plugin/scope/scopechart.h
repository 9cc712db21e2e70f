/* gst-afring: bars over a scale
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopepaint.h"
#include "scopeview.h"

G_BEGIN_DECLS

/* What bars are measured by. */
typedef struct
{
  gdouble step;                 /* from line to line */
  gdouble top;
} ScopeScale;

/* What of a bucket is shown. */
typedef enum
{
  SCOPE_PACKETS,
  SCOPE_BITS
} ScopeQuantity;

/* One with a line for each @line_height pixels or fewer, and @most on it. */
void    scope_chart_choose_scale (ScopeScale       *scale,
                                  gdouble           height,
                                  gdouble           line_height,
                                  gdouble           most);

/* The place of bars: background, lines, and their numbers if @labels. */
void    scope_chart_draw_scale   (cairo_t          *cr,
                                  const ScopeBox   *plot,
                                  const ScopeScale *scale,
                                  gboolean          labels);

/* The time below. */
void    scope_chart_draw_times   (cairo_t          *cr,
                                  const ScopeBox   *plot,
                                  gdouble           line_height,
                                  const ScopeView  *view);

/* Each second, of all layers: the most in a bucket, and what was in the last
 * whole one. */
gdouble scope_chart_get_most     (const ScopeView  *view,
                                  ScopeQuantity     quantity);
gdouble scope_chart_get_newest   (const ScopeView  *view,
                                  ScopeQuantity     quantity);

/* Layers on top of one another, the newest at the right; on packets, losses. */
void    scope_chart_draw_rates   (cairo_t          *cr,
                                  const ScopeBox   *plot,
                                  const ScopeScale *scale,
                                  const ScopeView  *view,
                                  ScopeQuantity     quantity);

/* A bar for each size, and one for what was lost. */
void    scope_chart_draw_sizes   (cairo_t          *cr,
                                  const ScopeBox   *plot,
                                  const ScopeScale *scale,
                                  gboolean          labels,
                                  const ScopeView  *view);

G_END_DECLS
