/* Every row of the table of the C library's interface, by a program that sees
 * only the public header and links only the library.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Usage: table mock|lo
 */

#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT 60
#define MARK "afring %05u"
#define MARK_LENGTH 12

static void
report (const gchar * file, gint line, gboolean condition,
    const gchar * format, va_list args, const GError * error)
{
  g_autofree gchar *text = g_strdup_vprintf (format, args);

  if (condition) {
    printf ("ok   %s\n", text);
    return;
  }
  printf ("FAIL %s (%s:%d)%s%s\n", text, file, line, error ? ": " : "",
      error ? error->message : "");
  exit (1);
}

void
check_at (const gchar * file, gint line, gboolean condition,
    const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  report (file, line, condition, format, args, NULL);
  va_end (args);
}

void
check_error_at (const gchar * file, gint line, gboolean result,
    GError ** error, GstCaptureError code, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  report (file, line, !result && g_error_matches (*error, GST_CAPTURE_ERROR,
          code), format, args, *error);
  va_end (args);
  g_clear_error (error);
}

GstCapturePacket *
numbered_packet (guint number)
{
  g_autofree gchar *mark = g_strdup_printf (MARK, number);

  return gst_capture_packet_build ("10.0.0.1", "10.0.0.2", 1000, 2000, 17,
      (const guint8 *) mark, MARK_LENGTH, GST_PACKET_TYPE_MULTICAST, 300, NULL);
}

/* The number that stands at the end of a packet; -1 if there is none. */
gint
packet_number (const guint8 * payload, gsize length)
{
  gchar text[MARK_LENGTH + 1] = "";
  gint number;

  if (length < MARK_LENGTH)
    return -1;
  memcpy (text, payload + length - MARK_LENGTH, MARK_LENGTH);
  return sscanf (text, "afring %d", &number) == 1 ? number : -1;
}

typedef struct
{
  gint number;
  gsize length;
  guint32 total_length;
  GstPacketType type;
  guint8 ip_offset;
  guint n_calls;
} Seen;

static gboolean
see_packet (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  Seen *seen = user_data;

  seen->number = packet_number (payload, length);
  seen->length = length;
  seen->total_length = total_length;
  seen->type = type;
  seen->ip_offset = ip_offset;
  seen->n_calls++;
  return TRUE;
}

static gboolean
refuse_packet (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "refused");
  return FALSE;
}

static void
check_packet (const GstCapturePacket * packet, guint number,
    GstPacketType type, gsize length, guint32 total_length, const gchar * how)
{
  gsize payload_length, ip_length;
  const guint8 *payload =
      gst_capture_packet_get_payload (packet, &payload_length);
  const guint8 *ip = gst_capture_packet_get_ip_layer (packet, &ip_length);

  check (payload_length == length
      && gst_capture_packet_get_length (packet) == length
      && packet_number (payload, payload_length) == (gint) number,
      "%s: packet %u, whole", how, number);
  check (gst_capture_packet_get_total_length (packet) == total_length
      && gst_capture_packet_get_packet_type (packet) == type,
      "%s: total length and type", how);
  check (gst_capture_packet_get_ip_offset (packet) == 14
      && ip == payload + 14 && ip_length == length - 14 && ip[0] == 0x45,
      "%s: the IP layer", how);
}

void
check_reading (GstCaptureSource * source, guint first, GstPacketType type,
    gsize length, guint32 total_length)
{
  g_autoptr (GstCapturePacket) packet = NULL;
  g_autoptr (GstCapturePacket) reused =
      gst_capture_source_new_packet (source);
  GstCapturePacket *before = reused;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GstPacketType found_type = GST_PACKET_TYPE_UNKNOWN;
  guint32 found_total = 0;
  GstCaptureSourceZeroCopy *zero_copy;
  const guint8 *view = NULL;
  gsize view_length = 0;
  Seen seen = { 0 };

  check (reused != NULL, "new_packet");
  check (gst_capture_source_next_packet (source, &packet, &error) && packet,
      "next_packet makes a packet");
  check_packet (packet, first, type, length, total_length,
      "next_packet (NULL)");
  check (gst_capture_source_next_packet (source, &reused, &error)
      && reused == before, "next_packet reuses a packet");
  check_packet (reused, first + 1, type, length, total_length,
      "next_packet (reuse)");

  check (gst_capture_source_next_payload (source, bytes, &found_type,
          &found_total, &error) && bytes->len == length
      && packet_number (bytes->data, bytes->len) == (gint) first + 2
      && found_type == type && found_total == total_length, "next_payload");
  found_type = GST_PACKET_TYPE_UNKNOWN;
  found_total = 0;
  check (gst_capture_source_next_ip_packet (source, bytes, &found_type,
          &found_total, &error) && bytes->len == length - 14
      && packet_number (bytes->data, bytes->len) == (gint) first + 3
      && bytes->data[0] == 0x45
      && found_type == type && found_total == total_length, "next_ip_packet");

  check (GST_IS_CAPTURE_SOURCE_ZERO_COPY (source), "is a zero-copy source");
  zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  found_type = GST_PACKET_TYPE_UNKNOWN;
  found_total = 0;
  check (gst_capture_source_zero_copy_next_payload (zero_copy, &view,
          &view_length, &found_type, &found_total, &error)
      && view_length == length
      && packet_number (view, view_length) == (gint) first + 4
      && found_type == type && found_total == total_length,
      "zero_copy_next_payload");
  found_type = GST_PACKET_TYPE_UNKNOWN;
  found_total = 0;
  check (gst_capture_source_zero_copy_next_ip_packet (zero_copy, &view,
          &view_length, &found_type, &found_total, &error)
      && view_length == length - 14 && view[0] == 0x45
      && packet_number (view, view_length) == (gint) first + 5
      && found_type == type && found_total == total_length,
      "zero_copy_next_ip_packet");

  check (gst_capture_source_next_packet_fn (source, see_packet, &seen, &error)
      && seen.n_calls == 1 && seen.number == (gint) first + 6
      && seen.length == length && seen.total_length == total_length
      && seen.type == type && seen.ip_offset == 14, "next_packet_fn");
  g_assert_no_error (error);
}

