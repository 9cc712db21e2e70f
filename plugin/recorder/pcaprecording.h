/* gst-afring: one recording, from its start to its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapintake.h"
#include "pcaprecovery.h"

G_BEGIN_DECLS

typedef struct
{
  PcapRecorderConfig recorder;
  PcapPrerollConfig preroll;    /* time 0: what comes is recorded */
  const gchar *recover;         /* what this pattern could name is completed; or NULL */
} PcapRecordingConfig;

typedef struct
{
  PcapRecorderStats recorder;   /* whose location is owned */
  gboolean has_preroll;
  PcapPrerollStats preroll;
} PcapRecordingStats;

/* A recorder, and what is before it. Any thread, but for the intake. */
typedef struct _PcapRecording PcapRecording;

/* As those of PcapWriter, PcapPreroll and PcapRecovery. */
typedef struct
{
  PcapFilesFuncs files;
  PcapPrerollFunc triggered;
  PcapRecoveryFuncs recovery;
} PcapRecordingFuncs;

/* @trigger as in PcapIntake. */
PcapRecording * pcap_recording_new           (const PcapRecordingConfig *config,
                                              PcapTrigger               *trigger,
                                              const PcapRecordingFuncs  *funcs,
                                              gpointer                   user_data,
                                              GError                   **error);

PcapRecording * pcap_recording_ref           (PcapRecording             *self);

/* With the last reference it ends, if it has not yet. */
void            pcap_recording_unref         (PcapRecording             *self);

/* After the end: its threads are no more. Not on one of them. */
void            pcap_recording_close         (PcapRecording             *self);

/* Of what was held; see pcap_preroll_get_result(). */
PcapRecorderResult pcap_recording_get_result (PcapRecording             *self);

/* Borrowed; of the streaming thread. */
PcapIntake *    pcap_recording_get_intake    (PcapRecording             *self);

gboolean        pcap_recording_has_preroll   (PcapRecording             *self);

/* With a pre-roll only; else they do nothing. */
void            pcap_recording_trigger       (PcapRecording             *self,
                                              const gchar               *comment);
void            pcap_recording_stop          (PcapRecording             *self);

/* As those of PcapRecorder, for all that has come. */
void            pcap_recording_rotate        (PcapRecording             *self);
gboolean        pcap_recording_flush         (PcapRecording             *self);
gboolean        pcap_recording_end           (PcapRecording             *self);
gboolean        pcap_recording_is_empty      (PcapRecording             *self);
void            pcap_recording_abandon       (PcapRecording             *self);
void            pcap_recording_set_impatient (PcapRecording             *self);
void            pcap_recording_set_unlocked  (PcapRecording             *self,
                                              gboolean                   unlocked);

/* Comments of the file that has not begun. */
void            pcap_recording_set_comments  (PcapRecording             *self,
                                              const gchar *const        *comments);

void            pcap_recording_get_stats     (PcapRecording             *self,
                                              PcapRecordingStats        *stats);

G_END_DECLS
