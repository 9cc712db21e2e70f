/* gst-afring: changes of an interface, as they happen (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstlinkstate.h>

G_BEGIN_DECLS

/* What rtnetlink(7) says of one interface, whatever its name is by then, or of all. */
typedef struct _GstLinkMonitor GstLinkMonitor;

/* For the interface with an index; 0: for all. NULL with errno. */
GST_AFRING_API
GstLinkMonitor * gst_link_monitor_new    (GstNetns       *netns,
                                          guint           index);

GST_AFRING_API
void             gst_link_monitor_free   (GstLinkMonitor *self);

/* Readable when there is something to read. */
GST_AFRING_API
int              gst_link_monitor_get_fd (GstLinkMonitor *self);

typedef enum
{
  GST_LINK_MONITOR_NOTHING,
  GST_LINK_MONITOR_CHANGED,
  GST_LINK_MONITOR_GONE,        /* removed, or moved to another network namespace */
  GST_LINK_MONITOR_MISSED       /* of all: any of them may have changed or gone */
} GstLinkMonitorEvent;

/* The next change, in order; does not wait. Of one interface, what was missed because
 * there was too much to read is one change. */
GST_AFRING_API
GstLinkMonitorEvent gst_link_monitor_read (GstLinkMonitor *self,
                                           GstLinkState   *state);

G_END_DECLS
