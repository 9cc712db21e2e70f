/* gst-afring: the state of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaprecorder.h"
#include "common/pcapdrops.h"
#include "pcaplending.h"
#include "pcapoutput.h"
#include "pcaprotation.h"
#include "pcapsection.h"

G_BEGIN_DECLS

struct _PcapRecorder
{
  gatomicrefcount refs;
  PcapRecorderConfig config;
  gpointer user_data;
  PcapWriter *writer;

  GMutex lock;
  GstPcapFormat format;         /* of the file */
  GstClockTime last_time;       /* that it can hold */
  GstPcapEncoder *encoder;
  PcapSection *section;
  PcapOutput output;
  PcapLending lending;
  PcapDrops *drops;
  GArray *answers;              /* GstCaptureStatistics: that were had last */
  GByteArray *scratch;
  PcapRotation rotation;
  guint n_files;                /* that have been ended */
  gboolean planned;             /* a file was, at any time */
  gboolean known;               /* what a file is to begin with */
  gboolean begun;               /* a section, in the file */
  gboolean paused;              /* there is no file */
  gchar *comment;               /* of the files since it went on, or NULL */
  gboolean ended;
  PcapRecorderLosses losses;
};

/* With the lock, as all of these. Begins the file, if it has not been: as late as can
 * be, so that what is known of interfaces by then stands in front. */
void               pcap_recorder_begin_file     (PcapRecorder *self);

/* There is a chunk. */
void               pcap_recorder_end_file       (PcapRecorder *self);

/* The stream goes on behind it: the file has the counters of this moment, which the
 * stream itself will say later. */
void               pcap_recorder_cut_file       (PcapRecorder *self);
void               pcap_recorder_next_file      (PcapRecorder *self);

/* Asks what the application wants of the file that comes; the pattern of its name. */
gchar *            pcap_recorder_plan_file      (PcapRecorder *self);

/* A chunk with room, in which what is appended is flushed in time. */
PcapRecorderResult pcap_recorder_ensure_room    (PcapRecorder *self,
                                                 gsize         size);

G_END_DECLS
