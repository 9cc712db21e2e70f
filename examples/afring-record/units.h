/* afring-record: numbers with units
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* "500", "100k", "1.5M", "2GiB": with k, M, G, T of 1000, with Ki, Mi, ... of 1024, and a B
 * behind them or not; a number alone is of @unit bytes. FALSE with an error. */
gboolean units_parse_size   (const gchar  *text,
                             guint64       unit,
                             guint64      *bytes,
                             GError      **error);

/* "90", "90s", "15m", "1h", "2d", "500ms"; a number alone is seconds. */
gboolean units_parse_time   (const gchar  *text,
                             GstClockTime *time,
                             GError      **error);

gboolean units_parse_count  (const gchar  *text,
                             guint64      *count,
                             GError      **error);

/* 1234567 as "1,234,567"; transfer full. */
gchar *  units_format_count (guint64       count);

/* "0:00:09", "26:03:00". */
gchar *  units_format_time  (GstClockTime  time);

/* Of three digits or so: "12.3 M"; @suffix is behind it. */
gchar *  units_format_short (gdouble       value,
                             const gchar  *suffix);

G_END_DECLS
