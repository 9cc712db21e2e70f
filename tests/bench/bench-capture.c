/* bench-capture: nanoseconds per packet for each way to read a capture source.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads small UDP packets, cut at their IPv4 transport headers, from the no-drain
 * mock: a ring that is handed over again and again, so that hardly anything but
 * the reading is measured. Usage: bench-capture [MILLIONS OF PACKETS] [ROUNDS] */

#include <gst/afring/afring.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#define BLOCK_SIZE (8 << 20)
#define BLOCK_COUNT 5

static guint64 sum;             /* of what was read, so that it is read */

static gboolean
use_packet (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  sum += payload[ip_offset] + length + total_length + type;
  return TRUE;
}

static void
read_packet (GstCaptureSource * source, guint64 n)
{
  for (guint64 i = 0; i < n; i++) {
    GstCapturePacket *packet = NULL;

    gst_capture_source_next_packet (source, &packet, NULL);
    sum += gst_capture_packet_get_length (packet);
    gst_capture_packet_free (packet);
  }
}

static void
read_packet_in_place (GstCaptureSource * source, guint64 n)
{
  GstCapturePacket *packet = gst_capture_source_new_packet (source);

  for (guint64 i = 0; i < n; i++) {
    gst_capture_source_next_packet (source, &packet, NULL);
    sum += gst_capture_packet_get_length (packet);
  }
  gst_capture_packet_free (packet);
}

static void
read_array (GstCaptureSource * source, guint64 n, gboolean ip, gboolean reuse)
{
  GByteArray *array = g_byte_array_new ();
  GstPacketType type;
  guint32 total;

  for (guint64 i = 0; i < n; i++) {
    if (!reuse) {
      g_byte_array_unref (array);
      array = g_byte_array_new ();
    }
    if (ip)
      gst_capture_source_next_ip_packet (source, array, &type, &total, NULL);
    else
      gst_capture_source_next_payload (source, array, &type, &total, NULL);
    sum += array->len + type + total;
  }
  g_byte_array_unref (array);
}

static void
read_payload (GstCaptureSource * source, guint64 n)
{
  read_array (source, n, FALSE, FALSE);
}

static void
read_payload_in_place (GstCaptureSource * source, guint64 n)
{
  read_array (source, n, FALSE, TRUE);
}

static void
read_ip_packet (GstCaptureSource * source, guint64 n)
{
  read_array (source, n, TRUE, FALSE);
}

static void
read_ip_packet_in_place (GstCaptureSource * source, guint64 n)
{
  read_array (source, n, TRUE, TRUE);
}

static void
read_payload_zero_copy (GstCaptureSource * source, guint64 n)
{
  GstCaptureSourceZeroCopy *self = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  const guint8 *payload;
  GstPacketType type;
  guint32 total;
  gsize length;

  for (guint64 i = 0; i < n; i++) {
    gst_capture_source_zero_copy_next_payload (self, &payload, &length, &type,
        &total, NULL);
    sum += payload[0] + length + type + total;
  }
}

static void
read_ip_packet_zero_copy (GstCaptureSource * source, guint64 n)
{
  GstCaptureSourceZeroCopy *self = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  const guint8 *payload;
  GstPacketType type;
  guint32 total;
  gsize length;

  for (guint64 i = 0; i < n; i++) {
    gst_capture_source_zero_copy_next_ip_packet (self, &payload, &length, &type,
        &total, NULL);
    sum += payload[0] + length + type + total;
  }
}

#define BATCH 64

static void
read_views (GstCaptureSource * source, guint64 n)
{
  GstCaptureView views[BATCH];

  for (guint64 i = 0; i < n;) {
    guint got = gst_capture_source_next_views (source, views, BATCH, NULL);

    for (guint k = 0; k < got; k++) {
      const GstCaptureView *view = &views[k];

      sum += view->payload[view->ip_offset] + view->length + view->total_length +
          view->type;
    }
    i += got;
  }
}

static void
read_function (GstCaptureSource * source, guint64 n)
{
  for (guint64 i = 0; i < n; i++)
    gst_capture_source_next_packet_fn (source, use_packet, NULL, NULL);
}

/* A record as it lies in a ring: what the kernel says of it, and where its bytes
 * are. As long as those of the source. */
typedef struct
{
  guint32 next, captured, wire, mac;
  guint8 rest[128];
} BareRecord;

