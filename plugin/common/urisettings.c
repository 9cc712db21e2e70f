/* gst-afring: properties of an element in the query of a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "urisettings.h"

gboolean
uri_settings_can_change (GstElement * element)
{
  gboolean stopped;

  GST_OBJECT_LOCK (element);
  stopped = GST_STATE (element) <= GST_STATE_READY;
  GST_OBJECT_UNLOCK (element);
  return stopped;
}

gboolean
uri_settings_set (GObject * element, GHashTable * query, UriSettingsRead read,
    GError ** error)
{
  g_autofree const gchar **names = g_new0 (const gchar *,
      g_hash_table_size (query));
  g_autofree GValue *values = g_new0 (GValue, g_hash_table_size (query));
  gboolean ok = TRUE;
  GHashTableIter iter;
  gpointer name, text;
  guint n = 0;

  g_hash_table_iter_init (&iter, query);
  while (ok && g_hash_table_iter_next (&iter, &name, &text)) {
    ok = read (element, name, text, &values[n], error);
    names[n++] = name;
  }
  for (guint i = 0; i < n; i++) {
    if (ok)
      g_object_set_property (element, names[i], &values[i]);
    if (G_IS_VALUE (&values[i]))
      g_value_unset (&values[i]);
  }
  return ok;
}

/* GstUri writes a space as "+", and reads that as it is. */
void
uri_settings_append (GString * uri, GObject * element, GParamSpec * pspec,
    const gchar * separator)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (element, pspec->name, &value);
  if (!g_param_value_defaults (pspec, &value)) {
    g_autofree gchar *text = G_VALUE_HOLDS_STRING (&value) ?
        g_value_dup_string (&value) : gst_value_serialize (&value);

    g_string_append_printf (uri, "%s%s=", separator, pspec->name);
    g_string_append_uri_escaped (uri, text, NULL, FALSE);
  }
  g_value_unset (&value);
}
