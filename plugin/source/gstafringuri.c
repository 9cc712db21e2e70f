/* gst-afring: captures that are named by a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringuri.h"
#include "common/urisettings.h"
#include "gstafringbasesrc.h"

#include <string.h>

#define SCHEME "afring"

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

/* Of a capture, and not of any element. The interface is the host. */
static gboolean
is_setting (const GParamSpec * pspec)
{
  return (pspec->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE
      && g_type_is_a (pspec->owner_type, GST_TYPE_AFRING_BASE_SRC)
      && strcmp (pspec->name, "interface") != 0;
}

static GParamSpec *
find_setting (GObject * element, const gchar * name)
{
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);

  return pspec != NULL && is_setting (pspec) ? pspec : NULL;
}

/* Reads one value. FALSE if there is no such setting, or it cannot be that. */
static gboolean
read_setting (GObject * element, const gchar * name, const gchar * text,
    GValue * value, GError ** error)
{
  GParamSpec *pspec = find_setting (element, name);

  if (pspec == NULL) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "There is no property \"%s\" that a URI afring://INTERFACE?PROPERTY=VALUE "
        "can set; \"gst-inspect-1.0 afringsrc\" lists them", name);
    return FALSE;
  }
  g_value_init (value, pspec->value_type);
  if (text != NULL && gst_value_deserialize_with_pspec (value, text, pspec)
      && !g_param_value_validate (pspec, value))
    return TRUE;
  g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
      "The property %s cannot be \"%s\"", name, text != NULL ? text : "");
  return FALSE;
}

static gboolean
set_uri (GstURIHandler * handler, const gchar * text, GError ** error)
{
  g_autoptr (GstUri) uri = gst_uri_from_string (text);
  g_autoptr (GHashTable) query = NULL;
  g_autofree gchar *path = NULL;

  if (!uri_settings_can_change (GST_ELEMENT (handler))) {
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "The URI of a capture can be changed in NULL and READY only");
    return FALSE;
  }
  path = uri != NULL ? gst_uri_get_path (uri) : NULL;
  if (uri == NULL || (path != NULL && path[0] != '\0' && strcmp (path, "/") != 0)
      || gst_uri_get_fragment (uri) != NULL || gst_uri_get_userinfo (uri) != NULL
      || gst_uri_get_port (uri) != GST_URI_NO_PORT) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
        "\"%s\" is not of the form afring://INTERFACE?PROPERTY=VALUE&...", text);
    return FALSE;
  }
  query = gst_uri_get_query_table (uri);
  if (query != NULL
      && !uri_settings_set (G_OBJECT (handler), query, read_setting, error))
    return FALSE;
  if (gst_uri_get_host (uri) != NULL && gst_uri_get_host (uri)[0] != '\0')
    g_object_set (handler, "interface", gst_uri_get_host (uri), NULL);
  return TRUE;
}

static gchar *
get_uri (GstURIHandler * handler)
{
  GString *uri = g_string_new (SCHEME "://");
  g_autofree GParamSpec **pspecs = NULL;
  g_autofree gchar *interface = NULL;
  gsize start;
  guint n;

  g_object_get (handler, "interface", &interface, NULL);
  if (interface != NULL)
    g_string_append_uri_escaped (uri, interface, NULL, FALSE);
  start = uri->len;
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (handler), &n);
  for (guint i = 0; i < n; i++)
    if (is_setting (pspecs[i]))
      uri_settings_append (uri, G_OBJECT (handler), pspecs[i],
          uri->len == start ? "?" : "&");
  return g_string_free (uri, FALSE);
}

void
gst_afring_uri_handler_init (gpointer g_iface, gpointer iface_data)
{
  GstURIHandlerInterface *iface = g_iface;

  iface->get_type = get_type;
  iface->get_protocols = get_protocols;
  iface->get_uri = get_uri;
  iface->set_uri = set_uri;
}
