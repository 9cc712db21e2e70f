/* gst-afring: segments of TCP that wait for what comes before them (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Stretches of a stream that do not overlap, in order. For one thread. */
typedef struct _GstTcpWaiting GstTcpWaiting;

typedef struct
{
  guint64 at;
  guint64 end;
  GstBuffer *data;              /* NULL: it has been sent, but not captured */
  GstClockTime time;            /* since when it waits */
} GstTcpStretch;

GstTcpWaiting * gst_tcp_waiting_new      (void);
void            gst_tcp_waiting_free     (GstTcpWaiting       *self);

/* Adds what is not there yet of a stretch, whose data stay the caller's. Returns how many
 * bytes of it are. */
guint64         gst_tcp_waiting_add      (GstTcpWaiting       *self,
                                          const GstTcpStretch *stretch);

/* The first one, or NULL: there is none. */
const GstTcpStretch *
                gst_tcp_waiting_get_first (const GstTcpWaiting *self);

/* Takes it out; its data are the caller's then. */
void            gst_tcp_waiting_pop      (GstTcpWaiting       *self,
                                          GstTcpStretch       *stretch);

void            gst_tcp_waiting_clear    (GstTcpWaiting       *self);

/* Copies the bytes of all, and of those to come until there are none. */
void            gst_tcp_waiting_unshare  (GstTcpWaiting       *self);

gsize           gst_tcp_waiting_get_memory (const GstTcpWaiting *self);

/* A part of @data, in the same memory, with its times and metas. */
GstBuffer *     gst_tcp_cut              (GstBuffer           *data,
                                          gsize                start,
                                          gsize                size);

G_END_DECLS
