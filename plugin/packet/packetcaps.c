/* gst-afring: caps that somebody has said
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetcaps.h"

static gboolean
refuse (GError ** error, const gchar * what, const gchar * why)
{
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "%s %s", what, why);
  return FALSE;
}

static gboolean
check_structure (const GstStructure * structure, const gchar * what,
    GError ** error)
{
  for (gint i = 0; i < gst_structure_n_fields (structure); i++) {
    const gchar *name = gst_structure_nth_field_name (structure, i);
    const GValue *value = gst_structure_get_value (structure, name);
    g_autofree gchar *text = NULL, *why = NULL;

    if (gst_value_is_fixed (value))
      continue;
    text = gst_value_serialize (value);
    why = g_strdup_printf ("leave open what %s is, %s: give one value", name,
        text);
    return refuse (error, what, why);
  }
  return TRUE;
}

gboolean
packet_caps_check_each (const GstCaps * caps, const gchar * what,
    GError ** error)
{
  if (caps == NULL)
    return TRUE;
  for (guint i = 0; i < gst_caps_get_size (caps); i++)
    if (!check_structure (gst_caps_get_structure (caps, i), what, error))
      return FALSE;
  return TRUE;
}

gboolean
packet_caps_check (const GstCaps * caps, const gchar * what, GError ** error)
{
  if (caps == NULL)
    return TRUE;
  if (gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return refuse (error, what, "name no media type");
  if (gst_caps_get_size (caps) > 1)
    return refuse (error, what, "are several: give one");
  return packet_caps_check_each (caps, what, error);
}
