/* gst-afring: the ring without a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-afringmocksrc
 * @title: afringmocksrc
 * @short_description: the capture ring without a network
 *
 * Plays a capture file, or synthetic packets, through a ring that is filled as
 * the kernel fills it and read as afringsrc reads it. It needs no privilege.
 * Where the kernel would drop packets, because the ring is full, this source
 * waits.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringmocksrc location=in.pcapng ! pcapsink location=out.pcapng
 * ]|
 */

#include "config.h"

#include "gstafringmocksrc.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/afring/ring/gstafringmocksource-private.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_mock_src_debug);
#define GST_CAT_DEFAULT gst_afring_mock_src_debug

#define HEADERS_LENGTH 42       /* Ethernet, IPv4, UDP */
#define MAX_PACKET_SIZE 65549   /* the longest IPv4 datagram */
#define DEFAULT_PACKET_SIZE 64
#define SYNTHETIC_PORT 5004

enum
{
  PROP_LOCATION = GST_AFRING_BASE_SRC_N_PROPERTIES,
  PROP_LOOP,
  PROP_SPEED,
  PROP_PACKET_SIZE,
  PROP_DRAIN
};

struct _GstAfringMockSrc
{
  GstAfringBaseSrc parent;

  /* Settings; object lock. */
  gchar *location;
  gint loop;
  gdouble speed;
  guint packet_size;
  gboolean drain;

  /* The thread that adds packets, and what it plays. */
  GThread *feeder;
  GstAfringMockSource *source;
  GstPcapSource *file;          /* opened for its link type; the first round */
  gint stopping;                /* atomic; changed with the lock */
  GMutex lock;
  GCond cond;
};

G_DEFINE_TYPE (GstAfringMockSrc, gst_afring_mock_src, GST_TYPE_AFRING_BASE_SRC)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (afringmocksrc, "afringmocksrc",
    GST_RANK_NONE, GST_TYPE_AFRING_MOCK_SRC,
    GST_DEBUG_CATEGORY_INIT (gst_afring_mock_src_debug, "afringmocksrc", 0,
        "The capture ring without a network"))

static void
gst_afring_mock_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      break;
    case PROP_LOOP:
      self->loop = g_value_get_int (value);
      break;
    case PROP_SPEED:
      self->speed = g_value_get_double (value);
      break;
    case PROP_PACKET_SIZE:
      self->packet_size = g_value_get_uint (value);
      break;
    case PROP_DRAIN:
      self->drain = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_afring_mock_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_LOOP:
      g_value_set_int (value, self->loop);
      break;
    case PROP_SPEED:
      g_value_set_double (value, self->speed);
      break;
    case PROP_PACKET_SIZE:
      g_value_set_uint (value, self->packet_size);
      break;
    case PROP_DRAIN:
      g_value_set_boolean (value, self->drain);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The feeder. */

/* Times of a file that is played: when it began, in its time and in ours. */
typedef struct
{
  GstClockTime first;
  GstClockTime last;
  GstClockTime shift;           /* of this round's packets */
  gint64 started;               /* monotonic, microseconds */
} Playback;

static gboolean
is_stopping (GstAfringMockSrc * self)
{
  return g_atomic_int_get (&self->stopping);
}

/* Sleeps until it is the packet's turn. FALSE if the element stops. */
static gboolean
pace (GstAfringMockSrc * self, const Playback * playback, GstClockTime time)
{
  gint64 due;

  if (self->speed <= 0.0 || time <= playback->first)
    return !is_stopping (self);
  due = playback->started +
      (gint64) ((time - playback->first) / self->speed / GST_USECOND);
  g_mutex_lock (&self->lock);
  while (!is_stopping (self) && g_get_monotonic_time () < due)
    g_cond_wait_until (&self->cond, &self->lock, due);
  g_mutex_unlock (&self->lock);
  return !is_stopping (self);
}

static gboolean
play_packet (GstAfringMockSrc * self, Playback * playback,
    const GstPcapPacket * packet, GError ** error)
{
  GstAfringMockPacket mock = {
    .data = packet->data,
    .captured_length = packet->captured_length,
    .wire_length = packet->wire_length,
    .type = packet->type,
    .interface_id = packet->interface_id,
  };

  if (packet->link_type != gst_capture_link_get_link_type
      (gst_capture_source_get_link (GST_CAPTURE_SOURCE (self->source)))) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "The file has packets of link type %u among others; a ring has one",
        packet->link_type);
    return FALSE;
  }
  /* a packet without a time, which pcapng allows, comes with the one before */
  mock.time = playback->last;
  if (packet->time != GST_CLOCK_TIME_NONE)
    mock.time = packet->time + playback->shift;
  if (playback->first == GST_CLOCK_TIME_NONE) {
    if (mock.time == GST_CLOCK_TIME_NONE)
      mock.time = 0;
    playback->first = mock.time;
    playback->started = g_get_monotonic_time ();
  }
  playback->last = mock.time;
  return pace (self, playback, mock.time)
      && gst_afring_mock_source_store (self->source, &mock, error);
}

