/* gst-afring: the senders of RTP in a flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpstreams.h"

#define MOST_STREAMS 32
#define MOST_TYPES 16

/* So many packets later what is missing is not just late: RFC 5681 section 3.2 waits as
 * long. */
#define PATIENCE 3

#define REPORT_INTERVAL GST_SECOND

typedef struct
{
  RtpStreamStats *stats;
  guint disconts;               /* of the input when its last packet came */
  guint64 reported;             /* lost packets that have been told of */
  guint64 reported_capture;
} Stream;

typedef struct
{
  guint32 ssrc;
  guint8 payload_type;
  GstCaps *caps;                /* NULL: not known yet */
  guint clock_rate;             /* 0: not known */
} Type;

struct _RtpStreams
{
  Stream streams[MOST_STREAMS];
  guint n_streams;
  guint proven;                 /* of these */
  guint last;                   /* the one that the last packet was of */
  Type types[MOST_TYPES];
  guint n_types;
  guint last_type;
  gboolean unknown;             /* one of them has to be asked for */
  gboolean hardware;            /* all were stamped so */

  /* Of the report. */
  guint patience;               /* packets that are waited for yet */
  gboolean missing;             /* something is, perhaps */
  gboolean due;
  GstClockTime time;            /* of the last packet */
  GstClockTime not_before;      /* for the next report */
};

RtpStreams *
rtp_streams_new (void)
{
  RtpStreams *self = g_new0 (RtpStreams, 1);

  self->hardware = TRUE;
  return self;
}

void
rtp_streams_free (RtpStreams * self)
{
  for (guint i = 0; i < self->n_streams; i++)
    rtp_stream_stats_free (self->streams[i].stats);
  for (guint i = 0; i < self->n_types; i++)
    gst_clear_caps (&self->types[i].caps);
  g_free (self);
}

void
rtp_streams_restart (RtpStreams * self)
{
  for (guint i = 0; i < self->n_streams; i++)
    rtp_stream_stats_restart (self->streams[i].stats);
  self->not_before = 0;
}

/* Payload types. */

static Type *
find_type (RtpStreams * self, guint8 payload_type)
{
  if (G_LIKELY (self->n_types > 0
          && self->types[self->last_type].payload_type == payload_type))
    return &self->types[self->last_type];
  for (guint i = 0; i < self->n_types; i++) {
    if (self->types[i].payload_type == payload_type) {
      self->last_type = i;
      return &self->types[i];
    }
  }
  return NULL;
}

void
rtp_streams_note_type (RtpStreams * self, guint32 ssrc, guint8 payload_type)
{
  if (find_type (self, payload_type) != NULL || self->n_types == MOST_TYPES)
    return;
  self->types[self->n_types++] = (Type) {
  .ssrc = ssrc,.payload_type = payload_type};
  self->unknown = TRUE;
}

static guint
get_clock_rate (RtpStreams * self, const RtpHeader * header)
{
  const Type *type = find_type (self, header->payload_type);

  if (G_LIKELY (type != NULL))
    return type->clock_rate;
  rtp_streams_note_type (self, header->ssrc, header->payload_type);
  return 0;
}

gboolean
rtp_streams_find_unknown (RtpStreams * self, guint32 * ssrc,
    guint8 * payload_type)
{
  for (guint i = 0; self->unknown && i < self->n_types; i++) {
    if (self->types[i].caps != NULL)
      continue;
    *ssrc = self->types[i].ssrc;
    *payload_type = self->types[i].payload_type;
    return TRUE;
  }
  self->unknown = FALSE;
  return FALSE;
}

void
rtp_streams_set_caps (RtpStreams * self, guint8 payload_type, GstCaps * caps)
{
  Type *type = find_type (self, payload_type);
  gint clock_rate = 0;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate",
      &clock_rate);
  gst_clear_caps (&type->caps);
  type->caps = caps;
  type->clock_rate = MAX (clock_rate, 0);
}

/* Packets. */

/* A place for one more. Where noise has taken all, the noise goes. */
static Stream *
add_stream (RtpStreams * self, guint32 ssrc, guint8 payload_type)
{
  guint i = self->n_streams;

  if (i < MOST_STREAMS)
    self->n_streams++;
  else
    for (i = 0; i < MOST_STREAMS
        && rtp_stream_stats_is_proven (self->streams[i].stats); i++);
  if (i == MOST_STREAMS)
    return NULL;
  g_clear_pointer (&self->streams[i].stats, rtp_stream_stats_free);
  self->streams[i] = (Stream) {
  .stats = rtp_stream_stats_new (ssrc, payload_type)};
  self->last = i;
  return &self->streams[i];
}

