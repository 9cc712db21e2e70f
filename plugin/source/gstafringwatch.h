/* gst-afring: what a source element tells the application of lost packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringeviction.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* For the keeper's thread only, which goes on while a push blocks. */
typedef struct
{
  GstElement *element;          /* borrowed, as is the source */
  GstAfringSource *source;

  gint64 next_look;             /* monotonic, microseconds */
  gint64 next_warning;
  guint64 dropped;              /* that the application knows of */
  guint64 dropped_warned;       /* that it was warned of */
  gboolean bound;               /* max-evicted-bytes was in the way since then */
  gboolean failed;              /* the application knows that eviction fails */
} GstAfringWatch;

void gst_afring_watch_init (GstAfringWatch  *self,
                            GstElement      *element,
                            GstAfringSource *source);

/* Looks at the counters, about once a second however often it is called, and
 * posts what has changed: a QOS message, and now and then a warning. @error is
 * errno of @room. */
void gst_afring_watch_look (GstAfringWatch  *self,
                            GstAfringRoom    room,
                            gint             error);

/* Posts what has changed since the last look. */
void gst_afring_watch_end  (GstAfringWatch  *self);

G_END_DECLS
