/* gst-afring: the interfaces of capture files that are written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapinterfaces.h"
#include "gstpcapngwriter.h"

#include <string.h>

#define NOT_IN_FILE -1

/* What packets say of their interface. */
typedef struct
{
  guint32 id;
  guint32 link_type;
  GstPcapInterfaces *table;
} Key;

typedef struct
{
  GstPcapEntry entry;           /* its strings are owned */
  Key key;
  GList link;                   /* in the table's entries */
  GList new_link;               /* in its new ones, while no file describes it */
  gsize size;                   /* of its description, likewise */
  gint number;                  /* in the file */
} Item;

struct _GstPcapInterfaces
{
  guint64 looks;
  guint64 seed;                 /* files are made to make tables slow */
  GHashTable *by_key;           /* of Item */
  GHashTable *by_id;            /* of Item: the one that was set last */
  GQueue entries;               /* of Item, in the order in which they were set */
  GQueue new_entries;           /* of Item */
  gsize new_size;
  GPtrArray *in_file;           /* of Item */
  GPtrArray *old;               /* of Item: in the file, and means another one now */
  GByteArray *scratch;
  guint32 snaplen;
  gboolean unlimited;
};

static guint
hash_key (gconstpointer data)
{
  const Key *key = data;
  guint64 bits = ((guint64) key->link_type << 32 | key->id) ^ key->table->seed;

  return (bits * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 32;
}

static gboolean
is_key_equal (gconstpointer a, gconstpointer b)
{
  const Key *one = a, *other = b;

  one->table->looks++;
  return one->id == other->id && one->link_type == other->link_type;
}

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free ((gchar *) item->entry.iface.name);
  g_free ((gchar *) item->entry.iface.filter);
  g_free (item);
}

GstPcapInterfaces *
gst_pcap_interfaces_new (void)
{
  GstPcapInterfaces *self = g_new0 (GstPcapInterfaces, 1);

  self->seed = (guint64) g_random_int () << 32 | g_random_int ();
  self->by_key = g_hash_table_new (hash_key, is_key_equal);
  self->by_id = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->entries);
  g_queue_init (&self->new_entries);
  self->in_file = g_ptr_array_new ();
  self->old = g_ptr_array_new_with_free_func (item_free);
  self->scratch = g_byte_array_new ();
  return self;
}

void
gst_pcap_interfaces_free (GstPcapInterfaces * self)
{
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->by_id);
  /* links are part of what they lead to */
  while (self->entries.head != NULL) {
    Item *item = self->entries.head->data;

    g_queue_unlink (&self->entries, &item->link);
    item_free (item);
  }
  g_ptr_array_unref (self->in_file);
  g_ptr_array_unref (self->old);
  g_byte_array_unref (self->scratch);
  g_free (self);
}

void
gst_pcap_interfaces_restart (GstPcapInterfaces * self)
{
  for (guint i = 0; i < self->in_file->len; i++)
    ((Item *) g_ptr_array_index (self->in_file, i))->number = NOT_IN_FILE;
  g_ptr_array_set_size (self->in_file, 0);
  g_ptr_array_set_size (self->old, 0);
}

/* It is in a file, or will be in none. */
static void
forget_new (GstPcapInterfaces * self, Item * item)
{
  if (item->size == 0)
    return;
  g_queue_unlink (&self->new_entries, &item->new_link);
  self->new_size -= item->size;
  item->size = 0;
}

/* Its packets come no more. What is in the file stays until that ends, for its
 * number and its statistics. */
static void
retire (GstPcapInterfaces * self, Item * item)
{
  gpointer id = GUINT_TO_POINTER (item->key.id);

  g_hash_table_remove (self->by_key, &item->key);
  if (g_hash_table_lookup (self->by_id, id) == item)
    g_hash_table_remove (self->by_id, id);
  g_queue_unlink (&self->entries, &item->link);
  forget_new (self, item);
  if (item->number == NOT_IN_FILE)
    item_free (item);
  else
    g_ptr_array_add (self->old, item);
}

static Item *
find (GstPcapInterfaces * self, guint32 id, guint32 link_type)
{
  Key key = { id, link_type, self };

  return g_hash_table_lookup (self->by_key, &key);
}

