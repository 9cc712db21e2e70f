/* gst-afring: lists of buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringslots.h>

G_BEGIN_DECLS

/* A list that is being filled, with slots as long as there is room for them, and with other
 * buffers behind. Its owner sets all to 0 before and between. */
typedef struct
{
  GstBufferList *list;          /* NULL: none is begun */
  GstAfringSlotList *slots;     /* it has slots that are to be used, or NULL */
  guint n;                      /* of those, are used */
} SlotList;

void            slot_list_begin (SlotList       *self,
                                 GstAfringSlots *slots);

/* Puts another buffer at the end. Takes it. */
void            slot_list_add   (SlotList       *self,
                                 GstBuffer      *buffer);

/* Only what has been added is in the list from now on: before anybody looks. */
void            slot_list_close (SlotList       *self);

/* Closes it and gives it out; NULL if it has not been begun. */
GstBufferList * slot_list_steal (SlotList       *self);

void            slot_list_clear (SlotList       *self);

static inline gboolean
slot_list_has_room (const SlotList * self)
{
  return self->slots != NULL && self->n < GST_AFRING_SLOTS_LIST_LENGTH;
}

/* The next slot, where there is room. All that it has of its last packet is to be
 * written over. */
static inline GstAfringSlot *
slot_list_take (SlotList * self)
{
  return gst_afring_slots_get_slot (self->slots->owner, self->slots, self->n++);
}

G_END_DECLS
