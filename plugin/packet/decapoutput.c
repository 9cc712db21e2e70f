/* gst-afring: packets of several link types on one pad
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "decapoutput.h"
#include "common/streamcaps.h"

#include <gst/afring/packet/gstpacketmeta.h>

/* Buffers of a list that begins where the link type changes: it may do so each time. */
#define ROOM 16

void
decap_output_init (DecapOutput * self, GstPad * pad)
{
  packet_pad_init (&self->pad, pad);
  self->interfaces = decap_interfaces_new ();
  self->link_type = self->said = -1;
}

void
decap_output_clear (DecapOutput * self)
{
  gst_clear_event (&self->segment);
  decap_interfaces_free (self->interfaces);
}

void
decap_output_reset (DecapOutput * self, gboolean new_stream)
{
  packet_pad_reset (&self->pad);
  gst_clear_event (&self->segment);
  if (!new_stream)
    return;
  decap_interfaces_clear (self->interfaces);
  /* the caps of the pad that packets come to stay until others come */
  self->said = -1;
}

static void
say_link_type (DecapOutput * self, guint link_type)
{
  GstCaps *caps = stream_caps_new_packets (link_type);

  gst_pad_push_event (self->pad.pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  self->said = link_type;
  if (self->segment != NULL)
    gst_pad_push_event (self->pad.pad, g_steal_pointer (&self->segment));
}

void
decap_output_push_segment (DecapOutput * self, GstEvent * event)
{
  packet_pad_new_segment (&self->pad);
  gst_clear_event (&self->segment);
  if (self->said < 0)
    self->segment = event;
  else
    gst_pad_push_event (self->pad.pad, event);
}

void
decap_output_ensure_caps (DecapOutput * self)
{
  if (self->said < 0 && self->link_type >= 0)
    say_link_type (self, self->link_type);
}

static guint32
get_interface (GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  return meta != NULL ? meta->interface_id : 0;
}

/* A packet of this link type is going to be pushed: TRUE if something has to be said
 * before, in which case @event is the interface, or NULL. */
static gboolean
is_new (DecapOutput * self, GstBuffer * buffer, guint link_type,
    GstEvent ** event)
{
  *event = decap_interfaces_announce (self->interfaces,
      get_interface (buffer), link_type);
  return *event != NULL || self->said != (gint) link_type;
}

static void
announce (DecapOutput * self, guint link_type, GstEvent * event)
{
  if (event != NULL)
    gst_pad_push_event (self->pad.pad, event);
  if (self->said != (gint) link_type)
    say_link_type (self, link_type);
}

static void
advance (DecapOutput * self, GstClockTime time, guint withheld)
{
  if (packet_pad_begins_with_gap (&self->pad, time, withheld))
    decap_output_ensure_caps (self);
  packet_pad_advance (&self->pad, time, withheld);
}

GstFlowReturn
decap_output_push (DecapOutput * self, GstBuffer * buffer)
{
  guint link_type = self->link_type;
  GstBuffer *result = packet_decapper_open (self->decapper, buffer,
      gst_buffer_is_writable (buffer), &link_type);
  GstEvent *event;

  if (result == NULL) {
    packet_pad_withhold (&self->pad, buffer);
    advance (self, GST_BUFFER_PTS (buffer), 1);
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  if (result != buffer)
    gst_buffer_unref (buffer);
  if (is_new (self, result, link_type, &event))
    announce (self, link_type, event);
  return packet_pad_push (&self->pad, result);
}

/* Lists. What goes on as it is, or changed where it is, stays in its list for as long as
 * there is nothing to be said between; then it goes to others. */
typedef struct
{
  GstBufferList *list;          /* that came */
  GstBufferList *rest;          /* NULL: all up to here is in the list yet */
  GstFlowReturn ret;
} Sorting;

static void
begin_rest (Sorting * sorting, guint n_before, guint room)
{
  sorting->rest = gst_buffer_list_new_sized (room);
  for (guint i = 0; i < n_before; i++)
    gst_buffer_list_add (sorting->rest,
        gst_buffer_ref (gst_buffer_list_get (sorting->list, i)));
}

static void
push_rest (DecapOutput * self, Sorting * sorting)
{
  GstBufferList *rest = g_steal_pointer (&sorting->rest);

  if (gst_buffer_list_length (rest) > 0 && sorting->ret == GST_FLOW_OK)
    sorting->ret = packet_pad_push_list (&self->pad, rest);
  else
    gst_buffer_list_unref (rest);
}

/* A buffer of the list that becomes part of another is referred to twice. */
static void
sort (DecapOutput * self, Sorting * sorting, guint i, gboolean writable)
{
  GstBuffer *buffer = gst_buffer_list_get (sorting->list, i);
  gboolean in_place = writable && GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) == 1;
  guint link_type = self->link_type, n = gst_buffer_list_length (sorting->list);
  GstBuffer *result = packet_decapper_open (self->decapper, buffer, in_place,
      &link_type);
  GstEvent *event = NULL;
  gboolean speaks;

  if (result == NULL) {
    if (sorting->rest == NULL)
      begin_rest (sorting, i, n);
    packet_pad_withhold (&self->pad, buffer);
    return;
  }
  speaks = is_new (self, result, link_type, &event);
  if (result == buffer && !speaks && sorting->rest == NULL
      && (in_place || !self->pad.discont)) {
    packet_pad_mark (&self->pad, buffer);
    return;
  }
  if (sorting->rest == NULL)
    begin_rest (sorting, i, n);
  if (speaks) {
    push_rest (self, sorting);
    announce (self, link_type, event);
    begin_rest (sorting, 0, MIN (n - i, ROOM));
  }
  if (result == buffer && in_place)
    packet_pad_mark (&self->pad, buffer);
  if (result == buffer)
    gst_buffer_ref (result);
  gst_buffer_list_add (sorting->rest,
      packet_pad_mark_shared (&self->pad, result));
}

GstFlowReturn
decap_output_push_list (DecapOutput * self, GstBufferList * list)
{
  gboolean writable = gst_buffer_list_is_writable (list);
  guint n = gst_buffer_list_length (list);
  Sorting sorting = { list, NULL, GST_FLOW_OK };
  GstClockTime time;
  guint left = 0;

  if (n == 0) {
    gst_buffer_list_unref (list);
    return GST_FLOW_OK;
  }
  time = GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1));
  for (guint i = 0; i < n && sorting.ret == GST_FLOW_OK; i++)
    sort (self, &sorting, i, writable);
  if (sorting.rest == NULL)
    return packet_pad_push_list (&self->pad, list);
  left = gst_buffer_list_length (sorting.rest);
  gst_buffer_list_unref (list);
  push_rest (self, &sorting);
  if (sorting.ret == GST_FLOW_OK && left == 0)
    advance (self, time, n);
  return sorting.ret;
}
