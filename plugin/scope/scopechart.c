/* gst-afring: bars over a scale
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopechart.h"

#include <math.h>

/* Scales. */

void
scope_chart_choose_scale (ScopeScale * scale, gdouble height,
    gdouble line_height, gdouble most)
{
  gdouble lines = CLAMP (floor (height / line_height), 1, 5);

  scale->step = scope_find_step (most / lines);
  scale->top = scale->step * MAX (1,
      ceil ((gfloat) (most / scale->step)));
}

void
scope_chart_draw_scale (cairo_t * cr, const ScopeBox * plot,
    const ScopeScale * scale, gboolean labels)
{
  cairo_font_extents_t font;

  cairo_font_extents (cr, &font);
  scope_paint_box (cr, plot, SCOPE_COLOUR_PLOT);
  for (guint i = 0; i * scale->step <= scale->top * 1.0001; i++) {
    gdouble y = plot->y + plot->height * (1 - i * scale->step / scale->top);
    ScopeBox line = { plot->x, round (y), plot->width, 1 };
    g_autofree gchar *number = scope_format_number (i * scale->step);

    scope_paint_box (cr, &line, SCOPE_COLOUR_GRID);
    if (labels)
      scope_paint_text (cr, plot->x - font.height * 0.4,
          y + font.ascent * 0.36, 1, SCOPE_COLOUR_TEXT, number);
  }
}

void
scope_chart_draw_times (cairo_t * cr, const ScopeBox * plot,
    gdouble line_height, const ScopeView * view)
{
  gdouble duration = view->duration / (gdouble) GST_SECOND;
  gdouble most = MAX (1, floor (plot->width / (line_height * 5)));
  gdouble step = scope_find_step (duration / most);
  gdouble y = plot->y + plot->height;

  for (guint i = 0; i * step <= duration * 1.0001; i++) {
    gdouble x = plot->x + plot->width * (1 - i * step / duration);
    ScopeBox tick = { round (x) - (i == 0), y, 1, line_height / 4 };
    g_autofree gchar *text = scope_format_time (i * step);
    g_autofree gchar *ago = g_strconcat ("\342\210\222", text, NULL);

    scope_paint_box (cr, &tick, SCOPE_COLOUR_TEXT);
    scope_paint_text (cr, x, y + line_height * 1.2, i == 0 ? 1 : 0.5,
        SCOPE_COLOUR_TEXT, i == 0 ? "now" : ago);
  }
}

/* Over time. */

static gdouble
get_rate (const ScopeView * view, ScopeQuantity quantity, guint layer,
    guint bucket)
{
  const ScopeCount *count = &view->layers[layer].counts[bucket];
  gdouble amount = quantity == SCOPE_BITS ? count->bytes * 8.0 :
      count->packets;

  return amount * GST_SECOND / view->bucket;
}

static gdouble
get_drop_rate (const ScopeView * view, ScopeQuantity quantity, guint bucket)
{
  return quantity == SCOPE_BITS ? 0 :
      view->drops[bucket] * (gdouble) GST_SECOND / view->bucket;
}

/* Up to @n layers. */
static gdouble
sum_rates (const ScopeView * view, ScopeQuantity quantity, guint n,
    guint bucket)
{
  gdouble sum = 0;

  for (guint i = 0; i < n; i++)
    sum += get_rate (view, quantity, i, bucket);
  return sum;
}

gdouble
scope_chart_get_most (const ScopeView * view, ScopeQuantity quantity)
{
  gdouble most = 0;

  for (guint b = 0; b <= SCOPE_BUCKETS; b++)
    most = MAX (most, sum_rates (view, quantity, view->n_layers, b)
        + get_drop_rate (view, quantity, b));
  return most;
}

gdouble
scope_chart_get_newest (const ScopeView * view, ScopeQuantity quantity)
{
  guint64 whole = view->before_end / view->bucket;

  return whole == 0 ? 0 : sum_rates (view, quantity, view->n_layers,
      MIN (whole - 1, SCOPE_BUCKETS));
}

/* The outline of what @n layers sum up to, as one path: between bars that are
 * drawn each for itself the background would show through. */