/* Every call on a source that is closed. */
void
check_stopped (GstCaptureSource * source)
{
  GstCaptureSourceZeroCopy *zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  g_autoptr (GstCapturePacket) packet = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GstPacketType type;
  guint32 total;
  const guint8 *view;
  gsize length;
  GstCaptureStats stats;
  Seen seen = { 0 };

  check_error (gst_capture_source_next_packet (source, &packet, &error),
      &error, STOPPED, "closed: next_packet");
  check (packet == NULL, "closed: no packet is made");
  check_error (gst_capture_source_next_payload (source, bytes, &type, &total,
          &error), &error, STOPPED, "closed: next_payload");
  check_error (gst_capture_source_next_ip_packet (source, bytes, &type, &total,
          &error), &error, STOPPED, "closed: next_ip_packet");
  check_error (gst_capture_source_zero_copy_next_payload (zero_copy, &view,
          &length, &type, &total, &error), &error, STOPPED,
      "closed: zero_copy_next_payload");
  check_error (gst_capture_source_zero_copy_next_ip_packet (zero_copy, &view,
          &length, &type, &total, &error), &error, STOPPED,
      "closed: zero_copy_next_ip_packet");
  check_error (gst_capture_source_next_packet_fn (source, see_packet, &seen,
          &error), &error, STOPPED, "closed: next_packet_fn");
  check (seen.n_calls == 0, "closed: the function is not called");
  check_error (gst_capture_source_next_packet_fn (source, refuse_packet, NULL,
          &error), &error, STOPPED, "closed: next_packet_fn, refusing");
  check_error (gst_capture_source_get_stats (source, &stats, &error),
      &error, STOPPED, "closed: get_stats");
  check_error (gst_capture_source_unblock (source, &error), &error, STOPPED,
      "closed: unblock");
  check_error (gst_capture_source_close (source, &error), &error, STOPPED,
      "closed: close");
}

void
check_link (GstCaptureLink * link, const gchar * name)
{
  check (g_strcmp0 (gst_capture_link_get_name (link), name) == 0,
      "link: name %s", name);
  check (gst_capture_link_get_link_type (link) == 1, "link: Ethernet");
  check (gst_capture_link_get_ip_offset (link) == 14, "link: IP offset 14");
}

static gpointer
reader_run (gpointer user_data)
{
  Reader *reader = user_data;
  g_autoptr (GstCapturePacket) packet = NULL;

  for (;;) {
    g_autoptr (GError) error = NULL;
    gsize length;
    const guint8 *payload;

    if (gst_capture_source_next_packet (reader->source, &packet, &error)) {
      payload = gst_capture_packet_get_payload (packet, &length);
      if (packet_number (payload, length) != reader->n_packets)
        g_atomic_int_inc (&reader->wrong);
      g_atomic_int_inc (&reader->n_packets);
    } else if (g_error_matches (error, GST_CAPTURE_ERROR,
            GST_CAPTURE_ERROR_UNBLOCKED)) {
      g_atomic_int_inc (&reader->n_unblocked);
    } else {
      return g_steal_pointer (&error);
    }
  }
}

void
reader_start (Reader * reader, GstCaptureSource * source)
{
  memset (reader, 0, sizeof (*reader));
  reader->source = source;
  reader->thread = g_thread_new ("reader", reader_run, reader);
}

/* Waits until it has read so many; a hang ends with the alarm. */
void
reader_await (Reader * reader, gint n_packets)
{
  while (g_atomic_int_get (&reader->n_packets) < n_packets)
    g_usleep (1000);
}

/* After the source was closed. */
void
reader_join (Reader * reader)
{
  GError *error = g_thread_join (reader->thread);

  check_error (FALSE, &error, STOPPED, "a blocked call ends with close");
  check (reader->wrong == 0, "%d packets read in their order",
      reader->n_packets);
}

int
main (int argc, char **argv)
{
  const gchar *mode = argc == 2 ? argv[1] : "";

  setvbuf (stdout, NULL, _IOLBF, 0);
  gst_init (&argc, &argv);
  /* so that a call that never returns is told by the last line */
  alarm (TIMEOUT);

  if (g_str_equal (mode, "mock")) {
    test_packet ();
    test_link ();
    test_mock ();
    test_no_drain ();
    test_pcap ();
    test_memory ();
  } else if (g_str_equal (mode, "lo")) {
    test_lo ();
  } else {
    fprintf (stderr, "usage: table mock|lo\n");
    return 2;
  }
  printf ("all of %s holds\n", mode);
  return 0;
}
