/* gst-afring: what became of the packets that were to be sent
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Each packet that came is counted once: in one of those up to SINK_FLUSHED. */
typedef enum
{
  SINK_SENT,                    /* the kernel took it */
  SINK_TOO_BIG,                 /* for the interface's MTU */
  SINK_TOO_SHORT,               /* for a link header, or the kernel found it so */
  SINK_NO_FRAME,                /* no frame of the interface can be made of it */
  SINK_QUEUE_FULL,
  SINK_REFUSED,                 /* by what is behind the socket: a rule, a shaper */
  SINK_LINK_DOWN,
  SINK_LATE,                    /* later than max-lateness */
  SINK_OUTSIDE_SEGMENT,
  SINK_FLUSHED,                 /* here at a flush, a stop, an error */
  /* Of those that were sent. */
  SINK_CUT,                     /* by the snaplen of their capture */
  SINK_CHECKSUMMED,             /* their checksum was left to the kernel */
  SINK_SEGMENTED,               /* cut to the MTU by the kernel */
  SINK_N_FATES
} SinkFate;

/* Any thread may read what one thread counts. */
typedef struct _SinkCounters SinkCounters;

SinkCounters * sink_counters_new           (void);

void           sink_counters_free          (SinkCounters *self);

void           sink_counters_reset         (SinkCounters *self);

void           sink_counters_add           (SinkCounters *self,
                                            SinkFate      fate,
                                            guint64       n);

/* What the kernel took, in one call. */
typedef struct
{
  guint packets;
  guint64 bytes;
  guint cut;
  guint checksummed;
  guint segmented;
} SinkSent;

void           sink_counters_add_sent      (SinkCounters *self,
                                            const SinkSent *sent);

/* Nanoseconds by which a packet left after its time. */
void           sink_counters_note_lateness (SinkCounters *self,
                                            GstClockTime  lateness);

/* How many have been counted as what becomes of a packet. Of the counting thread. */
guint64        sink_counters_get_settled   (SinkCounters *self);

/* application/x-afring-sink-stats; transfer full. */
GstStructure * sink_counters_get_stats     (SinkCounters *self);

G_END_DECLS
