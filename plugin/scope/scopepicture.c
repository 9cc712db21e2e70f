/* gst-afring: the picture of traffic
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopepicture.h"
#include "scopechart.h"

#include <math.h>

/* How large things are. */
typedef struct
{
  gdouble font;
  gdouble line;
  gdouble pad;
  gboolean has_words;
} Measures;

static void
init_measures (Measures * self, gdouble width, gdouble height)
{
  self->font = CLAMP (round (MIN (height / 36, width / 64)), 9, 40);
  self->line = round (self->font * 1.5);
  self->has_words = height >= self->font * 13 && width >= self->font * 22;
  self->pad = self->has_words ? self->font : MIN (2, MIN (width, height) / 8);
}

/* The legend. */

typedef struct
{
  const gchar *text;
  guint colour;
  guint text_colour;
} Entry;

static guint
list_entries (const ScopeView * view, const gchar * dropped, Entry * entries)
{
  guint n = 0;

  for (guint i = 0; i < view->n_layers; i++)
    if (view->layers[i].name[0] != '\0')
      entries[n++] = (Entry) {
      view->layers[i].name, view->layers[i].colour, SCOPE_COLOUR_TEXT};
  entries[n++] = (Entry) {
    dropped, view->dropped > 0 ? SCOPE_COLOUR_DROPS : SCOPE_COLOUR_GRID,
      view->dropped > 0 ? SCOPE_COLOUR_DROPS : SCOPE_COLOUR_TEXT};
  return n;
}

static void
draw_entry (cairo_t * cr, const Measures * measures, gdouble x, gdouble y,
    const Entry * entry)
{
  gdouble size = round (measures->font * 0.75);
  ScopeBox box = { x, y + round ((measures->line - size) / 2), size, size };

  scope_paint_box (cr, &box, entry->colour);
  scope_paint_text (cr, x + measures->font * 1.2, y + measures->line * 0.74, 0,
      entry->text_colour, entry->text);
}

static gdouble
get_entry_width (cairo_t * cr, const Measures * measures, const Entry * entry)
{
  return scope_paint_get_width (cr, entry->text) + measures->font * 2.6;
}

/* One behind the other, or in columns where that is too long for a line; how many
 * lines. */
static guint
draw_entries (cairo_t * cr, const Measures * measures, const ScopeBox * box,
    const Entry * entries, guint n)
{
  gdouble widest = 0, all = 0, x = box->x;
  guint columns;

  for (guint i = 0; i < n; i++) {
    gdouble width = get_entry_width (cr, measures, &entries[i]);

    widest = MAX (widest, width);
    all += width;
  }
  columns = all <= box->width ? n : CLAMP (floor (box->width / widest), 1, n);
  for (guint i = 0; i < n; i++) {
    if (i % columns == 0)
      x = box->x;
    draw_entry (cr, measures, x, box->y + i / columns * measures->line,
        &entries[i]);
    x += columns == n ? get_entry_width (cr, measures, &entries[i]) : widest;
  }
  return (n + columns - 1) / columns;
}

/* Takes its lines from @box. */
static void
draw_legend (cairo_t * cr, const Measures * measures, ScopeBox * box,
    const ScopeView * view)
{
  g_autofree gchar *number = scope_format_number (view->dropped);
  g_autofree gchar *dropped = g_strconcat ("dropped ", number, NULL);
  Entry entries[SCOPE_LAYERS + 1];
  guint n = list_entries (view, dropped, entries);
  gdouble height = measures->line * draw_entries (cr, measures, box, entries,
      n);

  box->y += height + measures->pad / 2;
  box->height -= height + measures->pad / 2;
}

/* Charts. */

/* Leaves room for numbers beside, a title above and @below lines below. */
static ScopeBox
make_plot (const Measures * measures, const ScopeBox * box, gdouble below)
{
  gdouble left = measures->has_words ? round (measures->font * 3.8) : 0;
  gdouble line = measures->has_words ? measures->line : 0;

  return (ScopeBox) {
    round (box->x + left), round (box->y + line),
        MAX (1, round (box->width - left)),
        MAX (1, round (box->height - (1 + below) * line))};
}

