/* gst-afring: lists of packets, cut by time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetlist.h"

#define LONGEST GST_MSECOND

/* Neighbours can be out of order. */
static gboolean
are_apart (GstClockTime a, GstClockTime b)
{
  if (!GST_CLOCK_TIME_IS_VALID (a) || !GST_CLOCK_TIME_IS_VALID (b))
    return FALSE;
  return (a < b ? b - a : a - b) > LONGEST;
}

/* Puts packets from @from on into a list of their own; where the next one begins. */
static guint
copy_part (GstBufferList * list, guint from, GstBufferList ** part)
{
  guint n = gst_buffer_list_length (list), i = from;
  GstClockTime start = GST_CLOCK_TIME_NONE;

  *part = gst_buffer_list_new ();
  for (; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    if (are_apart (start, GST_BUFFER_PTS (buffer)))
      break;
    if (!GST_CLOCK_TIME_IS_VALID (start))
      start = GST_BUFFER_PTS (buffer);
    gst_buffer_list_add (*part, gst_buffer_ref (buffer));
  }
  return i;
}

/* The parts have to be the only ones that hold the packets before the first goes on:
 * else they could not be changed where they are. */
static GstFlowReturn
give_parts (GstBufferList * list, PacketListFunc func, gpointer user_data)
{
  guint n = gst_buffer_list_length (list), i = 0;
  GQueue parts = G_QUEUE_INIT;
  GstFlowReturn ret = GST_FLOW_OK;
  GstBufferList *part;

  while (i < n) {
    i = copy_part (list, i, &part);
    g_queue_push_tail (&parts, part);
  }
  gst_buffer_list_unref (list);
  while (ret == GST_FLOW_OK && (part = g_queue_pop_head (&parts)) != NULL)
    ret = func (part, user_data);
  g_queue_clear_full (&parts, (GDestroyNotify) gst_buffer_list_unref);
  return ret;
}

GstFlowReturn
packet_list_give (GstBufferList * list, PacketListFunc func,
    gpointer user_data)
{
  guint n = gst_buffer_list_length (list);

  if (n < 2 || !are_apart (GST_BUFFER_PTS (gst_buffer_list_get (list, 0)),
          GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1))))
    return func (list, user_data);
  return give_parts (list, func, user_data);
}