/* FALSE at the end of all, with or without an error. */
static gboolean
play_round (GstAfringMockSrc * self, Playback * playback, GError ** error)
{
  g_autoptr (GstPcapSource) file = g_steal_pointer (&self->file);
  GError *reason = NULL;
  GstPcapPacket packet;
  gboolean more;

  if (file == NULL)
    file = gst_pcap_source_new (self->location, error);
  if (file == NULL)
    return FALSE;

  while ((more = gst_pcap_source_next (file, &packet, &reason))
      && play_packet (self, playback, &packet, &reason)) {
    /* without draining the ring is filled once, however long the file is */
    if (!self->drain && !gst_afring_mock_source_can_add_packets (self->source))
      return FALSE;
  }
  if (!more && g_error_matches (reason, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE)) {
    g_clear_error (&reason);
    return playback->first != GST_CLOCK_TIME_NONE;
  }
  if (reason != NULL)
    g_propagate_error (error, reason);
  return FALSE;
}

/* A ring that nothing gets into would be filled for ever. */
static gboolean
has_packets (GstAfringMockSrc * self, GError ** error)
{
  GstAfringTotals totals;

  gst_afring_source_get_totals (GST_AFRING_SOURCE (self->source), &totals);
  if (totals.packets_received > 0)
    return TRUE;
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_POPULATED,
      "No packet of \"%s\" passes the filter: there is nothing to fill the ring "
      "with", self->location);
  return FALSE;
}

/* A file that is played again goes on where it ended, in time. */
static void
play_file (GstAfringMockSrc * self, GError ** error)
{
  Playback playback = {.first = GST_CLOCK_TIME_NONE,
    .last = GST_CLOCK_TIME_NONE
  };

  for (gint round = 0; !self->drain || self->loop < 0 || round < self->loop;
      round++) {
    if (!play_round (self, &playback, error))
      return;
    if (!self->drain && !has_packets (self, error))
      return;
    playback.shift = playback.last - playback.first;
  }
}

static guint16
checksum (const guint8 * header)
{
  guint32 sum = 0;

  for (guint i = 0; i < 20; i += 2)
    sum += GST_READ_UINT16_BE (header + i);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~((sum & 0xffff) + (sum >> 16));
}

/* UDP over IPv4, with a number that counts up as its payload. */
static void
fill_synthetic (guint8 * packet, guint size)
{
  guint8 *ip = packet + 14;

  memset (packet, 0, size);
  memcpy (packet, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08", 13);
  ip[0] = 0x45;
  GST_WRITE_UINT16_BE (ip + 2, size - 14);
  ip[8] = 64;
  ip[9] = 17;
  memcpy (ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
  GST_WRITE_UINT16_BE (ip + 10, checksum (ip));
  GST_WRITE_UINT16_BE (ip + 20, SYNTHETIC_PORT);
  GST_WRITE_UINT16_BE (ip + 22, SYNTHETIC_PORT);
  GST_WRITE_UINT16_BE (ip + 24, size - 34);
}

static void
make_synthetic (GstAfringMockSrc * self, GError ** error)
{
  g_autofree guint8 *data = g_malloc (self->packet_size);
  GstAfringMockPacket packet = {
    .data = data,
    .captured_length = self->packet_size,
    .wire_length = self->packet_size,
    .type = GST_PACKET_TYPE_HOST,
  };

  fill_synthetic (data, self->packet_size);
  for (guint32 number = 0; !is_stopping (self); number++) {
    if (self->packet_size >= HEADERS_LENGTH + sizeof (number))
      GST_WRITE_UINT32_BE (data + HEADERS_LENGTH, number);
    packet.time = g_get_real_time () * GST_USECOND;
    if (!gst_afring_mock_source_store (self->source, &packet, error))
      return;
    if (!self->drain && !gst_afring_mock_source_can_add_packets (self->source))
      return;
  }
}

static gpointer
feed (gpointer data)
{
  GstAfringMockSrc *self = data;
  GError *error = NULL;

  if (self->drain)
    gst_afring_mock_source_run (self->source, NULL);
  if (self->location != NULL)
    play_file (self, &error);
  else
    make_synthetic (self, &error);

  if (error == NULL && !self->drain && !is_stopping (self))
    gst_afring_mock_source_no_drain_run ((GstAfringMockSourceNoDrain *)
        self->source, 0, &error);
  if (g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED))
    g_clear_error (&error);
  if (self->drain || error != NULL)
    gst_afring_base_src_end (GST_AFRING_BASE_SRC (self), error);
  g_clear_error (&error);
  return NULL;
}

/* The element. */

static GstAfringSource *
gst_afring_mock_src_make_source (GstAfringBaseSrc * base,
    GstCaptureLink ** link, GError ** error)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (base);
  guint link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;

  g_clear_object (&self->file);
  if (self->location != NULL) {
    self->file = gst_pcap_source_new (self->location, error);
    if (self->file == NULL)
      return NULL;
    link_type = gst_capture_link_get_link_type (gst_capture_source_get_link
        (GST_CAPTURE_SOURCE (self->file)));
  }
  gst_afring_base_src_set_replay (base, self->location != NULL && self->drain);
  /* a file can be of several interfaces, which only packets can tell apart */
  gst_afring_base_src_set_blocks (base, self->drain ?
      GST_AFRING_BLOCKS_ON_DEMAND : GST_AFRING_BLOCKS_NEVER);
  *link = gst_capture_link_new_virtual ("mock", link_type);
  return g_object_new (self->drain ? GST_TYPE_AFRING_MOCK_SOURCE :
      GST_TYPE_AFRING_MOCK_SOURCE_NO_DRAIN, "link-type", link_type, NULL);
}

