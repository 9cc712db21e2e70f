/* gst-afring: what has come, as far back as is shown
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* Packets by protocol, size and flow over running time. It takes the same memory
 * whatever comes. Its owner locks it. */
typedef struct _ScopeTraffic ScopeTraffic;

ScopeTraffic * scope_traffic_new     (void);
void           scope_traffic_free    (ScopeTraffic               *self);

/* Forgets all, and shows @duration from now on. */
void           scope_traffic_restart (ScopeTraffic               *self,
                                      GstClockTime                duration);

void           scope_traffic_set_link_type (ScopeTraffic         *self,
                                      guint                       link_type);

/* Flows are told apart only while they are wanted: the others are the rest. */
void           scope_traffic_set_style (ScopeTraffic             *self,
                                      ScopeStyle                  style);

/* A packet that came at @time; NONE: with the one before. */
void           scope_traffic_add     (ScopeTraffic               *self,
                                      GstBuffer                  *buffer,
                                      GstClockTime                time);

/* What was lost up to @time, since it was last told. */
void           scope_traffic_add_statistics (ScopeTraffic        *self,
                                      const GstCaptureStatistics *statistics,
                                      GstClockTime                time);

/* Of the last packet; NONE if there was none. */
GstClockTime   scope_traffic_get_last_time (const ScopeTraffic   *self);

/* Since the start. */
void           scope_traffic_get_totals (const ScopeTraffic      *self,
                                      guint64                    *packets,
                                      guint64                    *malformed,
                                      guint64                    *dropped);
void           scope_traffic_clear_totals (ScopeTraffic          *self);

/* What is shown when @end is the right edge. */
void           scope_traffic_look    (ScopeTraffic               *self,
                                      GstClockTime                end,
                                      ScopeView                  *view);

G_END_DECLS
