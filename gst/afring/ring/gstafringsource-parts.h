/* gst-afring: what the files of the ring source share (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmulticast.h>
#include <gst/afring/ring/gstafringreader.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

typedef struct
{
  GMutex lock;                  /* filter, totals, reported */

  GstAfringConfig config;       /* fixed once open, but for the filter */
  GstAfringFanout fanout;       /* fixed once open */
  GstAfringAccess access;       /* fixed once open */
  GstAfringMulticast *groups;   /* that it is in, or NULL */
  GstCaptureLink *link;
  GstAfringRing *ring;
  guint32 snaplen;
  guint32 tag_allowance;

  GstCaptureFilter *filter;
  gint filter_changed;          /* atomic; changed with the lock */
  gint filter_changes;          /* atomic */
  /* Blocks up to this sequence number can hold packets of an earlier filter. */
  guint64 filter_since;
  GstAfringTotals totals;
  GstAfringTotals reported;     /* totals at the last get_stats */

  gboolean halted;              /* with the lock */
  gboolean unguarded;           /* with the lock: the kernel has no filter */
  gint unblocked;               /* atomic */

  gint visitors;                /* atomic: threads that are at the ring */
  gint left;                    /* atomic: it was given back */

  /* Of the reading thread. */
  gboolean link_down;
  gboolean gone;                /* the interface does not exist any more */
  GstAfringReader reader;
} GstAfringSourcePrivate;

GstAfringSourcePrivate * gst_afring_source_get_parts (GstAfringSource *self);

#define GST_AFRING_SOURCE_BACKEND(self) \
    ((const GstAfringBackend *) GST_AFRING_SOURCE_GET_CLASS (self)->backend)

/* FALSE with STOPPED if the source is closed. */
gboolean gst_afring_source_check_running (GstAfringSource  *self,
                                          GError          **error);

/* Opens the ring with a filter as the kernel takes it; NULL: none. FALSE and a filter
 * error: not this one. */
gboolean gst_afring_source_open_ring     (GstAfringSource  *self,
                                          GstCaptureFilter *filter,
                                          GError          **error);

/* What the kernel does not take runs in user space: the expression, or, where a socket
 * may have next to nothing, all of it. */
gboolean gst_afring_source_open_filtered (GstAfringSource  *self,
                                          GError          **error);

/* A change of the filter is over: it is known from which block on. Of the reader. */
void     gst_afring_source_date_filter   (GstAfringSource  *self);

/* A closed source gives its ring back as soon as nobody is at it; so whoever reads the
 * ring comes and goes by these. */
gboolean gst_afring_source_visit         (GstAfringSource  *self,
                                          GError          **error);
void     gst_afring_source_end_visit     (GstAfringSource  *self);

G_END_DECLS