static gboolean
gst_afring_mock_src_started (GstAfringBaseSrc * base, GstAfringSource * source,
    GError ** error)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (base);

  g_atomic_int_set (&self->stopping, FALSE);
  self->source = g_object_ref (GST_AFRING_MOCK_SOURCE (source));
  self->feeder = g_thread_try_new ("afringmocksrc", feed, self, error);
  return self->feeder != NULL;
}

static void
gst_afring_mock_src_stopping (GstAfringBaseSrc * base,
    GstAfringSource * source)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (base);

  if (self->source == NULL)
    return;
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->stopping, TRUE);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  gst_afring_mock_source_done (self->source);
  g_clear_pointer (&self->feeder, g_thread_join);
  gst_afring_mock_source_wait (self->source, NULL);
  g_clear_object (&self->source);
  g_clear_object (&self->file);
}

static void
gst_afring_mock_src_finalize (GObject * object)
{
  GstAfringMockSrc *self = GST_AFRING_MOCK_SRC (object);

  g_free (self->location);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (gst_afring_mock_src_parent_class)->finalize (object);
}

static void
gst_afring_mock_src_class_init (GstAfringMockSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAfringBaseSrcClass *base_class = GST_AFRING_BASE_SRC_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_afring_mock_src_set_property;
  object_class->get_property = gst_afring_mock_src_get_property;
  object_class->finalize = gst_afring_mock_src_finalize;
  base_class->make_source = gst_afring_mock_src_make_source;
  base_class->started = gst_afring_mock_src_started;
  base_class->stopping = gst_afring_mock_src_stopping;

  g_object_class_install_property (object_class, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
          "pcap or pcapng file, gzipped or not, to play through the ring; NULL "
          "makes synthetic UDP packets without end", NULL, flags));
  g_object_class_install_property (object_class, PROP_LOOP,
      g_param_spec_int ("loop", "Loop",
          "How often the file is played; -1: for ever. Times go on from one "
          "round to the next", -1, G_MAXINT, 1, flags));
  g_object_class_install_property (object_class, PROP_SPEED,
      g_param_spec_double ("speed", "Speed",
          "1.0 plays the file in its own time, 2.0 twice as fast; 0 as fast as "
          "it goes", 0.0, G_MAXDOUBLE, 0.0, flags));
  g_object_class_install_property (object_class, PROP_PACKET_SIZE,
      g_param_spec_uint ("packet-size", "Packet size",
          "Bytes of a synthetic packet, link header included",
          HEADERS_LENGTH, MAX_PACKET_SIZE, DEFAULT_PACKET_SIZE, flags));
  g_object_class_install_property (object_class, PROP_DRAIN,
      g_param_spec_boolean ("drain", "Drain",
          "FALSE fills the ring once and hands it over again and again, as fast "
          "as it is read, without end: for benchmarks", TRUE, flags));

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Mock packet capture source", "Source/Network/Test",
      "Plays a capture file or synthetic packets through a packet ring without a "
      "network", GST_AFRING_AUTHORS);
}

static void
gst_afring_mock_src_init (GstAfringMockSrc * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->packet_size = DEFAULT_PACKET_SIZE;
  self->loop = 1;
}
