/* gst-afring: what has come, as far back as is shown
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopetraffic.h"
#include "scopeflows.h"
#include "common/packetbuffer.h"
#include "common/pcapdrops.h"

#include <gst/afring/packet/gstpacketmeta.h>
#include <string.h>

struct _ScopeTraffic
{
  guint link_type;
  ScopeStyle style;
  GstClockTime bucket;
  GstClockTime last_time;
  GstClockTime told_time;       /* up to which losses are known */

  ScopeSeries total;
  ScopeSeries protocols[SCOPE_PROTOCOLS];
  ScopeSeries sizes[SCOPE_SIZES][SCOPE_PROTOCOLS];
  ScopeSeries drops;
  ScopeFlows *flows;
  PcapDrops *counters;

  guint64 packets;
  guint64 malformed;
  guint64 dropped;
};

ScopeTraffic *
scope_traffic_new (void)
{
  ScopeTraffic *self = g_new0 (ScopeTraffic, 1);

  self->flows = scope_flows_new ();
  self->counters = pcap_drops_new ();
  scope_traffic_restart (self, GST_SECOND);
  return self;
}

void
scope_traffic_free (ScopeTraffic * self)
{
  scope_flows_free (self->flows);
  pcap_drops_free (self->counters);
  g_free (self);
}

void
scope_traffic_restart (ScopeTraffic * self, GstClockTime duration)
{
  self->bucket = MAX (duration / SCOPE_BUCKETS, 1);
  self->last_time = GST_CLOCK_TIME_NONE;
  self->told_time = GST_CLOCK_TIME_NONE;
  memset (&self->total, 0, sizeof (self->total));
  memset (self->protocols, 0, sizeof (self->protocols));
  memset (self->sizes, 0, sizeof (self->sizes));
  memset (&self->drops, 0, sizeof (self->drops));
  scope_flows_clear (self->flows);
}

void
scope_traffic_set_link_type (ScopeTraffic * self, guint link_type)
{
  self->link_type = link_type;
}

void
scope_traffic_set_style (ScopeTraffic * self, ScopeStyle style)
{
  if (style != SCOPE_STYLE_FLOWS)
    scope_flows_clear (self->flows);
  self->style = style;
}

/* Packets. */

static ScopeProtocol
get_protocol (const GstPacketHeaders * headers)
{
  switch (headers->protocol) {
    case GST_IP_PROTOCOL_TCP:
      return SCOPE_PROTOCOL_TCP;
    case GST_IP_PROTOCOL_UDP:
      return SCOPE_PROTOCOL_UDP;
    case GST_IP_PROTOCOL_ICMP:
    case GST_IP_PROTOCOL_ICMPV6:
      return SCOPE_PROTOCOL_ICMP;
    default:
      return SCOPE_PROTOCOL_OTHER_IP;
  }
}

/* A fragment belongs to its protocol, and, as it has no ports, to a flow of the two
 * addresses. Headers that a short snaplen has cut name a protocol if the IP header was
 * whole. */
static ScopeProtocol
classify (ScopeTraffic * self, GstPacketParseResult result,
    const GstPacketHeaders * headers, guint64 bucket, gsize bytes)
{
  gboolean is_whole = result == GST_PACKET_PARSED
      || result == GST_PACKET_FRAGMENT;

  if (result == GST_PACKET_MALFORMED)
    self->malformed++;
  if (!is_whole && (result != GST_PACKET_TRUNCATED || headers->src == NULL))
    return SCOPE_PROTOCOL_OTHER;
  if (self->style == SCOPE_STYLE_FLOWS && headers->src != NULL)
    scope_flows_add (self->flows, headers, bucket, bytes);
  return get_protocol (headers);
}

