/* gst-afring: packet buffers that are used again (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/ring/gstafringmemory-private.h>

G_BEGIN_DECLS

/* A buffer, its memory and its meta, made once and used for one packet after the
 * other, in the manner of GstBufferPool but without its lock. They come back when
 * the last reference goes, from any thread: alone, or as a whole list of which
 * nobody kept a buffer. What downstream has changed beyond use is freed instead.
 *
 * Slots belong to a ring, which lives as long as any buffer over it. */
typedef struct _GstAfringSlots GstAfringSlots;

typedef struct _GstAfringSlot GstAfringSlot;
struct _GstAfringSlot
{
  GstAfringMemory memory;
  GstBuffer *buffer;
  GstPacketMeta *meta;
  gpointer meta_state;          /* gst_buffer_iterate_meta() goes on behind it */
  GstAfringSlots *slots;
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
  GstAfringSlotList *next;
};

/* The slots of a ring. For the thread that makes buffers, as the next four. */
GstAfringSlots *    gst_afring_slots_get        (GstAfringRing     *ring);

/* A list that has slots from its last use, or none. */
GstAfringSlotList * gst_afring_slots_take_list  (GstAfringSlots    *self);

/* Takes a list back that was not needed after all. */
void                gst_afring_slots_put_back   (GstAfringSlots    *self,
                                                 GstAfringSlotList *list);

/* One more slot at the end of the list. */
GstAfringSlot *     gst_afring_slots_grow_list  (GstAfringSlots    *self,
                                                 GstAfringSlotList *list);

/* Leaves the first @length slots in the list. */
void                gst_afring_slots_cut_list   (GstAfringSlots    *self,
                                                 GstAfringSlotList *list,
                                                 guint              length);

/* From now on nothing is kept for later. No more buffers are made. */
void                gst_afring_slots_close      (GstAfringSlots    *self);

/* Called by the ring, when there is no buffer any more. */
void                gst_afring_slots_free       (GstAfringSlots    *self);

G_END_DECLS
