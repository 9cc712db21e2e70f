/* gst-afring: packets that are given on together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* At most so many, */
#define PCAP_LIST_MOST_PACKETS 8192
/* from so long a time, */
#define PCAP_LIST_SPAN GST_MSECOND
/* of which so much is for packets that are older than the first. */
#define PCAP_LIST_DISORDER (PCAP_LIST_SPAN / 10)

/* All zero at first. For each packet: not worth calls. */
typedef struct
{
  GstBufferList *list;          /* or NULL */
  guint n;
  GstClockTime time;            /* of its first packet that has one */
} PcapList;

/* A packet has been put into @list, which is another one than before if it is the first. */
static inline void
pcap_list_count (PcapList * self, GstBufferList * list, GstClockTime time)
{
  if (self->list == NULL) {
    self->list = list;
    self->n = 0;
    self->time = GST_CLOCK_TIME_NONE;
  }
  if (self->time == GST_CLOCK_TIME_NONE)
    self->time = time;
  self->n++;
}

/* Takes the buffer. */
static inline void
pcap_list_add (PcapList * self, GstBuffer * buffer, GstClockTime time)
{
  pcap_list_count (self, self->list != NULL ? self->list : gst_buffer_list_new (),
      time);
  gst_buffer_list_add (self->list, buffer);
}

/* Whether a packet of this time begins another one. */
static inline gboolean
pcap_list_is_full (const PcapList * self, GstClockTime time)
{
  if (self->list == NULL)
    return FALSE;
  if (self->n == PCAP_LIST_MOST_PACKETS)
    return TRUE;
  if (time == GST_CLOCK_TIME_NONE || self->time == GST_CLOCK_TIME_NONE)
    return FALSE;
  return time - self->time + PCAP_LIST_DISORDER > PCAP_LIST_SPAN;
}

/* NULL if there is none. */
static inline GstBufferList *
pcap_list_take (PcapList * self)
{
  return g_steal_pointer (&self->list);
}

static inline void
pcap_list_clear (PcapList * self)
{
  g_clear_pointer (&self->list, gst_buffer_list_unref);
}

G_END_DECLS
