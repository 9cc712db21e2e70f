/* gst-afring: capture files that are named by a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapsrc-private.h"
#include "common/urisettings.h"

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

/* A path that does not begin at the root is written as "pcap:captures/a.pcap". */
static gboolean
set_uri (GstURIHandler * handler, const gchar * text, GError ** error)
{
  g_autoptr (GstUri) uri = gst_uri_from_string (text);
  g_autoptr (GHashTable) query = NULL;
  g_autofree gchar *path = NULL;

  if (!uri_settings_can_change (GST_ELEMENT (handler))) {
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
  if (query != NULL
      && !uri_settings_set (G_OBJECT (handler), query, read_setting, error))
    return FALSE;
  g_object_set (handler, "location", path, NULL);
  return TRUE;
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
    uri_settings_append (uri, G_OBJECT (handler),
        g_object_class_find_property (G_OBJECT_GET_CLASS (handler), settings[i]),
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
