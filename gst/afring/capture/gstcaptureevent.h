/* gst-afring: what a stream of packets says of its source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstCaptureInterface:
 * @id: the `interface_id` that packets of the interface have in their
 *   #GstPacketMeta
 * @link_type: LINKTYPE_ number of the packets
 * @snaplen: most bytes kept of a packet; 0: no limit
 * @name: (nullable): name of the interface
 * @filter: (nullable): expression that packets had to match
 *
 * One of the interfaces that packets of a stream come from.
 */
typedef struct
{
  guint32 id;
  guint32 link_type;
  guint32 snaplen;
  const gchar *name;
  const gchar *filter;
} GstCaptureInterface;

/**
 * GstCaptureStatistics:
 * @id: the interface's id, as in #GstCaptureInterface
 * @start_time: when the capture started, nanoseconds since 1970-01-01 UTC
 * @time: when the counters were read, nanoseconds since 1970-01-01 UTC
 * @packets_received: packets that passed the filter and were stored, since
 *   @start_time
 * @packets_dropped: packets that passed the filter and found no room
 *
 * How complete the packets of an interface are.
 */
typedef struct
{
  guint32 id;
  GstClockTime start_time;
  GstClockTime time;
  guint64 packets_received;
  guint64 packets_dropped;
} GstCaptureStatistics;

GST_AFRING_API
GstEvent * gst_event_new_capture_interface    (const GstCaptureInterface  *iface);

GST_AFRING_API
gboolean   gst_event_parse_capture_interface  (GstEvent                   *event,
                                               GstCaptureInterface        *iface);

GST_AFRING_API
GstEvent * gst_event_new_capture_statistics   (const GstCaptureStatistics *statistics);

GST_AFRING_API
gboolean   gst_event_parse_capture_statistics (GstEvent                   *event,
                                               GstCaptureStatistics       *statistics);

G_END_DECLS
