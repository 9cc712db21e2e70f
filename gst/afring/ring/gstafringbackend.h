/* gst-afring: where the blocks of a ring source come from (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringconfig.h>
#include <gst/afring/ring/gstafringring.h>
#include <gst/afring/ring/gstafringsource.h>

G_BEGIN_DECLS

/* Where the blocks of a ring source come from. */
typedef struct
{
  /* Opens a ring in which packets that pass @filter appear from now on. */
  GstAfringRing * (*open)          (GstAfringSource          *source,
                                    const GstAfringConfig    *config,
                                    GstCaptureLink           *link,
                                    GstCaptureFilter         *filter,
                                    GError                  **error);
  gboolean        (*attach)        (GstAfringSource          *source,
                                    GstAfringRing            *ring,
                                    GstCaptureFilter         *filter,
                                    GError                  **error);
  /* No packet enters the ring any more. */
  void            (*halt)          (GstAfringSource          *source,
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
