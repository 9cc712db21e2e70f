/* gst-afring: what a seek asks for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  gdouble rate;
  GstSeekFlags flags;
  GstSeekType start_type;       /* SET or NONE */
  GstSeekType stop_type;
  gint64 start;
  gint64 stop;                  /* -1: at the end */
  guint32 seqnum;
} PcapSeeking;

/* NONE if it is not known. */
typedef GstClockTime (*PcapDurationFunc) (gpointer user_data);

/* Reads the event. NULL, or why such a seek cannot be done. */
const gchar * pcap_seeking_init  (PcapSeeking      *self,
                                  GstEvent         *event,
                                  PcapDurationFunc  get_duration,
                                  gpointer          user_data);

/* The segment that comes of it, of the one at hand and its position. FALSE, with
 * @segment as it was: it would begin behind its end. */
gboolean      pcap_seeking_apply (const PcapSeeking *self,
                                  GstSegment        *segment);

G_END_DECLS
