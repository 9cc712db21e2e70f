/* gst-afring: packets that are held, to be recorded or not
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapcontrol.h"

G_BEGIN_DECLS

/* One piece of memory in which a stream is held in the order in which it came: packets,
 * blocks with packets, and controls. It is filled, then replayed into a recorder, and
 * used again. Of one thread at a time. */
typedef struct
{
  guint8 *memory;
  gsize capacity;
  gsize length;
  GPtrArray *controls;          /* PcapControl, owned */
  guint64 packets;
  guint64 bytes;                /* of what is recorded */
  GstClockTime first_time;      /* least and greatest of its packets; NONE: none */
  GstClockTime last_time;
  gint64 since;                 /* monotonic, microseconds: of whoever fills it */
  GstClockTime skip_before;     /* packets of earlier times are not for the file */
} PcapHeld;

/* NULL if the machine has no memory for it. */
PcapHeld * pcap_held_new         (gsize                capacity);
void       pcap_held_free        (PcapHeld            *self);
void       pcap_held_reset       (PcapHeld            *self);

/* TRUE if something of @size bytes has a place in it. */
gboolean   pcap_held_has_room    (const PcapHeld      *self,
                                  gsize                size);

/* What an empty one needs for that. */
gsize      pcap_held_get_needed  (gsize                size);

/* These for what there is room for. */
void       pcap_held_add_packet  (PcapHeld            *self,
                                  const GstPcapPacket *packet);

/* As pcap_recorder_append_block(), of a packet, or without one of what goes with the
 * packets around it. */
void       pcap_held_add_block   (PcapHeld            *self,
                                  const guint8        *block,
                                  gsize                length,
                                  const GstPcapPacket *packet);

/* As pcap_recorder_append_buffer(). */
void       pcap_held_add_buffer  (PcapHeld            *self,
                                  GstBuffer           *buffer,
                                  guint                packets,
                                  GstClockTime         first_time,
                                  GstClockTime         last_time);

void       pcap_held_add_control (PcapHeld            *self,
                                  PcapControl         *control);

/* Those in it, PcapControl, which it has no more then; transfer full. */
GPtrArray * pcap_held_take_controls (PcapHeld         *self);

/* Where its packets are after a replay. */
typedef struct
{
  guint64 skipped;              /* they are not for the file */
  guint64 lost;                 /* they could not be recorded */
} PcapHeldCounts;

/* Gives all of it to @recorder, without whose lock this is called. */
PcapRecorderResult pcap_held_replay (PcapHeld         *self,
                                  PcapRecorder        *recorder,
                                  PcapHeldCounts      *counts);

G_END_DECLS
