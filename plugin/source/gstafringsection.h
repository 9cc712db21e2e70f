/* gst-afring: the pcapng section that a source element makes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringreport.h"

G_BEGIN_DECLS

/* What stands around the blocks of a ring in a stream of pcapng: the section header
 * with the interface in front, statistics between and at the end. A change of the
 * filter begins a new section, as it changes the interface's description. For the
 * streaming thread only. */
typedef struct
{
  GstAfringReport *report;      /* borrowed */
  GstBuffer *header;            /* to go out next, or NULL */
  guint filter_changes;         /* that the header knows of */
  gboolean open;
  gint64 statistics_due;        /* monotonic, microseconds */
  GstCaptureStatistics statistics;
} GstAfringSection;

void        gst_afring_section_init       (GstAfringSection *self,
                                           GstAfringReport  *report);

void        gst_afring_section_clear      (GstAfringSection *self);

/* Begins anew; returns the stream's caps. */
GstCaps *   gst_afring_section_begin      (GstAfringSection *self);

/* TRUE if it does not describe any more what is captured. */
gboolean    gst_afring_section_is_stale   (GstAfringSection *self);

/* What is to go out before anything else, or NULL. */
GstBuffer * gst_afring_section_take_header (GstAfringSection *self);

/* The statistics to stand in front of a block of the ring, or NULL if it is a small
 * one and the last ones are not old. */
const GstCaptureStatistics *
            gst_afring_section_get_statistics (GstAfringSection *self,
                                           GstAfringLease   *lease);

/* What is to go out last, or NULL if it has. */
GstBuffer * gst_afring_section_end        (GstAfringSection *self);

G_END_DECLS
