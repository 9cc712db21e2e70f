/* gst-afring: lists of packets, cut by time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef GstFlowReturn (*PacketListFunc) (GstBufferList *list,
                                         gpointer       user_data);

/* Gives a list on, cut into lists of no more than a millisecond of stream time. A
 * sink that waits for the time of a packet waits for the first of a list, and sends
 * the others with it (GstBaseSink with render_list, such as udpsink). Takes @list;
 * @func takes what it gets. Where there are 100 packets and more in a millisecond it may
 * be 10. A list that is short enough goes on as it is. Ends at the first return that is
 * not OK. */
GstFlowReturn packet_list_give (GstBufferList *list,
                                PacketListFunc func,
                                gpointer       user_data);

G_END_DECLS
