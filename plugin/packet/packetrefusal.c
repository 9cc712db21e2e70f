/* gst-afring: settings that were refused
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetrefusal.h"

void
packet_refusal_init (PacketRefusal * self)
{
  self->why = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->running = FALSE;
}

void
packet_refusal_clear (PacketRefusal * self)
{
  g_hash_table_unref (self->why);
}

void
packet_refusal_note (PacketRefusal * self, GstElement * element,
    const gchar * property, GError * error)
{
  GST_OBJECT_LOCK (element);
  if (error == NULL)
    g_hash_table_remove (self->why, property);
  else if (!self->running)
    g_hash_table_insert (self->why, (gpointer) g_intern_string (property),
        g_strdup (error->message));
  GST_OBJECT_UNLOCK (element);
  if (error == NULL)
    return;
  GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
      ("%s; the earlier setting stays", error->message), (NULL));
  g_error_free (error);
}

gboolean
packet_refusal_start (PacketRefusal * self, GstElement * element)
{
  g_autofree gchar *why = NULL;
  GHashTableIter i;
  gpointer value;

  GST_OBJECT_LOCK (element);
  g_hash_table_iter_init (&i, self->why);
  if (g_hash_table_iter_next (&i, NULL, &value))
    why = g_strdup (value);
  else
    self->running = TRUE;
  GST_OBJECT_UNLOCK (element);
  if (why == NULL)
    return TRUE;
  GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS, ("%s", why), (NULL));
  return FALSE;
}

void
packet_refusal_stop (PacketRefusal * self, GstElement * element)
{
  GST_OBJECT_LOCK (element);
  self->running = FALSE;
  GST_OBJECT_UNLOCK (element);
}
