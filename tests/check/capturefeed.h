/* pcapdec, fed with bytes in a harness.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "capturemake.h"

#include <gst/check/gstharness.h>

G_BEGIN_DECLS

typedef struct
{
  GstHarness *harness;
  GstBus *bus;
  GPtrArray *complaints;        /* in words, that came and were not asked for */
  CaptureWatch *watch;          /* of the source pad */
} CaptureFeed;

/* @line: "pcapdec" and its properties. */
CaptureFeed * capture_feed_new           (const gchar    *line);
void          capture_feed_free          (CaptureFeed    *self);

/* A segment of bytes. */
void          capture_feed_begin_segment (CaptureFeed    *self,
                                          guint64         start);

GstFlowReturn capture_feed_push          (CaptureFeed    *self,
                                          GByteArray     *bytes,
                                          gsize           from,
                                          gsize           to);

/* In pieces of @size bytes, up to the end or a failure. */
void          capture_feed_push_all      (CaptureFeed    *self,
                                          GByteArray     *bytes,
                                          gsize           size);

/* EOS, which comes out once. */
void          capture_feed_end           (CaptureFeed    *self);

/* There is one of the type ("error", "warning", "info") that says @part. */
void          capture_feed_check_message (CaptureFeed    *self,
                                          const gchar    *type,
                                          const gchar    *part);

/* There is no other one. */
void          capture_feed_check_no_more (CaptureFeed    *self);

G_END_DECLS
