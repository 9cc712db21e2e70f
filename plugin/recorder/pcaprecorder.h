/* gst-afring: packets into the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapwriter.h"

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

typedef struct
{
  GstPcapFormat format;
  GstPcapTimestampPrecision precision;
  guint32 link_type;            /* of a file without packets */
  const gchar *const *comments; /* of all files, to begin with; or NULL */
  guint64 max_size;             /* of a file; 0: no limit, as for the others */
  GstClockTime max_duration;
  guint64 max_packets;
  GstClockTime flush_interval;
  PcapWriterConfig writer;
} PcapRecorderConfig;

typedef enum
{
  PCAP_RECORDER_OK,
  PCAP_RECORDER_LINK_TYPE,      /* a classic pcap file has only one */
  PCAP_RECORDER_FAILED,         /* the writing has, which was said */
  PCAP_RECORDER_ENDED
} PcapRecorderResult;

/* Decides what goes into which file, and when. Thread-safe; packets that are
 * appended between lock and unlock stay together. */
typedef struct _PcapRecorder PcapRecorder;

/* Opens the first file. @funcs as in PcapWriter, without a tick. */
PcapRecorder *     pcap_recorder_new            (const PcapRecorderConfig *config,
                                                 const PcapWriterFuncs    *funcs,
                                                 gpointer                  user_data,
                                                 GError                  **error);

PcapRecorder *     pcap_recorder_ref            (PcapRecorder             *self);

/* With the last reference the recording ends, if it has not yet. */
void               pcap_recorder_unref          (PcapRecorder             *self);

GstPcapFormat      pcap_recorder_get_format     (PcapRecorder             *self);

void               pcap_recorder_lock           (PcapRecorder             *self);
void               pcap_recorder_unlock         (PcapRecorder             *self);

/* With the lock, which may be let go for a while. */
PcapRecorderResult pcap_recorder_append         (PcapRecorder             *self,
                                                 const GstPcapPacket      *packet);

/* With the lock: one block of a pcapng stream, as it is; @packet is what it holds,
 * or NULL, and then @piece says what it is. */
PcapRecorderResult pcap_recorder_append_block   (PcapRecorder             *self,
                                                 const guint8             *block,
                                                 gsize                     length,
                                                 const GstPcapPacket      *packet,
                                                 GstPcapPiece              piece);

/* With the lock: a buffer of whole pcapng blocks with @packets packets of these
 * times, as it is; it is kept until it is written. */
PcapRecorderResult pcap_recorder_append_buffer  (PcapRecorder             *self,
                                                 GstBuffer                *buffer,
                                                 guint                     packets,
                                                 GstClockTime              first_time,
                                                 GstClockTime              last_time);

/* With the lock: TRUE if the current file would not be too big then. */
gboolean           pcap_recorder_has_room       (PcapRecorder             *self,
                                                 gsize                     size,
                                                 guint                     packets);

/* These four with the lock, too. */
void               pcap_recorder_set_interface  (PcapRecorder             *self,
                                                 const GstCaptureInterface *iface);
void               pcap_recorder_set_statistics (PcapRecorder             *self,
                                                 const GstCaptureStatistics *statistics);
/* Of the packets that come now. */
void               pcap_recorder_set_link_type  (PcapRecorder             *self,
                                                 guint32                   link_type);
void               pcap_recorder_set_comments   (PcapRecorder             *self,
                                                 const gchar *const       *comments);

/* Ends the file and begins the next; with the lock. */
void               pcap_recorder_rotate         (PcapRecorder             *self);

/* Waits until all that was appended can be read from the file. */
gboolean           pcap_recorder_flush          (PcapRecorder             *self);

/* Ends the last file and waits until it is complete. FALSE if it could not be. */
gboolean           pcap_recorder_end            (PcapRecorder             *self);

/* TRUE if there is one file, and no packet in it. */
gboolean           pcap_recorder_is_empty       (PcapRecorder             *self);

/* Ends an empty recording and leaves no trace. */
void               pcap_recorder_abandon        (PcapRecorder             *self);

/* From now on nobody waits long for somebody who does not read a pipe. */
void               pcap_recorder_set_impatient  (PcapRecorder             *self);

/* While unlocked no packet waits for the disk. */
void               pcap_recorder_set_unlocked   (PcapRecorder             *self,
                                                 gboolean                  unlocked);

/* Without the lock; location is a copy. */
void               pcap_recorder_get_stats      (PcapRecorder             *self,
                                                 PcapWriterStats          *stats);

G_END_DECLS
