/* gst-afring: the value of a property, in a field of a struct
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "valuefield.h"

void
value_field_set (gpointer field, const GValue * value)
{
  if (G_VALUE_HOLDS_STRING (value)) {
    g_free (*(gchar **) field);
    *(gchar **) field = g_value_dup_string (value);
  } else if (G_VALUE_HOLDS_ENUM (value)) {
    *(gint *) field = g_value_get_enum (value);
  } else if (G_VALUE_HOLDS_BOOLEAN (value)) {
    *(gboolean *) field = g_value_get_boolean (value);
  } else if (G_VALUE_HOLDS_UINT (value)) {
    *(guint *) field = g_value_get_uint (value);
  } else if (G_VALUE_HOLDS_INT (value)) {
    *(gint *) field = g_value_get_int (value);
  } else {
    *(guint64 *) field = g_value_get_uint64 (value);
  }
}

void
value_field_get (gconstpointer field, GValue * value)
{
  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(const gchar * const *) field);
  else if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, *(const gint *) field);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, *(const gboolean *) field);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *) field);
  else if (G_VALUE_HOLDS_INT (value))
    g_value_set_int (value, *(const gint *) field);
  else
    g_value_set_uint64 (value, *(const guint64 *) field);
}
