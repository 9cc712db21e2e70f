/* gst-afring: lists of buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "slotlist.h"

void
slot_list_begin (SlotList * self, GstAfringSlots * slots)
{
  self->slots = gst_afring_slots_take_list (slots);
  self->list = self->slots->list;
  self->n = 0;
}

/* Behind it there are no slots to be used: the list is one like others. */
void
slot_list_add (SlotList * self, GstBuffer * buffer)
{
  slot_list_close (self);
  if (self->list == NULL)
    self->list = gst_buffer_list_new ();
  gst_buffer_list_add (self->list, buffer);
}

void
slot_list_close (SlotList * self)
{
  if (self->slots != NULL)
    gst_afring_slots_cut_list (self->slots->owner, self->slots, self->n);
  self->slots = NULL;
}

GstBufferList *
slot_list_steal (SlotList * self)
{
  slot_list_close (self);
  return g_steal_pointer (&self->list);
}

void
slot_list_clear (SlotList * self)
{
  slot_list_close (self);
  g_clear_pointer (&self->list, gst_buffer_list_unref);
}
