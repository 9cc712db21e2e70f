/* gst-afring: lists of packets, cut by time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetlist.h"

#define LONGEST GST_MSECOND

/* What is as dense as that stays together if it is not longer than this, which is a
 * block of the ring: nobody sends it one by one in time, and to take it apart costs a
 * fourth of what it costs to take the headers off. */
#define DENSE 100               /* packets in LONGEST */
#define LONGEST_DENSE (10 * LONGEST)

/* Neighbours can be out of order. */
static GstClockTime
get_distance (GstClockTime a, GstClockTime b)
{
  if (!GST_CLOCK_TIME_IS_VALID (a) || !GST_CLOCK_TIME_IS_VALID (b))
    return 0;
  return a < b ? b - a : a - b;
}

static gboolean
goes_as_it_is (GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstClockTime span;

  if (n < 2)
    return TRUE;
  span = get_distance (GST_BUFFER_PTS (gst_buffer_list_get (list, 0)),
      GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1)));
  return span <= LONGEST
      || (span <= LONGEST_DENSE && n >= DENSE * span / LONGEST);
}

/* The first packets, as many as go together, in a list of their own. Takes them; how
 * many they were. */
static guint
take_part (GstBuffer ** buffers, guint n, GstBufferList ** part)
{
  GstClockTime start = GST_BUFFER_PTS (buffers[0]);
  guint i;

  *part = gst_buffer_list_new ();
  for (i = 0; i < n; i++) {
    if (get_distance (start, GST_BUFFER_PTS (buffers[i])) > LONGEST)
      break;
    if (!GST_CLOCK_TIME_IS_VALID (start))
      start = GST_BUFFER_PTS (buffers[i]);
    gst_buffer_list_add (*part, buffers[i]);
  }
  return i;
}

/* The old list has to be gone before a packet is put into a new one: one that is in
 * two lists at a time has memory allocated for its parents, and cannot be changed
 * where it is. */
static GstFlowReturn
give_parts (GstBufferList * list, PacketListFunc func, gpointer user_data)
{
  guint n = gst_buffer_list_length (list);
  g_autofree GstBuffer **buffers = g_new (GstBuffer *, n);
  GstFlowReturn ret = GST_FLOW_OK;
  GstBufferList *part;
  guint i = 0;

  for (guint at = 0; at < n; at++)
    buffers[at] = gst_buffer_ref (gst_buffer_list_get (list, at));
  gst_buffer_list_unref (list);
  while (ret == GST_FLOW_OK && i < n) {
    i += take_part (buffers + i, n - i, &part);
    ret = func (part, user_data);
  }
  for (; i < n; i++)
    gst_buffer_unref (buffers[i]);
  return ret;
}

GstFlowReturn
packet_list_give (GstBufferList * list, PacketListFunc func,
    gpointer user_data)
{
  if (goes_as_it_is (list))
    return func (list, user_data);
  return give_parts (list, func, user_data);
}
