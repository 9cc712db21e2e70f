/* afring-record: numbers with units
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "units.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const gchar *name;
  gdouble factor;
} Unit;

static const Unit sizes[] = {
  {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
  {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0},
  {"Ti", 1099511627776.0}, {"", 1},
};

static const Unit times[] = {
  {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"min", 60e9}, {"h", 3600e9},
  {"d", 86400e9},
};

static const Unit *
find_unit (const Unit * units, guint n, const gchar * name)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (units[i].name, name) == 0)
      return &units[i];
  return NULL;
}

static gboolean
parse (const gchar * text, const Unit * unit, gdouble number, guint64 * value,
    const gchar * example, GError ** error)
{
  gdouble product = unit != NULL ? number * unit->factor : -1;

  if (!(product >= 0 && product < (gdouble) G_MAXINT64)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is not a number that can be used here: %s", text, example);
    return FALSE;
  }
  *value = (guint64) llround (product);
  return TRUE;
}

/* -1 if there is none. */
static gdouble
parse_number (const gchar * text, gchar ** end)
{
  gdouble number = g_ascii_strtod (text, end);

  return g_ascii_isdigit (text[0]) || text[0] == '.' ? number : -1;
}

gboolean
units_parse_size (const gchar * text, guint64 alone, guint64 * bytes,
    GError ** error)
{
  const Unit plain = { "", (gdouble) alone };
  gchar *end;
  gdouble number = parse_number (text, &end);
  g_autofree gchar *name = g_strdup (end);
  gsize length = strlen (name);
  gboolean is_plain = length == 0;

  if (length > 0 && name[length - 1] == 'B')
    name[length - 1] = '\0';
  return parse (text, is_plain ? &plain :
      find_unit (sizes, G_N_ELEMENTS (sizes), name), number, bytes,
      "100M or 1.5GiB, for example", error);
}

gboolean
units_parse_time (const gchar * text, GstClockTime * time, GError ** error)
{
  const Unit plain = { "", 1e9 };
  gchar *end;
  gdouble number = parse_number (text, &end);

  return parse (text, end[0] == '\0' ? &plain :
      find_unit (times, G_N_ELEMENTS (times), end), number, time,
      "90s, 15m or 1h, for example", error);
}

gboolean
units_parse_count (const gchar * text, guint64 * count, GError ** error)
{
  if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, count, NULL))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "\"%s\" is not a whole number from 1 on", text);
  return FALSE;
}

gchar *
units_format_count (guint64 count)
{
  g_autofree gchar *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  gsize n = strlen (digits);
  GString *text = g_string_sized_new (n + n / 3);

  for (gsize i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0)
      g_string_append_c (text, ',');
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}

gchar *
units_format_time (GstClockTime time)
{
  guint64 seconds = time / GST_SECOND;

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600,
      (guint) (seconds / 60 % 60), (guint) (seconds % 60));
}

gchar *
units_format_short (gdouble value, const gchar * suffix)
{
  static const gchar *prefixes[] = { "", "k", "M", "G", "T" };
  guint i = 0;

  while (value >= 999.5 && i + 1 < G_N_ELEMENTS (prefixes)) {
    value /= 1000;
    i++;
  }
  return g_strdup_printf (value < 99.95 && i > 0 ? "%.1f %s%s" : "%.0f %s%s",
      value, prefixes[i], suffix);
}
