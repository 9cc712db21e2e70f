/* gst-afring: each packet at its time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

/* Waits for a packet's time by the clock of a sink, to the last of it by asking over and
 * over. Of the thread that renders, with the preroll lock; begun anew after each preroll. */
typedef struct
{
  GstBaseSink *sink;
  GstClock *clock;              /* NULL: packets leave as they come */
  GstClockTime base_time;
  GstClockTimeDiff offset;
  GstClockTime now;             /* when it was last asked for */
  GstClockTime spin_time;
  GstClockTime max_early;
  GstClockTime max_lateness;
  gint slack;                   /* of the thread, as it was; nanoseconds */
} SinkPacing;

/* @max_lateness: GST_CLOCK_TIME_NONE if none is too late. */
void         sink_pacing_begin    (SinkPacing   *self,
                                   GstBaseSink  *sink,
                                   GstClockTime  spin_time,
                                   GstClockTime  max_early);

void         sink_pacing_end      (SinkPacing   *self);

/* Of a running time: by the clock, GST_CLOCK_TIME_NONE if it is at once. */
GstClockTime sink_pacing_get_due  (SinkPacing   *self,
                                   GstClockTime  running_time);

/* Whether it leaves now, with others or without. */
gboolean     sink_pacing_is_due   (SinkPacing   *self,
                                   GstClockTime  due,
                                   gboolean      with_others);

gboolean     sink_pacing_is_late  (SinkPacing   *self,
                                   GstClockTime  due);

/* Until it is due. FALSE: interrupted, for a preroll. @is_interrupted is asked while it
 * does not wait by the clock. */
gboolean     sink_pacing_wait     (SinkPacing   *self,
                                   GstClockTime  due,
                                   gboolean    (*is_interrupted) (gpointer user_data),
                                   gpointer      user_data);

/* How long after its time a packet leaves that leaves now. */
GstClockTime sink_pacing_get_lateness (SinkPacing   *self,
                                       GstClockTime  due);

G_END_DECLS
