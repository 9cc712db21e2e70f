/* A part of a packet that a thread has, and what its bytes have to be.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a packet was on arrival. */
typedef struct
{
  gint refs;                    /* atomic */
  guint64 number;
  gsize size;
  guint8 bytes[];
} StressPacket;

/* A buffer with @size bytes of the packet, from @offset on. */
typedef struct
{
  GstBuffer *buffer;
  StressPacket *packet;
  gsize offset, size;
  gboolean mapped;
  GstMapInfo map;
} StressItem;

/* A copy of the whole packet is made. All these end the program at a wrong byte. */
StressItem * stress_item_new   (GstBuffer   *buffer,
                                guint64      number);

/* An item with @size of its bytes, from @offset of it on, in the same memory; if
 * @bare, without its metas. */
StressItem * stress_item_share (StressItem  *item,
                                gsize        offset,
                                gsize        size,
                                gboolean     bare);

void         stress_item_map   (StressItem  *item,
                                GstMapFlags  flags);

/* Reads it once more, through the pointer that it had all the time. */
void         stress_item_unmap (StressItem  *item);

/* Reads it for the last time. */
void         stress_item_free  (StressItem  *item);

/* A packet of afringmocksrc: headers, its number, zeros. */
void         stress_check_synthetic (const GstMapInfo *map,
                                     gsize             size,
                                     guint64           number);

/* Says why and exits with 1, on any thread. */
void         stress_die        (const gchar *format,
                                ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

G_END_DECLS
