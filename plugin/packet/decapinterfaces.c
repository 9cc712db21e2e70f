/* gst-afring: the interfaces of packets that change their link type
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "decapinterfaces.h"

/* Of an interface that upstream has described. */
typedef struct
{
  GstCaptureInterface iface;    /* its strings are interned */
  GArray *link_types;           /* guint32: downstream knows it with these */
} Known;

struct _DecapInterfaces
{
  GHashTable *known;            /* by id */
  /* what was asked for last, and needs no event */
  gboolean has_last;
  guint32 last_id;
  guint32 last_link_type;
};

static void
known_free (gpointer data)
{
  Known *known = data;

  g_array_unref (known->link_types);
  g_free (known);
}

DecapInterfaces *
decap_interfaces_new (void)
{
  DecapInterfaces *self = g_new0 (DecapInterfaces, 1);

  self->known = g_hash_table_new_full (NULL, NULL, NULL, known_free);
  return self;
}

void
decap_interfaces_free (DecapInterfaces * self)
{
  g_hash_table_unref (self->known);
  g_free (self);
}

void
decap_interfaces_clear (DecapInterfaces * self)
{
  g_hash_table_remove_all (self->known);
  self->has_last = FALSE;
}

void
decap_interfaces_take (DecapInterfaces * self,
    const GstCaptureInterface * iface)
{
  Known *known = g_new (Known, 1);

  known->iface = *iface;
  known->link_types = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (known->link_types, iface->link_type);
  g_hash_table_replace (self->known, GUINT_TO_POINTER (iface->id), known);
  self->has_last = FALSE;
}

static gboolean
is_told (const Known * known, guint32 link_type)
{
  for (guint i = 0; i < known->link_types->len; i++)
    if (g_array_index (known->link_types, guint32, i) == link_type)
      return TRUE;
  return FALSE;
}

/* Its filter was for packets as they came, and the snaplen too, but that is still the
 * most that one can have. */
GstEvent *
decap_interfaces_announce (DecapInterfaces * self, guint32 id,
    guint32 link_type)
{
  GstCaptureInterface iface;
  Known *known;

  if (G_LIKELY (self->has_last && self->last_id == id
          && self->last_link_type == link_type))
    return NULL;
  self->has_last = TRUE;
  self->last_id = id;
  self->last_link_type = link_type;
  known = g_hash_table_lookup (self->known, GUINT_TO_POINTER (id));
  if (known == NULL || is_told (known, link_type))
    return NULL;
  g_array_append_val (known->link_types, link_type);
  iface = known->iface;
  iface.link_type = link_type;
  iface.filter = NULL;
  return gst_event_new_capture_interface (&iface);
}