#define N_BARE (BLOCK_COUNT * BLOCK_SIZE / sizeof (BareRecord))

static BareRecord *bare;

/* The least that anybody can do: no ring, no block to give back, no check, no call.
 * What it takes is the machine's memory. */
static void
read_bare (GstCaptureSource * source, guint64 n)
{
  const guint8 *at = (const guint8 *) bare;

  for (guint64 i = 0; i < n; i++) {
    const BareRecord *record = (const BareRecord *) at;

    __builtin_prefetch (at + 24 * record->next);
    __builtin_prefetch (at + 24 * record->next + 64);
    sum += at[record->mac] + record->captured + record->wire + record->rest[8];
    at += record->next;
    if (at == (const guint8 *) (bare + N_BARE))
      at = (const guint8 *) bare;
  }
}

static void
make_bare (void)
{
  bare = g_new0 (BareRecord, N_BARE);
  for (guint i = 0; i < N_BARE; i++) {
    bare[i].next = sizeof (BareRecord);
    bare[i].captured = bare[i].wire = 42;
    bare[i].mac = 96;
  }
}

static const struct
{
  const gchar *name;
  void (*read) (GstCaptureSource * source, guint64 n);
} methods[] = {
  {"packet", read_packet},
  {"packet, in place", read_packet_in_place},
  {"payload", read_payload},
  {"payload, in place", read_payload_in_place},
  {"payload, zero-copy", read_payload_zero_copy},
  {"IP packet", read_ip_packet},
  {"IP packet, in place", read_ip_packet_in_place},
  {"IP packet, zero-copy", read_ip_packet_zero_copy},
  {"function", read_function},
  {"views, 64 at once", read_views},
  {"bare loop over memory", read_bare},
};

static GstCaptureSource *
make_source (void)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSourceNoDrain *source =
      gst_afring_mock_source_no_drain_new ("bench", &error,
      "block-size", BLOCK_SIZE, "block-count", BLOCK_COUNT,
      "snaplen-strategy", GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_TRANSPORT, NULL);
  GstCapturePacket *packet = gst_capture_packet_build ("10.0.0.1", "10.0.0.2",
      1000, 5004, 17, (const guint8 *) "0123456789012345678901", 22,
      GST_PACKET_TYPE_HOST, 128, NULL);
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (source);

  if (source == NULL)
    g_error ("%s", error->message);
  while (gst_afring_mock_source_can_add_packets (mock)) {
    if (!gst_afring_mock_source_add_packet (mock, packet, &error))
      g_error ("%s", error->message);
  }
  gst_capture_packet_free (packet);
  if (!gst_afring_mock_source_no_drain_run (source, GST_USECOND, &error))
    g_error ("%s", error->message);
  return GST_CAPTURE_SOURCE (source);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

int
main (int argc, char **argv)
{
  gint millions = argc > 1 ? atoi (argv[1]) : 20;
  guint64 n = millions * G_GUINT64_CONSTANT (1000000);
  gint rounds = argc > 2 ? atoi (argv[2]) : 5;
  g_autofree gdouble *times = g_new (gdouble, MAX (rounds, 1));
  GstCaptureSource *source;
  struct utsname machine;

  if (millions <= 0 || rounds <= 0) {
    g_printerr ("Usage: %s [MILLIONS OF PACKETS (20)] [ROUNDS (5)]\n", argv[0]);
    return EXIT_FAILURE;
  }
  gst_init (&argc, &argv);
  uname (&machine);
  source = make_source ();
  make_bare ();
  printf ("%s %s %s, %u processors; %" G_GUINT64_FORMAT " packets a round, %u "
      "rounds\n\n%-22s %8s %8s %8s\n", machine.sysname, machine.release,
      machine.machine, g_get_num_processors (), n, rounds, "ns per packet",
      "median", "least", "most");

  for (guint m = 0; m < G_N_ELEMENTS (methods); m++) {
    methods[m].read (source, n / 10);
    for (gint i = 0; i < rounds; i++) {
      gint64 start = g_get_monotonic_time ();

      methods[m].read (source, n);
      times[i] = (g_get_monotonic_time () - start) * 1000.0 / n;
    }
    qsort (times, rounds, sizeof (*times), compare);
    printf ("%-22s %8.1f %8.1f %8.1f\n", methods[m].name, times[rounds / 2],
        times[0], times[rounds - 1]);
  }
  g_object_unref (source);
  g_free (bare);
  return sum == 0;
}