static void
draw_title (cairo_t * cr, const Measures * measures, const ScopeBox * plot,
    const gchar * title, const gchar * value)
{
  gdouble y = plot->y - measures->line * 0.35;

  scope_paint_text (cr, plot->x, y, 0, SCOPE_COLOUR_TITLE, title);
  if (value != NULL)
    scope_paint_text (cr, plot->x + plot->width, y, 1, SCOPE_COLOUR_TITLE,
        value);
}

static void
draw_rate (cairo_t * cr, const Measures * measures, const ScopeBox * box,
    const ScopeView * view, ScopeQuantity quantity)
{
  gboolean has_times = quantity == SCOPE_BITS;
  ScopeBox plot = make_plot (measures, box, has_times ? 1.3 : 0.5);
  ScopeScale scale;

  scope_chart_choose_scale (&scale, plot.height, measures->line * 1.2,
      scope_chart_get_most (view, quantity));
  scope_chart_draw_scale (cr, &plot, &scale, measures->has_words);
  scope_chart_draw_rates (cr, &plot, &scale, view, quantity);
  if (measures->has_words) {
    g_autofree gchar *newest = scope_format_number (scope_chart_get_newest
        (view, quantity));

    draw_title (cr, measures, &plot, quantity == SCOPE_BITS ? "bits/s" :
        "packets/s", newest);
    if (has_times)
      scope_chart_draw_times (cr, &plot, measures->line, view);
  }
}

static void
draw_rates (cairo_t * cr, const Measures * measures, const ScopeBox * box,
    const ScopeView * view)
{
  gdouble times = measures->has_words ? measures->line * 0.8 : 0;
  ScopeBox half = *box;

  /* the lower one has the times of both below it */
  half.height = floor ((box->height - times) / 2);
  draw_rate (cr, measures, &half, view, SCOPE_PACKETS);
  half.y += half.height;
  half.height += times;
  draw_rate (cr, measures, &half, view, SCOPE_BITS);
}

static guint64
get_most_of_a_size (const ScopeView * view)
{
  guint64 most = view->dropped;

  for (guint i = 0; i < SCOPE_SIZES; i++) {
    guint64 sum = 0;

    for (guint j = 0; j < SCOPE_PROTOCOLS; j++)
      sum += view->sizes[i][j];
    most = MAX (most, sum);
  }
  return most;
}

static void
draw_sizes (cairo_t * cr, const Measures * measures, const ScopeBox * box,
    const ScopeView * view)
{
  g_autofree gchar *shown = scope_format_time (view->duration
      / (gdouble) GST_SECOND);
  g_autofree gchar *title = g_strdup_printf ("packets by bytes on the wire, "
      "of the last %s", shown);
  ScopeBox plot = make_plot (measures, box, 1.3);
  ScopeScale scale;

  scope_chart_choose_scale (&scale, plot.height, measures->line * 2,
      /* and the number on top of it */
      get_most_of_a_size (view) * (measures->has_words ? 1 + measures->line
          / plot.height : 1));
  scope_chart_draw_scale (cr, &plot, &scale, measures->has_words);
  scope_chart_draw_sizes (cr, &plot, &scale, measures->has_words, view);
  if (measures->has_words)
    draw_title (cr, measures, &plot, title, NULL);
}

void
scope_picture_draw (cairo_t * cr, gdouble width, gdouble height,
    const ScopeView * view)
{
  ScopeBox box = { 0, 0, width, height };
  Measures measures;

  init_measures (&measures, width, height);
  scope_paint_box (cr, &box, SCOPE_COLOUR_BACKGROUND);
  scope_paint_set_font (cr, measures.font);
  box.x = box.y = measures.pad;
  box.width = MAX (1, width - 2 * measures.pad);
  box.height = MAX (1, height - 1.5 * measures.pad);
  if (measures.has_words)
    draw_legend (cr, &measures, &box, view);
  if (view->style == SCOPE_STYLE_SIZES)
    draw_sizes (cr, &measures, &box, view);
  else
    draw_rates (cr, &measures, &box, view);
}
