/* Lists of packets into an afringsink, from a thread of the test's own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *pipeline;
  GstElement *sink;
  GstPad *pad;                  /* that pushes */
  GThread *thread;
  GstBufferList *list;          /* that it pushes */
} WireSender;

/* "afringsink PROPERTIES" in a pipeline that is to play, with caps of @link_type and a
 * segment from 0 on. */
WireSender *   wire_sender_new   (const gchar   *properties,
                                  guint          link_type);

/* As that, and does not begin. */
WireSender *   wire_sender_make  (const gchar   *properties);

void           wire_sender_play  (WireSender    *self,
                                  guint          link_type);

/* A list of @n test frames, numbered from @first on, @interval apart; PTS from 0. */
GstBufferList * wire_frames      (guint          first,
                                  guint          n,
                                  gsize          size,
                                  GstClockTime   interval);

/* Takes the list. */
GstFlowReturn  wire_sender_push  (WireSender    *self,
                                  GstBufferList *list);

/* The same, meanwhile. */
void           wire_sender_begin (WireSender    *self,
                                  GstBufferList *list);

GstFlowReturn  wire_sender_finish (WireSender   *self);

/* Until that many packets have been sent, or counted as @field of the stats. */
void           wire_sender_wait  (WireSender    *self,
                                  const gchar   *field,
                                  guint64        n);

guint64        wire_sender_get   (WireSender    *self,
                                  const gchar   *field);

/* All that became of packets. */
guint64        wire_sender_get_settled (WireSender *self);

void           wire_sender_free  (WireSender    *self);

/* What the interface says that it has sent. */
guint64        wire_get_transmitted (const gchar *interface);

G_END_DECLS
