/* gst-afring: frames that leave in one call
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <common/packetbuffer.h>

#include "sinkcounters.h"
#include "sinkframe.h"

G_BEGIN_DECLS

/* Frames that sendmmsg(2) is given where they are: the bytes of packets are copied once, by
 * the kernel. */
typedef struct _SinkBatch SinkBatch;

typedef enum
{
  SINK_BATCH_PLAIN = 0,
  SINK_BATCH_CUT = 1 << 0,
  SINK_BATCH_CHECKSUM = 1 << 1,
  SINK_BATCH_SEGMENTS = 1 << 2
} SinkBatchFlags;

SinkBatch * sink_batch_new       (void);

void        sink_batch_free      (SinkBatch *self);

gboolean    sink_batch_is_full   (SinkBatch *self);

/* Of those that were added, how many have neither been sent nor skipped. */
guint       sink_batch_get_left  (SinkBatch *self);

/* The frame to make next; there has to be room. */
SinkFrame * sink_batch_get_frame (SinkBatch *self);

/* Adds it. @buffer stays the caller's, who keeps it until it has been sent or skipped;
 * @map, of it, is unmapped here. */
void        sink_batch_add       (SinkBatch       *self,
                                  GstBuffer       *buffer,
                                  const PacketMap *map,
                                  SinkBatchFlags   flags);

/* As many as @fd takes, without waiting. FALSE with errno if it does not take the first. */
gboolean    sink_batch_send      (SinkBatch *self,
                                  int        fd,
                                  SinkSent  *sent);

/* Of the first that is left. */
SinkBatchFlags sink_batch_get_flags (SinkBatch *self);

/* Gives up the first @n that are left. */
void        sink_batch_skip      (SinkBatch *self,
                                  guint      n);

G_END_DECLS
