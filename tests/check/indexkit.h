/* gst-afring tests: packets that are hostile, and expressions about them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>

/* All of it follows from the seed of the random numbers. */

/* A packet of a link type, as it was captured. */
typedef struct
{
  guint interface;              /* 0: Ethernet, 1: raw IP, 2: SLL, 3: SLL2 */
  guint link_type;
  guint8 data[512];
  guint captured, wire;
  GstClockTime time;
  guint64 offset;               /* of its block in the file */
} KitPacket;

#define KIT_INTERFACES 4

void         kit_make_packet      (GRand               *rand,
                                   KitPacket           *packet);

/* Of one of the interfaces. */
void         kit_make_packet_of   (GRand               *rand,
                                   guint                interface,
                                   KitPacket           *packet);

/* An expression, which need not compile for each link type. */
gchar *      kit_make_expression  (GRand               *rand);

/* A file of packets, without its index; sets their offsets. The builder is fed. */
GByteArray * kit_make_file        (KitPacket           *packets,
                                   guint                n,
                                   GstPcapIndexBuilder *builder,
                                   guint                every);

/* A read function over a GByteArray. */
GBytes *     kit_read             (guint64              offset,
                                   gsize                n,
                                   gpointer             user_data,
                                   GError             **error);

/* The index of a file that is there as a whole. */
GstPcapIndex * kit_open           (GByteArray          *file);

/* Of the environment. */
guint        kit_get_number       (const gchar         *name,
                                   guint                otherwise);

/* All pieces, each read by itself as somebody does who reads only some, are all packets of
 * the file. Returns the index. */
GstPcapIndex * kit_check_file     (const GByteArray    *file);

/* Bytes that no index covers. */
guint64      kit_get_unindexed    (GstPcapIndex        *index);
