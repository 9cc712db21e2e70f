/* gst-afring: the value of a property, in a field of a struct
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* @field: a gchar * that is owned, or a gint (also of an enum), gboolean, guint or guint64,
 * as @value holds. */
void value_field_set (gpointer       field,
                      const GValue  *value);

void value_field_get (gconstpointer  field,
                      GValue        *value);

G_END_DECLS
