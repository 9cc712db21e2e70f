/* gst-afring: what a source element tells of its capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* Tells the application (messages) and downstream (capture events) what is
 * captured and how much was dropped. For the streaming thread only. */
typedef struct
{
  GstElement *element;          /* borrowed, as are the next two */
  GstPad *pad;
  GstAfringSource *source;

  GstClockTime start_time;
  guint link_type;              /* of buffers */
  gint64 next_look;             /* monotonic, microseconds */
  gint64 next_warning;
  guint64 dropped;              /* that the application knows of */
  guint64 dropped_warned;       /* that it was warned of */
  gchar *filter;                /* that downstream knows of */
  gboolean described;
} GstAfringReport;

void     gst_afring_report_init        (GstAfringReport  *self,
                                        GstElement       *element,
                                        GstAfringSource  *source,
                                        guint             link_type);

void     gst_afring_report_clear       (GstAfringReport  *self);

/* Pushes the interface event, if it is new or has changed. Events may go only
 * after the segment, so this is called when a list is about to be pushed. */
void     gst_afring_report_interface   (GstAfringReport  *self);

/* Looks at the counters, about once a second however often it is called, and
 * tells what has changed. TRUE if packets were dropped. */
gboolean gst_afring_report_counters    (GstAfringReport  *self);

/* Pushes the last word before EOS. */
void     gst_afring_report_end         (GstAfringReport  *self);

G_END_DECLS
