/* gst-afring: where the blocks of a ring source come from (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringconfig.h>
#include <gst/afring/ring/gstafringring.h>
#include <gst/afring/ring/gstafringsource.h>

G_BEGIN_DECLS

typedef enum
{
  GST_AFRING_ATTACHED,          /* in one step, from the old one to this */
  GST_AFRING_ATTACHED_LATE,     /* for a moment there was none */
  GST_AFRING_ATTACH_REFUSED,    /* the old one stays */
  GST_AFRING_ATTACH_DETACHED    /* the old one had to go, and now there is none */
} GstAfringAttached;

/* Where the blocks of a ring source come from. */
typedef struct
{
  /* Opens a ring in which packets that pass @filter appear from now on; NULL: all.
   * FILTER if it cannot be at work. */
  GstAfringRing * (*open)          (GstAfringSource          *source,
                                    const GstAfringConfig    *config,
                                    GstCaptureLink           *link,
                                    GstCaptureFilter         *filter,
                                    GError                  **error);
  /* The program of @filter is at work from now on; else with errno. */
  GstAfringAttached (*attach)      (GstAfringSource          *source,
                                    GstAfringRing            *ring,
                                    GstCaptureFilter         *filter);
  /* No packet enters the ring any more. */
  GstAfringAttached (*halt)        (GstAfringSource          *source,
                                    GstAfringRing            *ring,
                                    GstCaptureLink           *link);
  gboolean        (*read_counters) (GstAfringSource          *source,
                                    GstAfringRing            *ring,
                                    guint32                  *received,
                                    guint32                  *dropped,
                                    guint32                  *freezes);
  /* The error that woke the reader; NULL if there is none after all. */
  GError *        (*take_error)    (GstAfringSource          *source,
                                    GstAfringRing            *ring,
                                    GstCaptureLink           *link);
  /* A packet that finds no free block waits for one, instead of being dropped. */
  gboolean        waits_for_room;
} GstAfringBackend;

G_END_DECLS
