/* gst-afring: packets into the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapfiles.h"

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

/* What can be another thing for each file. */
typedef struct
{
  gchar *pattern;               /* of its name; owned, as the next */
  gchar **comments;             /* or NULL */
  GstPcapFormat format;
} PcapPlan;

typedef struct
{
  GstPcapTimestampPrecision precision;
  guint32 link_type;            /* of a file without packets */
  guint64 max_size;             /* of a file; 0: no limit, as for the others */
  GstClockTime max_duration;
  GstClockTime rotate_at;       /* multiples of it since midnight */
  guint64 max_packets;
  guint most_files;             /* it ends after so many */
  GstClockTime flush_interval;
  gboolean index;               /* in files of pcapng */
  gboolean paused;              /* begins without a file; all have one format then */
  PcapFilesConfig files;
  /* Asked when a file is begun; with the recorder's lock. */
  void (*plan) (PcapPlan *plan,
                gpointer  user_data);
} PcapRecorderConfig;

typedef enum
{
  PCAP_RECORDER_OK,
  PCAP_RECORDER_LINK_TYPE,      /* a classic pcap file has only one */
  PCAP_RECORDER_FAILED,         /* the writing has, which was said */
  PCAP_RECORDER_ENDED
} PcapRecorderResult;

/* What was not recorded as it came. */
typedef struct
{
  guint64 bad_times;            /* that the format cannot hold */
  guint64 blocks_left_out;      /* of a section, too many for each file */
} PcapRecorderLosses;

typedef struct
{
  PcapFilesStats files;         /* whose location is owned */
  guint64 dropped;              /* by the capture, as far as it has said so */
  PcapRecorderLosses losses;
} PcapRecorderStats;

/* Decides what goes into which file, and when. Thread-safe; what is done between lock
 * and unlock stays together, but for pcap_recorder_renew(). */
typedef struct _PcapRecorder PcapRecorder;

/* Opens the first file, unless it begins paused. @funcs as in PcapWriter. */
PcapRecorder *     pcap_recorder_new            (const PcapRecorderConfig *config,
                                                 const PcapFilesFuncs     *funcs,
                                                 gpointer                  user_data,
                                                 GError                  **error);

PcapRecorder *     pcap_recorder_ref            (PcapRecorder             *self);

/* With the last reference the recording ends, if it has not yet. */
void               pcap_recorder_unref          (PcapRecorder             *self);

/* Waits, if the disk is behind, until there is room for what comes: for one record or
 * buffer, as each of the functions "with the lock" is. None of them waits. */
void               pcap_recorder_lock           (PcapRecorder             *self);

/* Between two of them: waits again, if need be, and only then lets go of the lock. */
void               pcap_recorder_renew          (PcapRecorder             *self);

void               pcap_recorder_unlock         (PcapRecorder             *self);

/* With the lock: a packet. */
PcapRecorderResult pcap_recorder_append         (PcapRecorder             *self,
                                                 const GstPcapPacket      *packet);

/* With the lock: one block of a pcapng stream. If the file is pcapng it goes in as it
 * is, else @packet does, which is what it holds, or NULL. */
PcapRecorderResult pcap_recorder_append_block   (PcapRecorder             *self,
                                                 const guint8             *block,
                                                 gsize                     length,
                                                 const GstPcapPacket      *packet);

/* With the lock: a buffer of whole blocks of a pcapng stream with @packets packets of
 * these times, as it is, for which pcap_recorder_has_room(); it is kept until it is
 * written. */
PcapRecorderResult pcap_recorder_append_buffer  (PcapRecorder             *self,
                                                 GstBuffer                *buffer,
                                                 guint                     packets,
                                                 GstClockTime              first_time,
                                                 GstClockTime              last_time);

/* The same for bytes that are copied. */
PcapRecorderResult pcap_recorder_append_blocks  (PcapRecorder             *self,
                                                 const guint8             *blocks,
                                                 gsize                     size,
                                                 guint                     packets,
                                                 GstClockTime              first_time,
                                                 GstClockTime              last_time);

/* With the lock: TRUE if the file takes whole blocks and would not be too big then. */
gboolean           pcap_recorder_has_room       (PcapRecorder             *self,
                                                 gsize                     size,
                                                 guint                     packets);

/* TRUE if a file takes whole blocks, however many. */
gboolean           pcap_recorder_has_no_limit   (PcapRecorder             *self);

/* These with the lock, too. */
void               pcap_recorder_set_interface  (PcapRecorder             *self,
                                                 const GstCaptureInterface *iface);
void               pcap_recorder_set_statistics (PcapRecorder             *self,
                                                 const GstCaptureStatistics *statistics);
/* Of a stream; one of pcapng, @in_blocks, has the description itself, which is enough
 * for files that take blocks. */
void               pcap_recorder_note_interface (PcapRecorder             *self,
                                                 const GstCaptureInterface *iface,
                                                 gboolean                  in_blocks);
/* Of a stream, in which they stand themselves. */
void               pcap_recorder_note_statistics (PcapRecorder            *self,
                                                 const GstCaptureStatistics *statistics);
/* GBytes, for each file in which packets come one by one. */
PcapRecorderResult pcap_recorder_set_section    (PcapRecorder             *self,
                                                 GPtrArray                *blocks);
/* Of the packets that come now. */
void               pcap_recorder_set_link_type  (PcapRecorder             *self,
                                                 guint32                   link_type);
void               pcap_recorder_set_comments   (PcapRecorder             *self,
                                                 const gchar *const       *comments);

/* No pcapng stream goes on: what comes now, if it is not one, has a section of its own,
 * in the same file. With the lock. */
void               pcap_recorder_leave_section  (PcapRecorder             *self);

/* Ends the file and begins the next; with the lock. */
void               pcap_recorder_rotate         (PcapRecorder             *self);

/* Ends the file. Until it goes on packets are refused, and of blocks it keeps what the
 * next file begins with. With the lock. */
void               pcap_recorder_pause          (PcapRecorder             *self);

/* Opens the next file; @comment, or NULL, is one more of it and of those that follow it.
 * With the lock. */
void               pcap_recorder_resume         (PcapRecorder             *self,
                                                 const gchar              *comment);

/* Waits until all that was appended can be read from the file. */
gboolean           pcap_recorder_flush          (PcapRecorder             *self);

/* Ends the last file and waits until it is complete. FALSE if it could not be. */
gboolean           pcap_recorder_end            (PcapRecorder             *self);

/* TRUE if there is one file, and no packet in it. */
gboolean           pcap_recorder_is_empty       (PcapRecorder             *self);

/* Ends an empty recording and leaves no trace. */
void               pcap_recorder_abandon        (PcapRecorder             *self);

/* Any thread: the writing has, and nothing more can be recorded. */
gboolean           pcap_recorder_has_failed     (PcapRecorder             *self);

/* From now on nobody waits long for somebody who does not read a pipe. */
void               pcap_recorder_set_impatient  (PcapRecorder             *self);

/* While unlocked no packet waits for the disk. */
void               pcap_recorder_set_unlocked   (PcapRecorder             *self,
                                                 gboolean                  unlocked);

/* Without the lock. */
void               pcap_recorder_get_stats      (PcapRecorder             *self,
                                                 PcapRecorderStats        *stats);

/* On the thread that appends: counts on. */
const PcapRecorderLosses * pcap_recorder_peek_losses (PcapRecorder        *self);

G_END_DECLS