static Stream *
find_stream (RtpStreams * self, guint32 ssrc, guint8 payload_type)
{
  if (G_LIKELY (self->n_streams > 0 && rtp_stream_stats_get_ssrc
          (self->streams[self->last].stats) == ssrc))
    return &self->streams[self->last];
  for (guint i = 0; i < self->n_streams; i++) {
    if (rtp_stream_stats_get_ssrc (self->streams[i].stats) == ssrc) {
      self->last = i;
      return &self->streams[i];
    }
  }
  return add_stream (self, ssrc, payload_type);
}

/* Where nobody counts what a capture drops, a mark that something was lost on the way
 * here is all that there is. */
static void
explain_hole (Stream * stream, const RtpArrival * arrival, GstClockTime since,
    guint missing)
{
  guint64 n = 0;

  if (flow_losses_counts (arrival->losses, arrival->interface_id))
    n = flow_losses_claim (arrival->losses, arrival->interface_id, since,
        missing);
  else if (stream->disconts != arrival->disconts)
    n = missing;
  rtp_stream_stats_blame_capture (stream->stats, n);
}

static guint64
get_unreported (const RtpStreams * self)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->n_streams; i++) {
    guint64 lost = rtp_stream_stats_get_lost (self->streams[i].stats);

    if (lost > self->streams[i].reported)
      sum += lost - self->streams[i].reported;
  }
  return sum;
}

static void
look_for_report (RtpStreams * self, GstClockTime time)
{
  if (self->patience > 0)
    self->patience--;
  if (self->patience > 0 || (GST_CLOCK_TIME_IS_VALID (time)
          && time < self->not_before))
    return;
  self->due = get_unreported (self) > 0;
  self->missing = self->due;
}

void
rtp_streams_take (RtpStreams * self, const RtpHeader * header,
    const RtpArrival * arrival)
{
  Stream *stream = find_stream (self, header->ssrc, header->payload_type);
  GstClockTime since;
  gboolean proven;
  guint missing;

  if (G_UNLIKELY (stream == NULL))
    return;
  since = rtp_stream_stats_get_last_time (stream->stats);
  proven = rtp_stream_stats_is_proven (stream->stats);
  missing = rtp_stream_stats_take (stream->stats, header, arrival->time,
      get_clock_rate (self, header));
  self->hardware &= arrival->hardware;
  self->time = arrival->time;
  self->proven += proven != rtp_stream_stats_is_proven (stream->stats);
  if (G_UNLIKELY (self->missing))
    look_for_report (self, arrival->time);
  if (G_UNLIKELY (missing > 0)) {
    explain_hole (stream, arrival, since, missing);
    if (!self->missing)
      self->patience = PATIENCE;
    self->missing = TRUE;
  }
  stream->disconts = arrival->disconts;
}

void
rtp_streams_prove (RtpStreams * self, guint32 ssrc, guint8 payload_type)
{
  Stream *stream = find_stream (self, ssrc, payload_type);

  if (stream == NULL || rtp_stream_stats_is_proven (stream->stats))
    return;
  rtp_stream_stats_prove (stream->stats);
  self->proven++;
}

void
rtp_streams_explain (RtpStreams * self, guint64 * left)
{
  for (guint i = 0; i < self->n_streams; i++) {
    RtpStreamStats *stats = self->streams[i].stats;
    guint64 n = MIN (*left, rtp_stream_stats_get_unexplained (stats));

    rtp_stream_stats_blame_capture (stats, n);
    rtp_stream_stats_settle (stats);
    *left -= n;
  }
}

/* What is known. */

guint
rtp_streams_count (const RtpStreams * self)
{
  return self->proven;
}

const RtpStreamStats *
rtp_streams_get_first (const RtpStreams * self)
{
  for (guint i = 0; i < self->n_streams; i++) {
    if (rtp_stream_stats_is_proven (self->streams[i].stats))
      return self->streams[i].stats;
  }
  return NULL;
}

gboolean
rtp_streams_are_alike (const RtpStreams * self)
{
  const RtpStreamStats *first = rtp_streams_get_first (self);

  for (guint i = 0; i < self->n_streams; i++) {
    const RtpStreamStats *stats = self->streams[i].stats;

    if (rtp_stream_stats_is_proven (stats)
        && rtp_stream_stats_get_payload_type (stats) !=
        rtp_stream_stats_get_payload_type (first))
      return FALSE;
  }
  return TRUE;
}

static const Type *
get_type (const RtpStreams * self, guint8 payload_type)
{
  for (guint i = 0; i < self->n_types; i++) {
    if (self->types[i].payload_type == payload_type)
      return &self->types[i];
  }
  return NULL;
}

