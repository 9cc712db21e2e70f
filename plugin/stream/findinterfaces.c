/* gst-afring: the interfaces of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findinterfaces.h"

struct _FindInterfaces
{
  GHashTable *ids;              /* by description */
};

FindInterfaces *
find_interfaces_new (void)
{
  FindInterfaces *self = g_new0 (FindInterfaces, 1);

  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
find_interfaces_free (FindInterfaces * self)
{
  g_hash_table_unref (self->ids);
  g_free (self);
}

void
find_interfaces_clear (FindInterfaces * self)
{
  g_hash_table_remove_all (self->ids);
}

void
find_section_init (FindSection * self)
{
  self->ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->alike = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->same = TRUE;
}

void
find_section_clear (FindSection * self)
{
  g_array_unref (self->ids);
  g_hash_table_unref (self->alike);
}

void
find_section_begin (FindSection * self)
{
  g_array_set_size (self->ids, 0);
  g_hash_table_remove_all (self->alike);
  self->same = TRUE;
}

/* Which of those of the section that have this description it is. */
static guint
count_alike (FindSection * self, const gchar * description)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->alike, description));

  g_hash_table_insert (self->alike, g_strdup (description),
      GUINT_TO_POINTER (n + 1));
  return n;
}

static guint32
get_id (FindInterfaces * self, gchar * key, gboolean * is_new)
{
  gpointer value;
  guint32 id;

  *is_new = !g_hash_table_lookup_extended (self->ids, key, NULL, &value);
  if (!*is_new) {
    g_free (key);
    return GPOINTER_TO_UINT (value);
  }
  id = g_hash_table_size (self->ids);
  g_hash_table_insert (self->ids, key, GUINT_TO_POINTER (id));
  return id;
}

GstEvent *
find_interfaces_take (FindInterfaces * self, FindSection * section,
    const GstCaptureInterface * iface)
{
  g_autofree gchar *description = g_strdup_printf ("%u\n%s\n%s",
      iface->link_type, iface->name != NULL ? iface->name : "",
      iface->filter != NULL ? iface->filter : "");
  GstCaptureInterface described = *iface;
  gboolean is_new;

  /* described once more, behind a seek */
  if (iface->id < section->ids->len)
    return NULL;
  described.id = get_id (self, g_strdup_printf ("%u\n%s", count_alike (section,
              description), description), &is_new);
  while (section->ids->len <= iface->id)
    g_array_append_val (section->ids, described.id);
  if (described.id != iface->id)
    section->same = FALSE;
  return is_new ? gst_event_new_capture_interface (&described) : NULL;
}
