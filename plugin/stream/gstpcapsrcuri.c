/* gst-afring: capture files that are named by a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapsrc-private.h"

#include <string.h>

#define SCHEME "pcap"

static const gchar *const settings[] = {
  "start-time", "stop-time", "filter", "follow", "use-index", "trust-order"
};

static GstURIType
get_type (GType type)
{
  return GST_URI_SRC;
}

static const gchar *const *
get_protocols (GType type)
{
  static const gchar *const protocols[] = { SCHEME, NULL };

  return protocols;
}

/* Reads one value. FALSE if there is no such setting, or it cannot be that. */
static gboolean
read_setting (GObject * element, const gchar * name, const gchar * text,
    GValue * value, GError ** error)
{
  GParamSpec *pspec = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (name, settings[i]) == 0)
      pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);
  if (pspec == NULL) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "There is no property \"%s\" that a URI pcap:///PATH?PROPERTY=VALUE can set; "
        "start-time, stop-time, filter, follow, use-index and trust-order are", name);
    return FALSE;
  }
  g_value_init (value, pspec->value_type);
  if (text != NULL && G_VALUE_HOLDS_STRING (value)) {
    g_value_set_string (value, text);
    return TRUE;
  }
  if (text != NULL && gst_value_deserialize_with_pspec (value, text, pspec))
    return TRUE;
  g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
      "The property %s cannot be \"%s\"", name, text != NULL ? text : "");
  return FALSE;
}

/* All or nothing. */
static gboolean
set_settings (GObject * element, GHashTable * query, GError ** error)
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
    ok = read_setting (element, name, text, &values[n], error);
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

static gboolean
is_stopped (GstElement * element)
{
  gboolean stopped;

  GST_OBJECT_LOCK (element);
  stopped = GST_STATE (element) <= GST_STATE_READY;
  GST_OBJECT_UNLOCK (element);
  return stopped;
}

/* A path that does not begin at the root is written as "pcap:captures/a.pcap". */
static gboolean
set_uri (GstURIHandler * handler, const gchar * text, GError ** error)
{
  g_autoptr (GstUri) uri = gst_uri_from_string (text);
  g_autoptr (GHashTable) query = NULL;
  g_autofree gchar *path = NULL;

  if (!is_stopped (GST_ELEMENT (handler))) {
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "The URI can be changed in NULL and READY only");
    return FALSE;
  }
  path = uri != NULL ? gst_uri_get_path (uri) : NULL;
  if (path == NULL || path[0] == '\0' || gst_uri_get_fragment (uri) != NULL
      || (gst_uri_get_host (uri) != NULL && gst_uri_get_host (uri)[0] != '\0')) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
        "\"%s\" is not of the form pcap:///PATH?PROPERTY=VALUE&...", text);
    return FALSE;
  }
  query = gst_uri_get_query_table (uri);
  if (query != NULL && !set_settings (G_OBJECT (handler), query, error))
    return FALSE;
  g_object_set (handler, "location", path, NULL);
  return TRUE;
}

/* What differs from the default. GstUri writes a space as "+", and reads that as it is. */
static void
append_setting (GString * uri, GObject * element, const gchar * name,
    const gchar * separator)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (element, name, &value);
  if (!g_param_value_defaults (pspec, &value)) {
    g_autofree gchar *text = G_VALUE_HOLDS_STRING (&value) ?
        g_value_dup_string (&value) : gst_value_serialize (&value);

    g_string_append_printf (uri, "%s%s=", separator, name);
    g_string_append_uri_escaped (uri, text, NULL, FALSE);
  }
  g_value_unset (&value);
}

static gchar *
get_uri (GstURIHandler * handler)
{
  g_autofree gchar *location = NULL;
  GString *uri;
  gsize start;

  g_object_get (handler, "location", &location, NULL);
  if (location == NULL)
    return NULL;
  uri = g_string_new (location[0] == '/' ? SCHEME "://" : SCHEME ":");
  g_string_append_uri_escaped (uri, location, "/", FALSE);
  start = uri->len;
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    append_setting (uri, G_OBJECT (handler), settings[i],
        uri->len == start ? "?" : "&");
  return g_string_free (uri, FALSE);
}

void
gst_pcap_src_uri_handler_init (gpointer g_iface, gpointer iface_data)
{
  GstURIHandlerInterface *iface = g_iface;

  iface->get_type = get_type;
  iface->get_protocols = get_protocols;
  iface->get_uri = get_uri;
  iface->set_uri = set_uri;
}