GstCaps *
rtp_streams_make_caps (const RtpStreams * self)
{
  const RtpStreamStats *first = rtp_streams_get_first (self);
  const Type *type = NULL;
  GstStructure *structure;
  GstCaps *caps;

  if (first != NULL && rtp_streams_are_alike (self))
    type = get_type (self, rtp_stream_stats_get_payload_type (first));
  if (type == NULL || type->caps == NULL)
    return gst_caps_new_empty_simple ("application/x-rtp");
  caps = gst_caps_copy (type->caps);
  structure = gst_caps_get_structure (caps, 0);
  if (self->proven > 1)
    gst_structure_remove_field (structure, "ssrc");
  else
    gst_structure_set (structure, "ssrc", G_TYPE_UINT,
        rtp_stream_stats_get_ssrc (first), NULL);
  return caps;
}

static GstStructure *
describe_stream (const RtpStreams * self, const RtpStreamStats * stats)
{
  guint8 payload_type = rtp_stream_stats_get_payload_type (stats);
  const Type *type = get_type (self, payload_type);
  GstStructure *structure = gst_structure_new ("application/x-rtp-stream",
      "ssrc", G_TYPE_UINT, rtp_stream_stats_get_ssrc (stats),
      "payload", G_TYPE_INT, (gint) payload_type,
      "packets", G_TYPE_UINT64, rtp_stream_stats_get_packets (stats), NULL);

  if (type != NULL && type->clock_rate > 0)
    gst_structure_set (structure,
        "clock-rate", G_TYPE_INT, (gint) type->clock_rate, NULL);
  rtp_stream_stats_describe (stats, structure);
  return structure;
}

void
rtp_streams_describe (const RtpStreams * self, GstStructure * structure)
{
  GValue list = G_VALUE_INIT;
  RtpStreamSum sum;

  rtp_stream_sum_init (&sum);
  g_value_init (&list, GST_TYPE_LIST);
  for (guint i = 0; i < self->n_streams; i++) {
    const RtpStreamStats *stats = self->streams[i].stats;
    GValue value = G_VALUE_INIT;

    if (!rtp_stream_stats_is_proven (stats))
      continue;
    rtp_stream_sum_add (&sum, stats);
    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, describe_stream (self, stats));
    gst_value_list_append_and_take_value (&list, &value);
  }
  rtp_stream_sum_describe (&sum, structure);
  gst_structure_take_value (structure, "streams", &list);
  gst_structure_set (structure, "hardware-time", G_TYPE_BOOLEAN,
      self->hardware, NULL);
}

/* Reports. */

gboolean
rtp_streams_has_report (const RtpStreams * self, gboolean at_end)
{
  return G_UNLIKELY (self->due || (at_end && self->missing
          && get_unreported (self) > 0));
}

/* The stream that has lost most. */
static const Stream *
find_worst (const RtpStreams * self)
{
  const Stream *worst = &self->streams[0];
  gint64 most = G_MININT64;

  for (guint i = 0; i < self->n_streams; i++) {
    const Stream *stream = &self->streams[i];
    gint64 lost = rtp_stream_stats_get_lost (stream->stats) - stream->reported;

    if (lost > most)
      worst = stream;
    most = MAX (most, lost);
  }
  return worst;
}

void
rtp_streams_report (RtpStreams * self, GstStructure * structure)
{
  const RtpStreamStats *worst = find_worst (self)->stats;
  guint64 lost = get_unreported (self), by_capture = 0, total = 0;

  for (guint i = 0; i < self->n_streams; i++) {
    Stream *stream = &self->streams[i];
    guint64 now = rtp_stream_stats_get_lost_by_capture (stream->stats);

    if (now > stream->reported_capture)
      by_capture += now - stream->reported_capture;
    stream->reported_capture = now;
    stream->reported = rtp_stream_stats_get_lost (stream->stats);
    total += stream->reported;
  }
  by_capture = MIN (by_capture, lost);
  gst_structure_set (structure,
      "ssrc", G_TYPE_UINT, rtp_stream_stats_get_ssrc (worst),
      "payload", G_TYPE_INT, (gint) rtp_stream_stats_get_payload_type (worst),
      "lost", G_TYPE_UINT64, lost,
      "lost-by-capture", G_TYPE_UINT64, by_capture,
      "lost-by-network", G_TYPE_UINT64, lost - by_capture,
      "total-lost", G_TYPE_UINT64, total,
      "time", G_TYPE_UINT64, self->time, NULL);
  self->due = self->missing = FALSE;
  self->not_before = GST_CLOCK_TIME_IS_VALID (self->time) ?
      self->time + REPORT_INTERVAL : 0;
}
