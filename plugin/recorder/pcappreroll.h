/* gst-afring: the last seconds of a stream, until somebody asks for them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapcontrol.h"

G_BEGIN_DECLS

/* Holds what came in the last seconds. Armed, it forgets what is older; triggered, it
 * gives a recorder what it holds and what comes then, on a thread of its own, so that
 * nobody waits for the disk before the memory is full. Once the recorder has all, the
 * stream goes to it directly. */
typedef struct _PcapPreroll PcapPreroll;

typedef struct
{
  GstClockTime time;            /* how much before a trigger */
  guint64 max_bytes;            /* of memory */
  GstClockTime post_time;       /* after the last trigger; 0: until stopped */
} PcapPrerollConfig;

typedef struct
{
  gboolean recording;
  guint64 triggers;
  guint64 held_packets;
  guint64 held_bytes;           /* of packets and blocks */
  GstClockTime held_time;       /* from the first to the last that is held */
  guint64 memory;               /* bytes, used or not */
  guint64 aged_out;             /* packets that nobody asked for in time */
  guint64 cut;                  /* that had to go earlier, as the memory was full */
  guint64 lost;                 /* that were asked for and could not be recorded */
} PcapPrerollStats;

/* Told on its thread, without locks: @comment is the trigger's own, or NULL; @time is
 * a capture time, and the recording begins with what came from @begin on, NONE if it
 * had begun before. */
typedef void (*PcapPrerollFunc) (const gchar  *comment,
                                 GstClockTime  time,
                                 GstClockTime  begin,
                                 gpointer      user_data);

/* @recorder, which begins paused, and @user_data outlive it. NULL if there is no thread
 * to be had. */
PcapPreroll * pcap_preroll_new       (const PcapPrerollConfig *config,
                                      PcapRecorder            *recorder,
                                      PcapPrerollFunc          triggered,
                                      gpointer                 user_data,
                                      GError                 **error);

void          pcap_preroll_free      (PcapPreroll             *self);

/* Streaming thread. What comes now stays together until the end, and goes to the
 * recorder directly if this returns TRUE. */
gboolean      pcap_preroll_begin     (PcapPreroll             *self);

/* @last_time: the latest capture time, or NONE. */
void          pcap_preroll_end       (PcapPreroll             *self,
                                      GstClockTime             last_time);

/* Streaming thread: what comes now does not go directly, as it did since the beginning,
 * and without the recorder's lock. */
void          pcap_preroll_hold      (PcapPreroll             *self);

/* Streaming thread, while it goes to the recorder directly: TRUE if what is of @time
 * does not belong to the recording any more. */
gboolean      pcap_preroll_is_over   (PcapPreroll             *self,
                                      GstClockTime             time);

/* Streaming thread, between the two above, if it does not. They wait while the disk is
 * behind and the memory full. */
PcapRecorderResult pcap_preroll_add_packet  (PcapPreroll          *self,
                                             const GstPcapPacket  *packet);
PcapRecorderResult pcap_preroll_add_block   (PcapPreroll          *self,
                                             const guint8         *block,
                                             gsize                 length,
                                             const GstPcapPacket  *packet);
PcapRecorderResult pcap_preroll_add_buffer  (PcapPreroll          *self,
                                             GstBuffer            *buffer,
                                             guint                 packets,
                                             GstClockTime          first_time,
                                             GstClockTime          last_time);
PcapRecorderResult pcap_preroll_add_control (PcapPreroll          *self,
                                             PcapControl          *control);

/* The same, in either case: what came last is a trigger. */
void          pcap_preroll_match     (PcapPreroll             *self,
                                      GstClockTime             time);

/* Streaming thread, as these: the recorder's, for what it has. */
const PcapRecorderLosses * pcap_preroll_peek_losses (PcapPreroll *self);

/* Any thread. At the moment of now. */
void          pcap_preroll_trigger   (PcapPreroll             *self,
                                      const gchar             *comment);

/* Any thread: the recording ends after what has come. */
void          pcap_preroll_stop      (PcapPreroll             *self);

/* Waits until the recorder has all that is for it. FALSE if that failed. */
gboolean      pcap_preroll_drain     (PcapPreroll             *self);

/* Of the recorder, for what was held: the first that is not OK. */
PcapRecorderResult pcap_preroll_get_result (PcapPreroll       *self);

/* After the end: its thread is no more. Not on it. */
void          pcap_preroll_close     (PcapPreroll             *self);

/* The stream has ended: so does the recording, and what is held is forgotten. As the one
 * before. */
gboolean      pcap_preroll_finish    (PcapPreroll             *self);

/* While unlocked nobody waits for the disk. */
void          pcap_preroll_set_unlocked (PcapPreroll          *self,
                                      gboolean                 unlocked);

void          pcap_preroll_get_stats (PcapPreroll             *self,
                                      PcapPrerollStats        *stats);

G_END_DECLS
