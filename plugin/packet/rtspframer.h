/* gst-afring: RTP that is interleaved with RTSP
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define RTSP_CHANNELS 256

/* Finds packets in the bytes of a connection (RFC 2326 section 10.12): a dollar sign, a
 * channel, a length, and messages of RTSP between. Where it does not know where it is, at
 * the start and after a hole, it looks for a packet that another packet or a message follows.
 * For one thread. */
typedef struct _RtspFramer RtspFramer;

typedef struct
{
  guint64 packets;
  guint64 messages;             /* of RTSP */
  guint64 cut;                  /* packets of which a part is missing */
  guint64 resyncs;              /* how often it did not know any more where it was */
  guint64 skipped;              /* bytes until it did */
} RtspFramerStats;

/* A packet, which is the callee's. It lies in the memory that it came in, and has the
 * time and the metas of where it begins. */
typedef void (*RtspFramerFunc) (guint8     channel,
                                GstBuffer *packet,
                                gpointer   user_data);

RtspFramer * rtsp_framer_new           (RtspFramerFunc    func,
                                        gpointer          user_data);
void         rtsp_framer_free          (RtspFramer       *self);

/* What comes next follows on nothing. */
void         rtsp_framer_clear         (RtspFramer       *self);

/* So many bytes are missing here; 0: nobody knows how many. */
void         rtsp_framer_note_hole     (RtspFramer       *self,
                                        guint64           missing);

/* Takes the next bytes. */
void         rtsp_framer_take          (RtspFramer       *self,
                                        GstBuffer        *bytes);

/* Nothing comes any more. */
void         rtsp_framer_finish        (RtspFramer       *self);

/* How many holes there were: what comes behind one is not what came before. */
guint        rtsp_framer_count_holes   (const RtspFramer *self);

const RtspFramerStats * rtsp_framer_get_stats (const RtspFramer *self);

G_END_DECLS
