/* gst-afring: packet buffers that are used again (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/ring/gstafringmemory-private.h>

G_BEGIN_DECLS

/* A buffer, its memory and its metas, made once and used for one packet after the
 * other, in the manner of GstBufferPool but without its lock. They come back when
 * the last reference goes, from any thread: alone, or as a whole list of which
 * nobody kept a buffer. What downstream has changed beyond use is freed instead.
 *
 * A ring has slots for its source, who reads a file has some, and an element that makes
 * other buffers of the same bytes has its own. Slots last as long as any buffer of
 * theirs. */
typedef struct _GstAfringSlots GstAfringSlots;

typedef struct _GstAfringSlot GstAfringSlot;
struct _GstAfringSlot
{
  GstAfringMemory memory;
  GstBuffer *buffer;
  GstPacketMeta *meta;
  GstMeta *more;                /* that stays too, behind it, or NULL */
  gpointer meta_state;          /* gst_buffer_iterate_meta() goes on behind them */
  GstAfringSlot *next;          /* in a chain of free ones */
};

/* Packets in a list, at most: not more than a processor's cache has room for. */
#define GST_AFRING_SLOTS_LIST_LENGTH 256

/* A list and its slots. */
typedef struct _GstAfringSlotList GstAfringSlotList;
struct _GstAfringSlotList
{
  GstBufferList *list;
  guint length;
  GstAfringSlot *slots[GST_AFRING_SLOTS_LIST_LENGTH];
  GstAfringSlots *owner;
  GstAfringSlotList *next;
};

/* Adds a meta to the buffer of a new slot. */
typedef GstMeta * (* GstAfringSlotFunc)        (GstBuffer         *buffer);

/* @func adds the meta that each slot has besides GstPacketMeta; NULL: there is none. */
GST_AFRING_API
GstAfringSlots *    gst_afring_slots_new        (GstAfringBytes     bytes,
                                                 GstAfringSlotFunc  func);

/* The slots of a ring. For the thread that makes buffers, as all but the last. */
GstAfringSlots *    gst_afring_slots_get        (GstAfringRing     *ring);

/* A list that has slots from its last use, or none. */
GST_AFRING_API
GstAfringSlotList * gst_afring_slots_take_list  (GstAfringSlots    *self);

/* Takes a list back that was not needed after all. */
GST_AFRING_API
void                gst_afring_slots_put_back   (GstAfringSlots    *self,
                                                 GstAfringSlotList *list);

/* One more slot at the end of the list, which has room for it. */
GST_AFRING_API
GstAfringSlot *     gst_afring_slots_grow_list  (GstAfringSlots    *self,
                                                 GstAfringSlotList *list);

/* Leaves the first @length slots in the list. */
GST_AFRING_API
void                gst_afring_slots_cut_list   (GstAfringSlots    *self,
                                                 GstAfringSlotList *list,
                                                 guint              length);

/* From now on nothing is kept for later. No more buffers are made. */
GST_AFRING_API
void                gst_afring_slots_close      (GstAfringSlots    *self);

/* Of whoever made it, after gst_afring_slots_close(). Any thread: a slot that ends has
 * a reference too. */
GST_AFRING_API
void                gst_afring_slots_unref      (GstAfringSlots    *self);

/* The slot of a packet whose memory nobody has exchanged, whoever has it; NULL for any other
 * buffer. */
GST_AFRING_API
GstAfringSlot *     gst_afring_slot_peek        (GstBuffer         *buffer);

/* Somebody has added a meta to those that a slot has. */
static inline gboolean
gst_afring_slot_has_more_meta (const GstAfringSlot * self)
{
  gpointer state = self->meta_state;

  return gst_buffer_iterate_meta (self->buffer, &state) != NULL;
}

/* The slot number @n of a list that has at least so many. */
static inline GstAfringSlot *
gst_afring_slots_get_slot (GstAfringSlots * self, GstAfringSlotList * list,
    guint n)
{
  return n < list->length ? list->slots[n] :
      gst_afring_slots_grow_list (self, list);
}

G_END_DECLS
