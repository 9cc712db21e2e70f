/* gst-afring: packet buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringslots.h"
#include "gstafringring-private.h"

/* Free ones that are kept, at most; a burst that downstream held on to is not
 * remembered for ever. */
#define MOST_FREE_SLOTS 65536
#define MOST_FREE_LISTS 1024

/* Buffers that a list may have lost and still be worth keeping whole. */
#define MOST_LOST 32

/* Other threads only push; the one that takes, takes the whole chain. So nothing
 * can come back to the top of it unseen. Who pushes counts first and then looks whether
 * they are closed; who closes waits for those that have counted. */
struct _GstAfringSlots
{
  gpointer returned_slots;      /* atomic */
  gpointer returned_lists;      /* atomic */
  gint n_slots;                 /* atomic: free ones, but those of lists */
  gint n_lists;                 /* atomic: free ones */
  gint closed;                  /* atomic */
  gint refs;                    /* atomic: the owner's, and of each slot and list */
  guint generation;             /* of the process */
  GstAfringBytes bytes;         /* of all memory of theirs */
  GstAllocator *allocator;      /* likewise */
  GstAfringSlotFunc func;       /* or NULL */

  GstAfringSlot *free_slots;    /* of the taking thread, as the next */
  GstAfringSlotList *free_lists;
  gint taken_slots;             /* of n_slots, not subtracted yet */
};

static GQuark
get_quark (void)
{
  static GQuark quark = 0;

  if (G_UNLIKELY (quark == 0))
    quark = g_quark_from_static_string ("gst-afring-slot-list");
  return quark;
}

static GstAfringSlots *
slots_ref (GstAfringSlots * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
gst_afring_slots_unref (GstAfringSlots * self)
{
  if (g_atomic_int_dec_and_test (&self->refs))
    g_free (self);
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

/* One more than there may be is not kept, nor is anything after the end. */
static gboolean
may_keep (GstAfringSlots * self, gint * count, gint most)
{
  if (g_atomic_int_add (count, 1) < most && !g_atomic_int_get (&self->closed))
    return TRUE;
  g_atomic_int_add (count, -1);
  return FALSE;
}

/* Nobody else has an object that is on its way to be freed: to have it again takes no
 * atomic operation. */
static void
set_refs (GstMiniObject * object, gint refs)
{
  __atomic_store_n (&object->refcount, refs, __ATOMIC_RELAXED);
}

static gint
free_slots (GstAfringSlot * slot)
{
  gint n = 0;

  while (slot != NULL) {
    GstAfringSlot *next = slot->next;

    GST_MINI_OBJECT_CAST (slot->buffer)->dispose = NULL;
    gst_buffer_unref (slot->buffer);
    slot = next;
    n++;
  }
  return n;
}

static gint
free_lists (GstAfringSlotList * list)
{
  gint n = 0;

  while (list != NULL) {
    GstAfringSlotList *next = list->next;

    for (guint i = 0; i < list->length; i++)
      GST_MINI_OBJECT_CAST (list->slots[i]->buffer)->dispose = NULL;
    GST_MINI_OBJECT_CAST (list->list)->dispose = NULL;
    gst_buffer_list_unref (list->list);
    list = next;
    n++;
  }
  return n;
}

/* Coming back. */

static gboolean
remove_foreign_meta (GstBuffer * buffer, GstMeta ** meta, gpointer user_data)
{
  if (!GST_META_FLAG_IS_SET (*meta, GST_META_FLAG_POOLED))
    *meta = NULL;
  return TRUE;
}

static gboolean slot_dispose (GstMiniObject * object);

/* What may be a slot: who exchanges the memory of a buffer sets TAG_MEMORY on it. Others copy
 * all flags from one buffer to another (GstBaseParse does), which can take that away: so the
 * memory has to be looked at, too, of which no more than a GstMemory is known yet. */
static inline GstAfringSlot *
get_likely_slot (GstBuffer * buffer)
{
  if (GST_MINI_OBJECT_CAST (buffer)->dispose != slot_dispose
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_TAG_MEMORY))
    return NULL;
  return (GstAfringSlot *) gst_buffer_peek_memory (buffer, 0);
}

/* Memory by itself, or shared from another, has no slots. */
GstAfringSlot *
gst_afring_slot_peek (GstBuffer * buffer)
{
  GstAfringSlot *slot = get_likely_slot (buffer);

  if (slot == NULL || G_UNLIKELY (gst_afring_memory_peek (&slot->memory.mem) == NULL
          || slot->memory.slots == NULL || slot->buffer != buffer))
    return NULL;
  return slot;
}

/* The slot of a buffer that is as it was made, but for what can be put right;
 * NULL if it is not: a memory was replaced, or somebody holds on to it. */
static GstAfringSlot *
get_intact_slot (GstBuffer * buffer)
{
  GstAfringSlot *slot = gst_afring_slot_peek (buffer);

  return slot != NULL && GST_MINI_OBJECT_REFCOUNT_VALUE (slot) == 1 ? slot : NULL;
}

static gboolean
slot_dispose (GstMiniObject * object)
{
  GstBuffer *buffer = (GstBuffer *) object;
  GstAfringSlot *slot = get_intact_slot (buffer);
  GstAfringLease *lease;

  /* What others did with it is before this by the decrement to none, which is GStreamer's own:
   * a load, which costs nothing, is where ThreadSanitizer sees that. */
  if (slot == NULL || GST_MINI_OBJECT_REFCOUNT_VALUE (object) != 0
      || !may_keep (slot->memory.slots, &slot->memory.slots->n_slots,
          MOST_FREE_SLOTS))
    return TRUE;
  set_refs (object, 1);
  if (gst_afring_slot_has_more_meta (slot))
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
  lease = g_steal_pointer (&slot->memory.lease);
  push_slot (slot->memory.slots, slot);
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

  if (GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) != 1)
    return NULL;
  slot = get_likely_slot (buffer);
  if (slot == NULL || slot->memory.mem.allocator != self->owner->allocator
      || slot->memory.slots != self->owner || slot->buffer != buffer
      || GST_MINI_OBJECT_REFCOUNT_VALUE (slot) != 1 || slot->memory.lease == NULL
      || (lease != NULL && slot->memory.lease != lease))
    return NULL;
  return slot;
}