static void
trace_sum (cairo_t * cr, const ScopeBox * plot, const ScopeScale * scale,
    const ScopeView * view, ScopeQuantity quantity, guint n, gboolean drops)
{
  gdouble bar = plot->width * view->bucket / view->duration;
  gdouble right = plot->x + plot->width, bottom = plot->y + plot->height;
  gdouble x = right - plot->width * view->before_end / view->duration;

  cairo_move_to (cr, x, bottom);
  for (guint b = 0; b <= SCOPE_BUCKETS && x < right; b++) {
    gdouble rate = sum_rates (view, quantity, n, b) +
        (drops ? get_drop_rate (view, quantity, b) : 0);
    gdouble y = bottom - plot->height * rate / scale->top;

    cairo_line_to (cr, x, y);
    x = MIN (x + bar, right);
    cairo_line_to (cr, x, y);
  }
  cairo_line_to (cr, x, bottom);
  cairo_close_path (cr);
}

/* From the whole down to the lowest layer, each over what is above it. */
void
scope_chart_draw_rates (cairo_t * cr, const ScopeBox * plot,
    const ScopeScale * scale, const ScopeView * view, ScopeQuantity quantity)
{
  cairo_save (cr);
  cairo_rectangle (cr, plot->x, plot->y, plot->width, plot->height);
  cairo_clip (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  if (view->dropped > 0 && quantity == SCOPE_PACKETS) {
    scope_paint_set_colour (cr, SCOPE_COLOUR_DROPS);
    trace_sum (cr, plot, scale, view, quantity, view->n_layers, TRUE);
    cairo_fill (cr);
  }
  for (guint n = view->n_layers; n > 0; n--) {
    scope_paint_set_colour (cr, view->layers[n - 1].colour);
    trace_sum (cr, plot, scale, view, quantity, n, FALSE);
    cairo_fill (cr);
  }
  cairo_restore (cr);
}

/* By size. */

static void
draw_bar (cairo_t * cr, const ScopeBox * plot, const ScopeScale * scale,
    gdouble x, gdouble width, gdouble * y, guint64 packets, guint colour)
{
  gdouble height = plot->height * packets / scale->top;
  ScopeBox box = { x, *y - height, width, height };

  scope_paint_box (cr, &box, colour);
  *y -= height;
}

static void
label_bar (cairo_t * cr, const ScopeBox * plot, gdouble x, gdouble y,
    guint64 packets, guint colour, const gchar * name)
{
  g_autofree gchar *number = scope_format_number (packets);
  cairo_font_extents_t font;

  cairo_font_extents (cr, &font);
  if (packets > 0)
    scope_paint_text (cr, x, y - font.height * 0.3, 0.5, SCOPE_COLOUR_TITLE,
        number);
  scope_paint_text (cr, x, plot->y + plot->height + font.height, 0.5, colour,
      name);
}

void
scope_chart_draw_sizes (cairo_t * cr, const ScopeBox * plot,
    const ScopeScale * scale, gboolean labels, const ScopeView * view)
{
  gdouble place = plot->width / (SCOPE_SIZES + 1), width = place * 0.7;

  for (guint i = 0; i <= SCOPE_SIZES; i++) {
    gdouble middle = plot->x + place * (i + 0.5), x = middle - width / 2;
    gdouble y = plot->y + plot->height;
    gboolean drops = i == SCOPE_SIZES;
    guint64 packets = drops ? view->dropped : 0;

    cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
    for (guint j = 0; j < SCOPE_PROTOCOLS && !drops; j++) {
      draw_bar (cr, plot, scale, x, width, &y, view->sizes[i][j], j);
      packets += view->sizes[i][j];
    }
    if (drops)
      draw_bar (cr, plot, scale, x, width, &y, packets, SCOPE_COLOUR_DROPS);
    cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
    if (labels)
      label_bar (cr, plot, middle, y, packets,
          drops ? SCOPE_COLOUR_DROPS : SCOPE_COLOUR_TEXT,
          drops ? "dropped" : scope_size_get_name (i));
  }
}
