/* gst-afring: times as people write them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findtimes.h"

#include <string.h>

#define LATEST G_MAXINT64       /* nanoseconds: in the year 2262 */

static gboolean
set_error (GError ** error, const gchar * text)
{
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "\"%s\" is no time: \"2026-11-28 14:00\", \"2026-11-28T14:00:00.5Z\" and "
      "nanoseconds since 1970 are", text);
  return FALSE;
}

/* Digits only: no sign, no space, and no more than fit. */
static gboolean
parse_number (const gchar * text, guint64 * number)
{
  return text[0] != '\0' && strspn (text, "0123456789") == strlen (text)
      && g_ascii_string_to_unsigned (text, 10, 0, LATEST, number, NULL);
}

/* What is behind a point, up to nine digits of it, as nanoseconds. */
static guint64
parse_fraction (const gchar * digits, gsize n)
{
  guint64 value = 0;

  for (gsize i = 0; i < 9; i++)
    value = value * 10 + (i < n ? digits[i] - '0' : 0);
  return value;
}

/* "1764424800.25" and "@1764424800". */
static gboolean
parse_seconds (const gchar * text, GstClockTime * time)
{
  const gchar *point = strchr (text, '.');
  g_autofree gchar *whole = NULL;
  guint64 seconds;
  gsize n;

  if (text[0] == '@')
    text++;
  else if (point == NULL)
    return FALSE;
  whole = point != NULL ? g_strndup (text, point - text) : g_strdup (text);
  if (!parse_number (whole, &seconds) || seconds > LATEST / GST_SECOND - 1)
    return FALSE;
  *time = seconds * GST_SECOND;
  if (point == NULL)
    return TRUE;
  n = strspn (point + 1, "0123456789");
  *time += parse_fraction (point + 1, n);
  return n > 0 && point[1 + n] == '\0';
}

/* What GDateTime reads has seconds, and a fraction with all the digits that a double
 * keeps: both are seen to here. */
static gboolean
parse_date (const gchar * text, GstClockTime * time)
{
  static const gchar pattern[] = "^(\\d{4}-\\d{2}-\\d{2})"
      "(?:[Tt ](\\d{2}:\\d{2})(?::(\\d{2})(?:[.,](\\d+))?)?)?"
      " ?([Zz]|[+-]\\d{2}(?::?\\d{2})?)?$";
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autoptr (GDateTime) date = NULL;
  g_autofree gchar *iso = NULL;
  g_auto (GStrv) parts = NULL;
  gint64 seconds;

  if (!g_regex_match (regex, text, 0, &match))
    return FALSE;
  parts = g_new0 (gchar *, 6);
  for (guint i = 0; i < 5; i++) {
    parts[i] = g_match_info_fetch (match, i + 1);
    if (parts[i] == NULL)
      parts[i] = g_strdup ("");
  }
  iso = g_strdup_printf ("%sT%s:%s%s", parts[0],
      parts[1][0] != '\0' ? parts[1] : "00:00",
      parts[2][0] != '\0' ? parts[2] : "00", parts[4]);
  date = g_date_time_new_from_iso8601 (iso, local);
  if (date == NULL)
    return FALSE;
  seconds = g_date_time_to_unix (date);
  if (seconds < 0 || seconds > LATEST / (gint64) GST_SECOND - 1)
    return FALSE;
  *time = seconds * GST_SECOND + parse_fraction (parts[3], strlen (parts[3]));
  return TRUE;
}

gboolean
find_time_parse (const gchar * text, GstClockTime * time, GError ** error)
{
  guint64 number;

  if (parse_number (text, &number)) {
    *time = number;
    return TRUE;
  }
  if (parse_seconds (text, time) || parse_date (text, time))
    return TRUE;
  return set_error (error, text);
}

/* "+5m", "+1.5h". */
static gboolean
parse_length (const gchar * text, GstClockTime * length)
{
  static const struct
  {
    const gchar *name;
    guint64 unit;
  } units[] = {
    {"", GST_SECOND}, {"s", GST_SECOND}, {"m", 60 * GST_SECOND},
    {"min", 60 * GST_SECOND}, {"h", 3600 * GST_SECOND},
    {"d", 24 * 3600 * GST_SECOND}, {"ms", GST_MSECOND}, {"us", GST_USECOND},
    {"ns", 1}
  };
  gchar *end;
  gdouble value;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  value = g_ascii_strtod (text, &end);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    if (strcmp (end, units[i].name) == 0 && value * units[i].unit < LATEST / 2) {
      *length = value * units[i].unit;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
find_times_parse (FindTimes * self, const gchar * start, const gchar * stop,
    GError ** error)
{
  GstClockTime length;

  self->start = 0;
  self->stop = GST_CLOCK_TIME_NONE;
  if (start != NULL && start[0] != '\0'
      && !find_time_parse (start, &self->start, error))
    return FALSE;
  if (stop == NULL || stop[0] == '\0')
    return TRUE;
  if (stop[0] == '+') {
    if (!parse_length (stop + 1, &length))
      return set_error (error, stop);
    if (self->start == 0) {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
          "A stop time of \"%s\" is that long after the start time: give one", stop);
      return FALSE;
    }
    self->stop = self->start + length;
  } else if (!find_time_parse (stop, &self->stop, error)) {
    return FALSE;
  }
  if (self->stop > self->start)
    return TRUE;
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "The stop time \"%s\" is not after the start time \"%s\"", stop, start != NULL ? start : "");
  return FALSE;
}