/* Leaves in the list what has come back with it, and says how much that is. Nobody keeps
 * much of a list, as a rule: a sink its last sample; or he keeps all of it, as a jitter
 * buffer, and the list comes back without them. */
static guint
keep_intact (GstAfringSlotList * self, GstAfringLease ** lease)
{
  guint n = gst_buffer_list_length (self->list), intact = 0;
  guint lost[MOST_LOST], n_lost = 0;

  *lease = NULL;
  for (guint i = 0; i < n && n_lost <= MOST_LOST; i++) {
    GstAfringSlot *slot = G_LIKELY (intact < GST_AFRING_SLOTS_LIST_LENGTH) ?
        get_listed_slot (self, i, *lease) : NULL;

    if (G_LIKELY (slot != NULL)) {
      *lease = slot->memory.lease;
      self->slots[intact++] = slot;
    } else if (n_lost++ < MOST_LOST) {
      lost[n_lost - 1] = i;
    }
  }
  if (n_lost > MOST_LOST) {
    gst_buffer_list_remove (self->list, 0, n);
    return 0;
  }
  while (n_lost > 0)
    gst_buffer_list_remove (self->list, lost[--n_lost], 1);
  return intact;
}

/* A list comes back as it is, but for what others have, and gives the references of its
 * packets to the lease back at once. */
static gboolean
list_dispose (GstMiniObject * object)
{
  GstAfringSlotList *self =
      gst_mini_object_get_qdata (object, get_quark ());
  GstAfringLease *lease;
  guint n;

  if (g_atomic_int_get (&self->owner->closed))
    return TRUE;
  /* what is taken out can be the last that a ring waits for: before anything is counted */
  set_refs (object, 1);
  n = keep_intact (self, &lease);
  if (!may_keep (self->owner, &self->owner->n_lists, MOST_FREE_LISTS)) {
    set_refs (object, 0);
    return TRUE;
  }
  for (guint i = 0; i < n; i++) {
    GstAfringSlot *slot = self->slots[i];

    slot->memory.lease = NULL;
    if (gst_afring_slot_has_more_meta (slot))
      gst_buffer_foreach_meta (slot->buffer, remove_foreign_meta, NULL);
  }
  self->length = n;
  push_list (self->owner, self);
  if (n > 0)
    gst_afring_lease_unref_many (lease, n);
  return FALSE;
}

/* Going out. */

static void
keep_meta (GstMeta * meta)
{
  GST_META_FLAG_SET (meta, GST_META_FLAG_POOLED | GST_META_FLAG_LOCKED);
}

