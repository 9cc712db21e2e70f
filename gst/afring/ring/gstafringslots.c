/* gst-afring: packet buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringslots.h"
#include "gstafringring-private.h"

/* Free ones that are kept, at most; a burst that downstream held on to is not
 * remembered for ever. */
#define MOST_FREE_SLOTS 65536
#define MOST_FREE_LISTS 256

/* Buffers that a list may have lost and still be worth keeping. */
#define MOST_LOST 32

/* Other threads only push; the one that takes, takes the whole chain. So nothing
 * can come back to the top of it unseen. */
struct _GstAfringSlots
{
  gpointer returned_slots;      /* atomic */
  gpointer returned_lists;      /* atomic */
  gint n_slots;                 /* atomic: free ones, but those of lists */
  gint closed;                  /* atomic */

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

/* Coming back. */

static gboolean
remove_foreign_meta (GstBuffer * buffer, GstMeta ** meta, gpointer user_data)
{
  if (!GST_META_FLAG_IS_SET (*meta, GST_META_FLAG_POOLED))
    *meta = NULL;
  return TRUE;
}

/* A slot's own meta is the first and cannot be removed. */
static inline gboolean
has_foreign_meta (const GstAfringSlot * slot)
{
  gpointer state = slot->meta_state;

  return gst_buffer_iterate_meta (slot->buffer, &state) != NULL;
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

  if (slot == NULL || g_atomic_int_get (&slot->slots->closed)
      || !may_keep (&slot->slots->n_slots, MOST_FREE_SLOTS))
    return TRUE;
  gst_buffer_ref (buffer);
  if (has_foreign_meta (slot))
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
  lease = g_steal_pointer (&slot->memory.lease);
  push_slot (slot->slots, slot);
  /* the ring, and with it the slots, can go here */
  if (lease != NULL)
    gst_afring_lease_unref (lease);
  return FALSE;
}

/* The slot of a buffer that only the list has; NULL if it has gone another way. What
 * stands in the list is asked, not what was put there: somebody may have
 * exchanged buffers. */
static GstAfringSlot *
get_listed_slot (GstAfringSlotList * self, guint i, GstAfringLease * lease)
{
  GstBuffer *buffer = gst_buffer_list_get (self->list, i);
  GstAfringSlot *slot;

  if (GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) != 1
      || GST_MINI_OBJECT_CAST (buffer)->dispose != slot_dispose)
    return NULL;
  slot = get_intact_slot (buffer);
  if (slot == NULL || slot->memory.lease == NULL
      || (lease != NULL && slot->memory.lease != lease))
    return NULL;
  return slot;
}

/* How many slots come back with the list; the others are taken out of it. Nobody
 * keeps much of a list, as a rule: a sink its last sample. */
static guint
keep_intact (GstAfringSlotList * self, GstAfringLease ** lease)
{
  guint n = gst_buffer_list_length (self->list), intact = 0;
  guint lost[MOST_LOST], n_lost = 0;

  *lease = NULL;
  if (n > GST_AFRING_SLOTS_LIST_LENGTH)
    return 0;
  for (guint i = 0; i < n; i++) {
    GstAfringSlot *slot = get_listed_slot (self, i, *lease);

    if (slot != NULL) {
      *lease = slot->memory.lease;
      self->slots[intact++] = slot;
    } else if (n_lost < MOST_LOST) {
      lost[n_lost++] = i;
    } else {
      return 0;
    }
  }
  if (intact > 0) {
    gst_buffer_list_ref (self->list);
    while (n_lost > 0)
      gst_buffer_list_remove (self->list, lost[--n_lost], 1);
  }
  return intact;
}

/* A list of which nobody kept much comes back as it is, and gives the references of
 * its packets to the lease back at once. */
static gboolean
list_dispose (GstMiniObject * object)
{
  GstAfringSlotList *self =
      gst_mini_object_get_qdata (object, get_quark ());
  GstAfringLease *lease;
  GstAfringSlots *slots;
  guint n = keep_intact (self, &lease);

  if (n == 0)
    return TRUE;
  slots = self->slots[0]->slots;
  for (guint i = 0; i < n; i++) {
    GstAfringSlot *slot = self->slots[i];

    slot->memory.lease = NULL;
    if (has_foreign_meta (slot))
      gst_buffer_foreach_meta (slot->buffer, remove_foreign_meta, NULL);
  }
  self->length = n;
  push_list (slots, self);
  gst_afring_lease_unref_many (lease, n);
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
  gst_buffer_iterate_meta (buffer, &slot->meta_state);
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

/* Those that have come back since the last look; more than are ever needed at a time
 * go. */
static void
collect_lists (GstAfringSlots * self)
{
  GstAfringSlotList *list =
      __atomic_exchange_n (&self->returned_lists, NULL, __ATOMIC_ACQUIRE);
  guint n = 0;

  self->free_lists = list;
  for (; list != NULL && ++n < MOST_FREE_LISTS; list = list->next);
  if (list != NULL)
    free_lists (g_steal_pointer (&list->next));
}

GstAfringSlotList *
gst_afring_slots_take_list (GstAfringSlots * self)
{
  GstAfringSlotList *list;

  if (self->free_lists == NULL)
    collect_lists (self);
  list = self->free_lists;
  if (list == NULL)
    return make_list ();
  self->free_lists = list->next;
  return list;
}

void
gst_afring_slots_put_back (GstAfringSlots * self, GstAfringSlotList * list)
{
  list->next = self->free_lists;
  self->free_lists = list;
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

void
gst_afring_slots_close (GstAfringSlots * self)
{
  g_atomic_int_set (&self->closed, TRUE);
  free_lists (g_steal_pointer (&self->free_lists));
  free_slots (g_steal_pointer (&self->free_slots));
  free_lists (__atomic_exchange_n (&self->returned_lists, NULL,
          __ATOMIC_ACQUIRE));
  free_slots (__atomic_exchange_n (&self->returned_slots, NULL,
          __ATOMIC_ACQUIRE));
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
