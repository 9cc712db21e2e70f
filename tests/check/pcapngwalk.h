/* A strict reader of the pcapng that this project writes, for tests:
 * independent of the library, it accounts for each byte, and what it was not
 * told of is wrong.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 time;                 /* nanoseconds since 1970 */
  guint32 captured;
  guint32 wire;
  guint32 flags;                /* 0 if there are none */
  guint32 size;                 /* of its block */
  gsize at;                     /* of its bytes, in the stream */
  guint8 *data;
} WalkedPacket;

typedef struct
{
  GPtrArray *packets;           /* WalkedPacket */
  guint sections;
  guint indexes;                /* of the recorder */
  guint interfaces;             /* of the last section */
  guint statistics;             /* blocks, of all sections */
  guint32 link_type;
  guint32 snaplen;
  guint64 received;             /* of the last statistics */
  guint64 dropped;
  guint32 first_type;           /* of the blocks of the last piece */
  guint32 last_type;
  gsize filler;                 /* bytes in filler options */
  gsize padding;                /* the same, but of the last block of a piece */
  gsize length;                 /* of the stream */
  GString *section;             /* strings of the last section header */
  gchar *wrong;                 /* the first thing that is */
} PcapngWalk;

#define PCAPNG_SECTION 0x0a0d0d0a
#define PCAPNG_INTERFACE 1
#define PCAPNG_STATISTICS 5
#define PCAPNG_PACKET 6

PcapngWalk * pcapng_walk_new      (void);

void         pcapng_walk_free     (PcapngWalk   *walk);

/* The next piece of the stream: whole blocks. FALSE, and so from then on, when
 * something is wrong. */
gboolean     pcapng_walk          (PcapngWalk   *walk,
                                   const guint8 *data,
                                   gsize         length);

/* A whole file; the test fails if it is wrong. */
PcapngWalk * pcapng_walk_file     (const gchar  *location);

const WalkedPacket * pcapng_walk_get (PcapngWalk *walk,
                                      guint       n);

G_END_DECLS