static GstAfringSlot *
make_slot (GstAfringSlots * self)
{
  GstAfringSlot *slot = g_new0 (GstAfringSlot, 1);
  GstBuffer *buffer = gst_buffer_new ();

  gst_afring_memory_init (&slot->memory, self->bytes);
  slot->memory.slots = slots_ref (self);
  gst_buffer_append_memory (buffer, GST_MEMORY_CAST (slot));
  slot->buffer = buffer;
  slot->meta = gst_buffer_add_packet_meta (buffer);
  keep_meta (&slot->meta->meta);
  gst_buffer_iterate_meta (buffer, &slot->meta_state);
  if (self->func != NULL) {
    slot->more = self->func (buffer);
    keep_meta (slot->more);
    gst_buffer_iterate_meta (buffer, &slot->meta_state);
  }
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_TAG_MEMORY);
  GST_MINI_OBJECT_CAST (buffer)->dispose = slot_dispose;
  return slot;
}

/* What has been taken is counted now and then, and not for each slot. */
static void
count_taken (GstAfringSlots * self)
{
  g_atomic_int_add (&self->n_slots, -self->taken_slots);
  self->taken_slots = 0;
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
  if (++self->taken_slots == GST_AFRING_SLOTS_LIST_LENGTH)
    count_taken (self);
  return slot;
}

static void
free_list_data (gpointer data)
{
  GstAfringSlotList *self = data;

  gst_afring_slots_unref (self->owner);
  g_free (self);
}

static GstAfringSlotList *
make_list (GstAfringSlots * owner)
{
  GstAfringSlotList *self = g_new0 (GstAfringSlotList, 1);

  self->owner = slots_ref (owner);
  self->list = gst_buffer_list_new_sized (GST_AFRING_SLOTS_LIST_LENGTH);
  gst_mini_object_set_qdata (GST_MINI_OBJECT_CAST (self->list), get_quark (),
      self, free_list_data);
  GST_MINI_OBJECT_CAST (self->list)->dispose = list_dispose;
  return self;
}

GstAfringSlots *
gst_afring_slots_new (GstAfringBytes bytes, GstAfringSlotFunc func)
{
  GstAfringSlots *self = g_new0 (GstAfringSlots, 1);

  self->refs = 1;
  self->bytes = bytes;
  self->allocator = gst_afring_memory_get_allocator (bytes);
  self->func = func;
  gst_afring_fork_watch ();
  self->generation = gst_afring_fork_generation;
  return self;
}

GstAfringSlots *
gst_afring_slots_get (GstAfringRing * ring)
{
  if (ring->slots == NULL)
    ring->slots = gst_afring_slots_new (GST_AFRING_BYTES_RING, NULL);
  return ring->slots;
}

/* In the order in which they came back: where several are in use at a time, one for each
 * flow, each gets the one again that has its sender's address. */
static GstAfringSlotList *
take_returned_lists (GstAfringSlots * self)
{
  GstAfringSlotList *list =
      __atomic_exchange_n (&self->returned_lists, NULL, __ATOMIC_ACQUIRE);
  GstAfringSlotList *first = NULL;

  while (list != NULL) {
    GstAfringSlotList *next = list->next;

    list->next = first;
    first = list;
    list = next;
  }
  return first;
}

GstAfringSlotList *
gst_afring_slots_take_list (GstAfringSlots * self)
{
  GstAfringSlotList *list;

  if (self->free_lists == NULL)
    self->free_lists = take_returned_lists (self);
  list = self->free_lists;
  if (list == NULL)
    return make_list (self);
  self->free_lists = list->next;
  g_atomic_int_add (&self->n_lists, -1);
  return list;
}

void
gst_afring_slots_put_back (GstAfringSlots * self, GstAfringSlotList * list)
{
  g_atomic_int_inc (&self->n_lists);
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

static void
free_returned (GstAfringSlots * self)
{
  gint lists = free_lists (__atomic_exchange_n (&self->returned_lists, NULL,
          __ATOMIC_ACQUIRE));
  gint slots = free_slots (__atomic_exchange_n (&self->returned_slots, NULL,
          __ATOMIC_ACQUIRE));

  g_atomic_int_add (&self->n_lists, -lists);
  g_atomic_int_add (&self->n_slots, -slots);
}

void
gst_afring_slots_close (GstAfringSlots * self)
{
  gint lists, slots;

  g_atomic_int_set (&self->closed, TRUE);
  lists = free_lists (g_steal_pointer (&self->free_lists));
  slots = free_slots (g_steal_pointer (&self->free_slots));
  g_atomic_int_add (&self->n_lists, -lists);
  g_atomic_int_add (&self->n_slots, -slots);
  count_taken (self);

  /* in a forked child those who have counted may not be there */
  free_returned (self);
  while ((g_atomic_int_get (&self->n_lists) > 0
          || g_atomic_int_get (&self->n_slots) > 0)
      && self->generation == gst_afring_fork_generation) {
    g_thread_yield ();
    free_returned (self);
  }
}
