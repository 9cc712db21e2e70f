/* gst-afring: memory for what is taken out of a ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* Memory in chunks, of which pieces are handed out one behind the other. A chunk whose
 * last piece has come back is used again: its pages are there already, and filling
 * those costs a sixth of filling fresh ones. Thread-safe. */
typedef struct _GstAfringPool GstAfringPool;
typedef struct _GstAfringChunk GstAfringChunk;

/* Pieces begin where a device could read them from (O_DIRECT). */
#define GST_AFRING_POOL_ALIGNMENT 512

GstAfringPool * gst_afring_pool_new       (gsize            chunk_size);

/* No piece may be out. In a forked child nothing is unmapped. */
void            gst_afring_pool_free      (GstAfringPool   *self);

/* @bytes of memory, up to the size of a chunk, and the chunk to give back for it. NULL
 * if more than @max_bytes would be in use then (0: no bound), or if there is no memory
 * to be had. */
guint8 *        gst_afring_pool_take      (GstAfringPool   *self,
                                           gsize            bytes,
                                           guint64          max_bytes,
                                           GstAfringChunk **chunk);

void            gst_afring_pool_give_back (GstAfringPool   *self,
                                           GstAfringChunk  *chunk);

/* Bytes of memory in chunks of which pieces are out. */
gsize           gst_afring_pool_get_used  (GstAfringPool   *self);

/* From now on nothing is kept for later. */
void            gst_afring_pool_close     (GstAfringPool   *self);

G_END_DECLS