void
scope_traffic_add (ScopeTraffic * self, GstBuffer * buffer, GstClockTime time)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  GstPacketParseResult result = GST_PACKET_MALFORMED;
  GstPacketHeaders headers;
  ScopeProtocol protocol;
  guint64 bucket;
  gsize bytes;
  PacketMap map;

  if (GST_CLOCK_TIME_IS_VALID (time))
    self->last_time = GST_CLOCK_TIME_IS_VALID (self->last_time) ?
        MAX (self->last_time, time) : time;
  else
    time = GST_CLOCK_TIME_IS_VALID (self->last_time) ? self->last_time : 0;
  bucket = time / self->bucket;

  if (packet_buffer_map (buffer, &map)) {
    bytes = meta != NULL ? MAX (map.size, meta->wire_length) : map.size;
    result = gst_packet_parse (self->link_type, map.data, map.size, bytes,
        &headers);
    protocol = classify (self, result, &headers, bucket, bytes);
    packet_buffer_unmap (buffer, &map);
  } else {
    bytes = gst_buffer_get_size (buffer);
    protocol = classify (self, result, &headers, bucket, bytes);
  }
  self->packets++;
  scope_series_add (&self->total, bucket, 1, bytes);
  scope_series_add (&self->protocols[protocol], bucket, 1, bytes);
  scope_series_add (&self->sizes[scope_size_find (bytes)][protocol], bucket, 1,
      bytes);
}

/* When in that time they were lost nobody knows: evenly. */
void
scope_traffic_add_statistics (ScopeTraffic * self,
    const GstCaptureStatistics * statistics, GstClockTime time)
{
  guint64 before = pcap_drops_get (self->counters), lost, first, last, n;
  GstCaptureStatistics said = *statistics;

  /* of a file that does not say when its capture began: it is the same one */
  if (said.start_time == said.time)
    said.start_time = GST_CLOCK_TIME_NONE;
  pcap_drops_take (self->counters, &said, FALSE);
  lost = pcap_drops_get (self->counters) - before;
  self->dropped += lost;
  last = time / self->bucket;
  first = last;
  if (GST_CLOCK_TIME_IS_VALID (self->told_time) && self->told_time < time)
    first = MIN (self->told_time / self->bucket + 1, last);
  self->told_time = time;
  n = last - first + 1;
  for (guint64 i = 0; i < MIN (n, SCOPE_SLOTS); i++)
    scope_series_add (&self->drops, last - i,
        lost * (n - i) / n - lost * (n - i - 1) / n, 0);
}

GstClockTime
scope_traffic_get_last_time (const ScopeTraffic * self)
{
  return self->last_time;
}

void
scope_traffic_get_totals (const ScopeTraffic * self, guint64 * packets,
    guint64 * malformed, guint64 * dropped)
{
  *packets = self->packets;
  *malformed = self->malformed;
  *dropped = self->dropped;
}

void
scope_traffic_clear_totals (ScopeTraffic * self)
{
  self->packets = self->malformed = self->dropped = 0;
  pcap_drops_free (self->counters);
  self->counters = pcap_drops_new ();
}

/* Pictures. */

static void
look_at_protocols (ScopeTraffic * self, guint64 first, ScopeView * view)
{
  view->n_layers = SCOPE_PROTOCOLS;
  for (guint i = 0; i < SCOPE_PROTOCOLS; i++) {
    ScopeLayer *layer = &view->layers[i];

    g_strlcpy (layer->name, scope_protocol_get_name (i), sizeof (layer->name));
    layer->colour = i;
    for (guint b = 0; b <= SCOPE_BUCKETS; b++)
      layer->counts[b] = scope_series_get (&self->protocols[i], first + b);
  }
}

static void
look_at_sizes (ScopeTraffic * self, guint64 first, ScopeView * view)
{
  for (guint i = 0; i < SCOPE_SIZES; i++)
    for (guint j = 0; j < SCOPE_PROTOCOLS; j++)
      view->sizes[i][j] = scope_series_sum (&self->sizes[i][j], first).packets;
}

void
scope_traffic_look (ScopeTraffic * self, GstClockTime end, ScopeView * view)
{
  GstClockTime shown = self->bucket * SCOPE_BUCKETS;
  guint64 first = end > shown ? (end - shown) / self->bucket : 0;

  view->style = self->style;
  view->duration = shown;
  view->bucket = self->bucket;
  view->before_end = end - first * self->bucket;
  if (self->style == SCOPE_STYLE_FLOWS)
    scope_flows_look (self->flows, first, &self->total, view);
  else
    look_at_protocols (self, first, view);
  if (self->style == SCOPE_STYLE_SIZES)
    look_at_sizes (self, first, view);
  view->dropped = 0;
  for (guint b = 0; b <= SCOPE_BUCKETS; b++) {
    view->drops[b] = scope_series_get (&self->drops, first + b).packets;
    view->dropped += view->drops[b];
  }
}
