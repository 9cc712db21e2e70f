/* Runs of a source in block mode, of which every buffer is held to what it
 * has to be, and capture files for the mock ring to play.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapngwalk.h"

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* A capture file in pcapng, with nanoseconds and the direction of packets. */
typedef struct
{
  gchar *location;
  GByteArray *bytes;
  guint n;                      /* packets */
} Capture;

#define CAPTURE_START G_GUINT64_CONSTANT (1700000000123456789)

Capture   * capture_new          (guint            link_type);

/* What it was cut from had @wire bytes; @time is counted from CAPTURE_START. */
void        capture_add          (Capture         *capture,
                                  const guint8    *data,
                                  guint            length,
                                  guint            wire,
                                  GstClockTime     time,
                                  GstPacketType    type);

void        capture_save         (Capture         *capture);

/* Of the file too. */
void        capture_free         (Capture         *capture);

/* A packet as it comes to the sink "sink". */
typedef struct
{
  guint64 time;
  guint32 wire;
  guint length;
  gint link_type;
  GstPacketMeta meta;
  guint8 *data;
} SeenPacket;

typedef struct
{
  GstElement *pipeline;
  GstElement *src;
  GstPad *pad;
  GstBus *bus;
  gboolean keep;                /* references of the ring's blocks */

  GMutex lock;
  PcapngWalk *walk;             /* over what leaves the source */
  GByteArray *stream;           /* the same */
  GPtrArray *seen;              /* SeenPacket */
  GPtrArray *kept;              /* GstBuffer */
  GPtrArray *copies;            /* GBytes of them, as they were */
  guint n_buffers;              /* from the source */
  guint n_headers;
  guint n_blocks;               /* of the ring */
  guint n_big;                  /* of them, 64 KiB and more */
  guint n_in_ring;              /* in block mode, with ring memory */
  guint n_caps;
  guint n_after_header;         /* buffers since the last header */
  guint statistics_in_small;
  gboolean ended;               /* by statistics alone */
  gint link_type;               /* at the sink */
  GstClockTime last_pts;
  guint64 next_offset;
  gchar *wrong;
} BlockRun;

/* A pipeline with a source "src" and, where packets are of interest, an element
 * "sink". */
BlockRun  * block_run_new        (const gchar     *format,
                                  ...) G_GNUC_PRINTF (1, 2);

void        block_run_play       (BlockRun        *run);

/* Until EOS; fails if it does not come or if anything was wrong. */
void        block_run_wait_eos   (BlockRun        *run);

/* Plays it and waits; the first buffer was a header, the last statistics, and
 * they are all there is if there are no packets. */
void        block_run_to_end     (BlockRun        *run);

/* Until at least @n packets have left the source, for some seconds. */
void        block_run_wait       (BlockRun        *run,
                                  guint            n);

/* All kept buffers have the bytes that they had. */
void        block_run_check_kept (BlockRun        *run);

void        block_run_let_go     (BlockRun        *run);

guint64     block_run_get_stat   (BlockRun        *run,
                                  const gchar     *name,
                                  const gchar     *field);

void        block_run_free       (BlockRun        *run);

/* The flags word that pcapng has for a type. */
guint32     block_flags_of       (GstPacketType    type);

gboolean    block_is_slow        (void);

/* Of a table, a row of which is a process of its own, valgrind gets some rows. */
#define BLOCK_STEP (block_is_slow () ? 5 : 1)
#define BLOCK_ROW(i) ((i) * BLOCK_STEP)
#define BLOCK_N_ROWS(n) (((n) + BLOCK_STEP - 1) / BLOCK_STEP)

G_END_DECLS
