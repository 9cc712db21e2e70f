/* gst-afring: packet buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringslots.h"
#include "gstafringring-private.h"

/* Free ones that are kept, at most; a burst that downstream held on to is not
 * remembered for ever. */
#define MOST_FREE_SLOTS 65536
#define MOST_FREE_LISTS 256

/* Other threads only push; the one that takes, takes the whole chain. So nothing
 * can come back to the top of it unseen. */
struct _GstAfringSlots
{
  gpointer returned_slots;      /* atomic */
  gpointer returned_lists;      /* atomic */
  gint n_slots;                 /* atomic: free, wherever they are */
  gint n_lists;

  GstAfringSlot *free_slots;    /* of the taking thread, as the next */
  GstAfringSlotList *free_lists;
};

static GQuark
get_quark (void)
{
  static GQuark quark = 0;

  if (G_UNLIKELY (quark == 0))
    quark = g_quark_from_static_string ("gst-afring-slot-list");
  return quark;
}

static void
push_slot (GstAfringSlots * self, GstAfringSlot * slot)
{
  do {
    slot->next = g_atomic_pointer_get (&self->returned_slots);
  } while (!g_atomic_pointer_compare_and_exchange (&self->returned_slots,
          slot->next, slot));
}

static void
push_list (GstAfringSlots * self, GstAfringSlotList * list)
{
  do {
    list->next = g_atomic_pointer_get (&self->returned_lists);
  } while (!g_atomic_pointer_compare_and_exchange (&self->returned_lists,
          list->next, list));
}

/* One more than there may be is not kept. */
static gboolean
may_keep (gint * count, gint most)
{
  if (g_atomic_int_add (count, 1) < most)
    return TRUE;
  g_atomic_int_add (count, -1);
  return FALSE;
}

/* Coming back. */

static gboolean
remove_foreign_meta (GstBuffer * buffer, GstMeta ** meta, gpointer user_data)
{
  if (!GST_META_FLAG_IS_SET (*meta, GST_META_FLAG_POOLED))
    *meta = NULL;
  return TRUE;
}

static gboolean
has_foreign_meta (GstBuffer * buffer)
{
  gpointer state = NULL;

  gst_buffer_iterate_meta (buffer, &state);
  return gst_buffer_iterate_meta (buffer, &state) != NULL;
}

/* The slot of a buffer that is as it was made, but for what can be put right;
 * NULL if it is not: a memory was replaced, or somebody holds on to it. */
static GstAfringSlot *
get_intact_slot (GstBuffer * buffer)
{
  GstAfringSlot *slot;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_TAG_MEMORY))
    return NULL;
  slot = (GstAfringSlot *) gst_buffer_peek_memory (buffer, 0);
  if (GST_MINI_OBJECT_REFCOUNT_VALUE (slot) != 1)
    return NULL;
  return slot;
}

static gboolean
slot_dispose (GstMiniObject * object)
{
  GstBuffer *buffer = (GstBuffer *) object;
  GstAfringSlot *slot = get_intact_slot (buffer);
  GstAfringLease *lease;

  if (slot == NULL || !may_keep (&slot->slots->n_slots, MOST_FREE_SLOTS))
    return TRUE;
  gst_buffer_ref (buffer);
  if (has_foreign_meta (buffer))
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
  lease = g_steal_pointer (&slot->memory.lease);
  push_slot (slot->slots, slot);
  /* the ring, and with it the slots, can go here */
  if (lease != NULL)
    gst_afring_lease_unref (lease);
  return FALSE;
}

/* What stands in the list is asked, not what was put there: somebody may have
 * exchanged buffers. */
static gboolean
is_intact (GstAfringSlotList * self)
{
  GstAfringLease *lease = NULL;

  if (self->length == 0 || gst_buffer_list_length (self->list) != self->length)
    return FALSE;
  for (guint i = 0; i < self->length; i++) {
    GstBuffer *buffer = gst_buffer_list_get (self->list, i);
    GstAfringSlot *slot;

    if (GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) != 1
        || GST_MINI_OBJECT_CAST (buffer)->dispose != slot_dispose)
      return FALSE;
    slot = get_intact_slot (buffer);
    if (slot == NULL || slot->memory.lease == NULL
        || (lease != NULL && slot->memory.lease != lease))
      return FALSE;
    lease = slot->memory.lease;
    self->slots[i] = slot;
  }
  return TRUE;
}

/* A list of which nobody kept anything comes back as it is, and gives all of its
 * packets' references to the lease back at once. */
