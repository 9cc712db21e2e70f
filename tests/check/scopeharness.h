/* packetscope in a harness: traffic in, frames and their colours out.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetkit.h"

G_BEGIN_DECLS

/* Colours as the page describes them. */
#define SCOPE_BLUE 0x4c9be8
#define SCOPE_GREEN 0x57c278
#define SCOPE_TEAL 0x35bfc4
#define SCOPE_RED 0xf0323c

/* Too small for words: 120 bars of 2 pixels with 2 pixels around; below one another two
 * charts of 48 lines. A bar is 100 ms, as long as a frame. */
#define SCOPE_WIDTH 244
#define SCOPE_HEIGHT 100
#define SCOPE_CHART 48
#define SCOPE_BAR (100 * GST_MSECOND)
#define SCOPE_VIDEO(width, height) "video/x-raw, format=(string)BGRx, " \
    "width=(int)" #width ", height=(int)" #height ", framerate=(fraction)10/1"
#define SCOPE_PICTURE "video/x-raw, format=(string)BGRx, width=(int)244, " \
    "height=(int)100, framerate=(fraction)10/1"

GstHarness * scope_new         (const gchar  *style,
                                gboolean      live);

void         scope_push        (GstHarness   *harness,
                                GstClockTime  time,
                                guint         src_port,
                                gsize         size);

/* @n packets evenly over a bar, from port 1 with 92 bytes. */
void         scope_push_bar    (GstHarness   *harness,
                                guint         bar,
                                guint         n);

/* Bytes that are no packet. */
void         scope_push_bytes  (GstHarness   *harness,
                                GstClockTime  time,
                                const guint8 *bytes,
                                gsize         size);

/* What has been lost up to now. */
void         scope_push_lost   (GstHarness   *harness,
                                GstClockTime  time,
                                guint64       lost);

/* The last of all frames that have come; how many. */
guint        scope_pull_last   (GstHarness   *harness,
                                GstBuffer   **last);

guint64      scope_get_stat    (GstHarness   *harness,
                                const gchar  *field);

/* Lines of a colour in a bar of a chart, 0 the upper one, in a frame as above. */
guint        scope_count       (GstBuffer    *frame,
                                guint         chart,
                                guint         bar,
                                guint32       colour);

/* Pixels of a colour. */
guint        scope_count_all   (GstBuffer    *frame,
                                guint32       colour);

/* A line more or less by rounding. */
#define assert_lines(found, expected) G_STMT_START { \
    gint f = (found), e = (expected); \
    fail_unless (ABS (f - e) <= 1 && (e > 0 || f == 0), "%d lines, not %d", f, \
        e); \
  } G_STMT_END

G_END_DECLS
