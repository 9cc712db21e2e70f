/* What the parts of the API test share.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>

/* Prints what is checked, and ends the program if it does not hold. */
#define check(condition, ...) \
    check_at (__FILE__, __LINE__, (condition), __VA_ARGS__)

/* Checks that a call failed with this GST_CAPTURE_ERROR, and clears it. */
#define check_error(result, error, code, ...) \
    check_error_at (__FILE__, __LINE__, (result), (error), \
        GST_CAPTURE_ERROR_##code, __VA_ARGS__)

void check_at (const gchar * file, gint line, gboolean condition,
    const gchar * format, ...) G_GNUC_PRINTF (4, 5);
void check_error_at (const gchar * file, gint line, gboolean result,
    GError ** error, GstCaptureError code, const gchar * format, ...)
    G_GNUC_PRINTF (6, 7);

/* The packets of all tests are UDP with a number as their payload. */
GstCapturePacket *numbered_packet (guint number);
gint packet_number (const guint8 * payload, gsize length);

/* Reads one packet with each of the reading functions. */
#define N_READING 7
void check_reading (GstCaptureSource * source, guint first,
    GstPacketType type, gsize length, guint32 total_length);
void check_stopped (GstCaptureSource * source);
void check_link (GstCaptureLink * link, const gchar * name);

/* A thread that reads until the source stops. */
typedef struct
{
  GstCaptureSource *source;
  GThread *thread;
  gint n_packets;               /* atomic */
  gint n_unblocked;             /* atomic */
  gint wrong;                   /* atomic; packets out of their order */
} Reader;

void reader_start (Reader * reader, GstCaptureSource * source);
void reader_await (Reader * reader, gint n_packets);
void reader_join (Reader * reader);

void test_packet (void);
void test_link (void);
void test_mock (void);
void test_no_drain (void);
void test_pcap (void);
void test_memory (void);
void test_lo (void);