static gboolean
list_dispose (GstMiniObject * object)
{
  GstAfringSlotList *self =
      gst_mini_object_get_qdata (object, get_quark ());
  GstAfringLease *lease;
  GstAfringSlots *slots;

  if (!is_intact (self))
    return TRUE;
  slots = self->slots[0]->slots;
  if (!may_keep (&slots->n_lists, MOST_FREE_LISTS))
    return TRUE;
  lease = self->slots[0]->memory.lease;
  gst_mini_object_ref (object);
  for (guint i = 0; i < self->length; i++) {
    GstAfringSlot *slot = self->slots[i];

    slot->memory.lease = NULL;
    if (has_foreign_meta (slot->buffer))
      gst_buffer_foreach_meta (slot->buffer, remove_foreign_meta, NULL);
  }
  push_list (slots, self);
  gst_afring_lease_unref_many (lease, gst_buffer_list_length (self->list));
  return FALSE;
}

/* Going out. */

static GstAfringSlot *
make_slot (GstAfringSlots * self)
{
  GstAfringSlot *slot = g_new0 (GstAfringSlot, 1);
  GstBuffer *buffer = gst_buffer_new ();

  gst_afring_memory_init (&slot->memory);
  gst_buffer_append_memory (buffer, GST_MEMORY_CAST (slot));
  slot->buffer = buffer;
  slot->slots = self;
  slot->meta = gst_buffer_add_packet_meta (buffer);
  GST_META_FLAG_SET (&slot->meta->meta,
      GST_META_FLAG_POOLED | GST_META_FLAG_LOCKED);
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_TAG_MEMORY);
  GST_MINI_OBJECT_CAST (buffer)->dispose = slot_dispose;
  return slot;
}

static GstAfringSlot *
take_slot (GstAfringSlots * self)
{
  GstAfringSlot *slot;

  if (self->free_slots == NULL)
    self->free_slots =
        __atomic_exchange_n (&self->returned_slots, NULL, __ATOMIC_ACQUIRE);
  slot = self->free_slots;
  if (slot == NULL)
    return make_slot (self);
  self->free_slots = slot->next;
  g_atomic_int_add (&self->n_slots, -1);
  return slot;
}

static GstAfringSlotList *
make_list (void)
{
  GstAfringSlotList *self = g_new0 (GstAfringSlotList, 1);

  self->list = gst_buffer_list_new_sized (GST_AFRING_SLOTS_LIST_LENGTH);
  gst_mini_object_set_qdata (GST_MINI_OBJECT_CAST (self->list), get_quark (),
      self, g_free);
  GST_MINI_OBJECT_CAST (self->list)->dispose = list_dispose;
  return self;
}

GstAfringSlots *
gst_afring_slots_get (GstAfringRing * ring)
{
  if (ring->slots == NULL)
    ring->slots = g_new0 (GstAfringSlots, 1);
  return ring->slots;
}

GstAfringSlotList *
gst_afring_slots_take_list (GstAfringSlots * self)
{
  GstAfringSlotList *list;

  if (self->free_lists == NULL)
    self->free_lists =
        __atomic_exchange_n (&self->returned_lists, NULL, __ATOMIC_ACQUIRE);
  list = self->free_lists;
  if (list == NULL)
    return make_list ();
  self->free_lists = list->next;
  g_atomic_int_add (&self->n_lists, -1);
  return list;
}

GstAfringSlot *
gst_afring_slots_grow_list (GstAfringSlots * self, GstAfringSlotList * list)
{
  GstAfringSlot *slot = take_slot (self);

  gst_buffer_list_add (list->list, slot->buffer);
  list->slots[list->length++] = slot;
  return slot;
}

void
gst_afring_slots_cut_list (GstAfringSlots * self, GstAfringSlotList * list,
    guint length)
{
  if (length < list->length)
    gst_buffer_list_remove (list->list, length, list->length - length);
  list->length = length;
}

/* The end. */

static void
free_slot (GstAfringSlot * slot)
{
  GST_MINI_OBJECT_CAST (slot->buffer)->dispose = NULL;
  gst_buffer_unref (slot->buffer);
}

static void
free_slots (GstAfringSlot * slot)
{
  while (slot != NULL) {
    GstAfringSlot *next = slot->next;

    free_slot (slot);
    slot = next;
  }
}

static void
free_lists (GstAfringSlotList * list)
{
  while (list != NULL) {
    GstAfringSlotList *next = list->next;

    for (guint i = 0; i < list->length; i++)
      GST_MINI_OBJECT_CAST (list->slots[i]->buffer)->dispose = NULL;
    GST_MINI_OBJECT_CAST (list->list)->dispose = NULL;
    gst_buffer_list_unref (list->list);
    list = next;
  }
}

void
gst_afring_slots_free (GstAfringSlots * self)
{
  free_lists (self->free_lists);
  free_lists (self->returned_lists);
  free_slots (self->free_slots);
  free_slots (self->returned_slots);
  g_free (self);
}