static Item *
add (GstPcapInterfaces * self, const GstCaptureInterface * iface)
{
  Item *item = g_new0 (Item, 1);

  item->entry.iface = *iface;
  item->entry.iface.name = g_strdup (iface->name);
  item->entry.iface.filter = g_strdup (iface->filter);
  item->key = (Key) { iface->id, iface->link_type, self };
  item->number = NOT_IN_FILE;
  item->link.data = item->new_link.data = item;

  g_byte_array_set_size (self->scratch, 0);
  gst_pcapng_append_interface (self->scratch, &item->entry.iface);
  item->size = self->scratch->len;
  self->new_size += item->size;

  g_queue_push_tail_link (&self->entries, &item->link);
  g_queue_push_tail_link (&self->new_entries, &item->new_link);
  g_hash_table_insert (self->by_key, &item->key, item);

  self->snaplen = MAX (self->snaplen, iface->snaplen);
  self->unlimited |= iface->snaplen == 0;
  return item;
}

static gboolean
is_same (const GstCaptureInterface * a, const GstCaptureInterface * b)
{
  return a->snaplen == b->snaplen && g_strcmp0 (a->name, b->name) == 0
      && g_strcmp0 (a->filter, b->filter) == 0;
}

gboolean
gst_pcap_interfaces_set (GstPcapInterfaces * self,
    const GstCaptureInterface * iface)
{
  Item *item = find (self, iface->id, iface->link_type);
  gboolean known = item != NULL && is_same (&item->entry.iface, iface);

  if (item != NULL && !known)
    retire (self, item);
  if (!known)
    item = add (self, iface);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (iface->id), item);
  return !known;
}

/* They are of the interface that was described last with their number, or else of
 * one that only its packets are known of. */
void
gst_pcap_interfaces_set_statistics (GstPcapInterfaces * self,
    const GstCaptureStatistics * statistics)
{
  Item *item = g_hash_table_lookup (self->by_id,
      GUINT_TO_POINTER (statistics->id));

  if (item == NULL)
    return;
  item->entry.statistics = *statistics;
  item->entry.has_statistics = TRUE;
}

GstPcapEntry *
gst_pcap_interfaces_find (GstPcapInterfaces * self, guint32 id,
    guint32 link_type)
{
  Item *item = find (self, id, link_type);

  return item != NULL ? &item->entry : NULL;
}

GstPcapEntry *
gst_pcap_interfaces_add_unknown (GstPcapInterfaces * self, guint32 id,
    guint32 link_type)
{
  GstCaptureInterface unknown = {.id = id,.link_type = link_type };
  Item *item = add (self, &unknown);

  if (!g_hash_table_contains (self->by_id, GUINT_TO_POINTER (id)))
    g_hash_table_insert (self->by_id, GUINT_TO_POINTER (id), item);
  return &item->entry;
}

gint
gst_pcap_interfaces_get_number (GstPcapInterfaces * self,
    const GstPcapEntry * entry)
{
  return ((const Item *) entry)->number;
}

void
gst_pcap_interfaces_describe (GstPcapInterfaces * self, GstPcapEntry * entry)
{
  Item *item = (Item *) entry;

  if (item->number != NOT_IN_FILE)
    return;
  item->number = self->in_file->len;
  g_ptr_array_add (self->in_file, item);
  forget_new (self, item);
}

GstPcapEntry *
gst_pcap_interfaces_get_described (GstPcapInterfaces * self, guint index)
{
  if (index >= self->in_file->len)
    return NULL;
  return &((Item *) g_ptr_array_index (self->in_file, index))->entry;
}

GstPcapEntry *
gst_pcap_interfaces_get_new (GstPcapInterfaces * self)
{
  Item *item = g_queue_peek_head (&self->new_entries);

  return item != NULL ? &item->entry : NULL;
}

gsize
gst_pcap_interfaces_get_new_size (GstPcapInterfaces * self, guint * n)
{
  *n = self->in_file->len + g_queue_get_length (&self->new_entries);
  return self->new_size;
}

void
gst_pcap_interfaces_foreach_at_start (GstPcapInterfaces * self,
    GstPcapEntryFunc func, gpointer user_data)
{
  guint n = 0;

  for (GList * link = self->entries.head; link != NULL
      && n < GST_PCAP_MOST_AT_START; link = link->next, n++)
    func (&((Item *) link->data)->entry, user_data);
}

guint32
gst_pcap_interfaces_get_snaplen (GstPcapInterfaces * self)
{
  return self->unlimited ? 0 : self->snaplen;
}

guint64
gst_pcap_interfaces_get_looks (GstPcapInterfaces * self)
{
  return self->looks;
}
