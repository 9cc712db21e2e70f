/* A mock source with numbered packets, and all the ways to ask it for one.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* Longer than a packet can take on a busy machine. Milliseconds. */
#define MOCK_FEED_PATIENCE 20000
/* Ways to ask for a packet. */
#define MOCK_FEED_WAYS 8

typedef struct
{
  GstAfringMockSource *mock;
  GstCaptureSource *source;     /* the same */
} MockFeed;

/* Packet @number: its length, type, total length and bytes follow from it. */
GstCapturePacket *mock_feed_make_packet  (guint                 number);

void              mock_feed_init         (MockFeed             *self);

void              mock_feed_clear        (MockFeed             *self);

/* What is added is handed over from now on, soon. */
void              mock_feed_start        (MockFeed             *self);

/* @n packets numbered from @number on. */
void              mock_feed_add          (MockFeed             *self,
                                          guint                 number,
                                          guint                 n);

void              mock_feed_check_view   (const GstCaptureView *view,
                                          guint                 number);

gboolean          mock_feed_ask          (GstCaptureSource     *source,
                                          guint                 way,
                                          GError              **error);

void              mock_feed_check_totals (GstCaptureSource     *source,
                                          guint64               received);

G_END_DECLS
