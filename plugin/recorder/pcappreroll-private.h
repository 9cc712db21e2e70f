/* gst-afring: the state of a pre-roll
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapheld.h"
#include "pcappreroll.h"

G_BEGIN_DECLS

typedef enum
{
  PCAP_PREROLL_TRIGGER,
  PCAP_PREROLL_REPLAY,
  PCAP_PREROLL_CONTROL,
  PCAP_PREROLL_PAUSE
} PcapPrerollJobType;

/* What its thread does with the recorder, in order. */
typedef struct
{
  PcapPrerollJobType type;
  PcapHeld *held;               /* or NULL, as the next two */
  GPtrArray *controls;          /* of what has been forgotten */
  gchar *comment;
  GstClockTime time, begin;     /* of a trigger */
} PcapPrerollJob;

struct _PcapPreroll
{
  PcapPrerollConfig config;
  PcapRecorder *recorder;       /* borrowed */
  PcapPrerollFunc triggered;
  gpointer user_data;
  GThread *thread;
  gsize piece_size;

  GMutex lock;
  GCond work;                   /* for the thread */
  GCond done;                   /* for whoever waits for it */
  GQueue jobs;
  guint64 jobs_pushed, jobs_done;
  GQueue held;                  /* PcapHeld, full, the oldest first */
  PcapHeld *tail;               /* being filled, or NULL; if recording, for a job */
  GQueue free;
  gsize allocated;
  gboolean recording;           /* what comes is for the recorder */
  GstClockTime end;             /* of the recording; NONE: open. Read without the lock */
  gboolean direct;              /* the streaming thread is at the recorder */
  gboolean waiting;             /* it waits for memory */
  gint64 list_time;             /* monotonic, microseconds: when it was here last */
  gboolean busy;                /* the thread is */
  gboolean unlocked;
  gboolean ending;
  PcapRecorderResult result;    /* of the recorder: the first that is not OK */
  GstClockTime last_time;       /* of the stream, or NONE */
  GstClockTime lag;             /* of the stream's time, behind the clock */
  PcapRecorderLosses losses;
  PcapPrerollStats counts;      /* triggers, aged_out, cut, lost */
};

/* With the lock, as all that does not say otherwise. The end of the recording. */
void         pcap_preroll_end_recording (PcapPreroll *self);

/* For the thread; borrowed, and to be filled in before the lock is let go. */
PcapPrerollJob * pcap_preroll_push_job  (PcapPreroll       *self,
                                         PcapPrerollJobType type,
                                         PcapHeld          *held);

/* What is older than is asked for at @now. */
void         pcap_preroll_forget_old    (PcapPreroll       *self,
                                         GstClockTime       now);

/* A capture time that is not far from now, if the stream is live. */
GstClockTime pcap_preroll_make_plausible (PcapPreroll      *self,
                                         GstClockTime       time);

/* What is being filled is full. */
void         pcap_preroll_close_tail    (PcapPreroll *self);

/* Capture time of what would be captured now. */
GstClockTime pcap_preroll_get_now       (PcapPreroll *self);

/* Nobody needs it any more. */
void         pcap_preroll_recycle       (PcapPreroll *self,
                                         PcapHeld    *held);

/* With what is still in it; without the lock, as the next. */
void         pcap_preroll_free_job      (PcapPrerollJob *job);

/* Its thread. */
gpointer     pcap_preroll_run           (gpointer     preroll);

G_END_DECLS
