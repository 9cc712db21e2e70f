/* gst-afring: what a source element tells downstream of its capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* Tells downstream, by capture events, what is captured and how much was
 * dropped. For the streaming thread only. */
typedef struct
{
  GstPad *pad;                  /* borrowed, as is the source */
  GstAfringSource *source;

  GstClockTime start_time;
  guint link_type;              /* of buffers */
  gint64 next_look;             /* monotonic, microseconds */
  guint64 dropped;
  guint filter_changes;         /* that downstream knows of */
  gboolean described;
} GstAfringReport;

void     gst_afring_report_init        (GstAfringReport  *self,
                                        GstPad           *pad,
                                        GstAfringSource  *source,
                                        guint             link_type);

/* What is captured now. @filter is for the caller to free. */
void     gst_afring_report_get_interface (GstAfringReport *self,
                                        GstCaptureInterface *iface,
                                        gchar           **filter);

/* What was received and dropped up to now. */
void     gst_afring_report_get_statistics (GstAfringReport *self,
                                        GstCaptureStatistics *statistics);

/* Pushes the interface event, if it is new or has changed. Events may go only
 * after the segment, so this is called when a list is about to be pushed. */
void     gst_afring_report_interface   (GstAfringReport  *self);

/* Looks at the counters, about once a second however often it is called, and
 * pushes them. TRUE if packets were dropped since the last look. */
gboolean gst_afring_report_counters    (GstAfringReport  *self);

/* Pushes the last word before EOS. */
void     gst_afring_report_end         (GstAfringReport  *self);

G_END_DECLS
