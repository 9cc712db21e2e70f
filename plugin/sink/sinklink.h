/* gst-afring: the interface that packets leave on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringaccess.h>

#include "sinkframe.h"

G_BEGIN_DECLS

/* A packet socket that receives nothing, and what rtnetlink says of its interface. Of one
 * thread, but for sink_link_unblock(). */
typedef struct _SinkLink SinkLink;

SinkLink *    sink_link_new          (void);

void          sink_link_free         (SinkLink              *self);

/* @interface: NULL for the one that a given socket is bound to. FALSE with an error of
 * GST_CAPTURE_ERROR. */
gboolean      sink_link_open         (SinkLink              *self,
                                      const GstAfringAccess *access,
                                      const gchar           *interface,
                                      gboolean               qdisc_bypass,
                                      GError               **error);

void          sink_link_close        (SinkLink              *self);

int           sink_link_get_fd       (SinkLink              *self);

const gchar * sink_link_get_name     (SinkLink              *self);

guint         sink_link_get_mtu      (SinkLink              *self);

gboolean      sink_link_is_ethernet  (SinkLink              *self);

/* Of an Ethernet interface. */
const guint8 * sink_link_get_address (SinkLink              *self);

gboolean      sink_link_is_up        (SinkLink              *self);

gboolean      sink_link_has_carrier  (SinkLink              *self);

typedef enum
{
  SINK_LINK_SAME,
  SINK_LINK_CHANGED,            /* up, carrier or MTU */
  SINK_LINK_GONE
} SinkLinkLook;

/* Whether bytes of this socket are under way, in a queue or an adapter. */
gboolean      sink_link_has_queued   (SinkLink              *self);

/* What has been said of it since; does not wait. */
SinkLinkLook  sink_link_look         (SinkLink              *self);

typedef enum
{
  SINK_LINK_WRITABLE = 1 << 0,
  SINK_LINK_SAID = 1 << 1       /* something to look at */
} SinkLinkEvents;

/* Waits for one of @events, the time, or sink_link_unblock(). */
void          sink_link_wait         (SinkLink              *self,
                                      SinkLinkEvents         events,
                                      GstClockTime           timeout);

/* Any thread: while @unblocked nothing waits. */
void          sink_link_unblock      (SinkLink              *self,
                                      gboolean               unblocked);

gboolean      sink_link_is_unblocked (SinkLink              *self);

G_END_DECLS
