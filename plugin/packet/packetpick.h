/* gst-afring: the packets of a list that go on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetpad.h"

G_BEGIN_DECLS

typedef gboolean (*PacketPickFunc) (GstBuffer *buffer,
                                    gpointer   user_data);

/* Those that @passes, in a list of their own; NULL: all do, and the list can go on as it
 * is. What goes on tells of what was lost, though the buffer that said so stays. */
GstBufferList * packet_pick (PacketPad      *out,
                             GstBufferList  *list,
                             PacketPickFunc  passes,
                             gpointer        user_data);

G_END_DECLS
