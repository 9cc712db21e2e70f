/* gst-afring: colours, text and numbers of a picture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SCOPE_COLOUR_BACKGROUND = 8,  /* below: layers, the last one the rest */
  SCOPE_COLOUR_PLOT,            /* behind bars */
  SCOPE_COLOUR_GRID,
  SCOPE_COLOUR_TEXT,
  SCOPE_COLOUR_TITLE,
  SCOPE_COLOUR_DROPS,
  SCOPE_COLOURS
} ScopeColour;

typedef struct
{
  gdouble x;
  gdouble y;
  gdouble width;
  gdouble height;
} ScopeBox;

void    scope_paint_set_colour (cairo_t        *cr,
                                guint           colour);

void    scope_paint_box        (cairo_t        *cr,
                                const ScopeBox *box,
                                guint           colour);

/* The font of all text, with lines of @size. */
void    scope_paint_set_font   (cairo_t        *cr,
                                gdouble         size);

gdouble scope_paint_get_width  (cairo_t        *cr,
                                const gchar    *text);

/* At (@x, @y) is the start of its base line, or as much of its width further as
 * @align: 0.5 is the middle, 1 the end. */
void    scope_paint_text       (cairo_t        *cr,
                                gdouble         x,
                                gdouble         y,
                                gdouble         align,
                                guint           colour,
                                const gchar    *text);

/* "1.5 M" */
gchar * scope_format_number    (gdouble         number);

/* "30 s", "5 min" */
gchar * scope_format_time      (gdouble         seconds);

/* The least of 1, 2, 5, 10, 20, ... that is not less than @least. */
gdouble scope_find_step        (gdouble         least);

G_END_DECLS
