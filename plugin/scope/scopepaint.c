/* gst-afring: colours, text and numbers of a picture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopepaint.h"

#include <math.h>

/* Red is that of losses alone. */
static const guint32 palette[SCOPE_COLOURS] = {
  0x4c9be8, 0x57c278, 0xf2b134, 0xa97bea, 0x35bfc4, 0xf07fc2, 0xb5d84a,
  0x7f8a9c,
  [SCOPE_COLOUR_BACKGROUND] = 0x10141b,
  [SCOPE_COLOUR_PLOT] = 0x191f29,
  [SCOPE_COLOUR_GRID] = 0x343d4c,
  [SCOPE_COLOUR_TEXT] = 0xaeb8c6,
  [SCOPE_COLOUR_TITLE] = 0xeef2f7,
  [SCOPE_COLOUR_DROPS] = 0xf0323c,
};

void
scope_paint_set_colour (cairo_t * cr, guint colour)
{
  guint32 rgb = palette[colour];

  cairo_set_source_rgb (cr, (rgb >> 16) / 255.0, (rgb >> 8 & 0xff) / 255.0,
      (rgb & 0xff) / 255.0);
}

void
scope_paint_box (cairo_t * cr, const ScopeBox * box, guint colour)
{
  scope_paint_set_colour (cr, colour);
  cairo_rectangle (cr, box->x, box->y, box->width, box->height);
  cairo_fill (cr);
}

/* Without colours at the edges of letters: a video is scaled and subsampled. */
void
scope_paint_set_font (cairo_t * cr, gdouble size)
{
  cairo_font_options_t *options = cairo_font_options_create ();

  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options (cr, options);
  cairo_font_options_destroy (options);
  cairo_select_font_face (cr, "sans", CAIRO_FONT_SLANT_NORMAL,
      CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
}

gdouble
scope_paint_get_width (cairo_t * cr, const gchar * text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  return extents.x_advance;
}

void
scope_paint_text (cairo_t * cr, gdouble x, gdouble y, gdouble align,
    guint colour, const gchar * text)
{
  if (align > 0)
    x -= align * scope_paint_get_width (cr, text);
  scope_paint_set_colour (cr, colour);
  cairo_move_to (cr, round (x), round (y));
  cairo_show_text (cr, text);
}

/* The same in each locale, as the words are. */
static gchar *
format (gdouble number, const gchar * unit)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof (digits), "%.3g", number);
  return g_strconcat (digits, unit[0] != '\0' ? " " : "", unit, NULL);
}

gchar *
scope_format_number (gdouble number)
{
  static const gchar *units[] = { "", "k", "M", "G", "T", "P", "E" };
  guint i = 0;

  /* 999.5 would be printed as 1e+03 */
  while (number >= 999.5 && i < G_N_ELEMENTS (units) - 1) {
    number /= 1000;
    i++;
  }
  return format (number, units[i]);
}

gchar *
scope_format_time (gdouble seconds)
{
  if (seconds < 0.9995)
    return format (seconds * 1000, "ms");
  if (seconds < 120)
    return format (seconds, "s");
  if (seconds < 2 * 3600)
    return format (seconds / 60, "min");
  if (seconds < 2 * 86400)
    return format (seconds / 3600, "h");
  return format (seconds / 86400, "d");
}

gdouble
scope_find_step (gdouble least)
{
  gdouble power;

  if (!(least > 0))
    return 1;
  /* as a float, so that what is 100 does not become 200 by its last bit */
  power = pow (10, floor (log10 (least)));
  least = (gfloat) (least / power);
  if (least <= 1)
    return power;
  return power * (least <= 2 ? 2 : least <= 5 ? 5 : 10);
}
