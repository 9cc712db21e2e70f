/* Captures that tests make: a packet a record, with its number in its first bytes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define CAPTURE_START (G_GUINT64_CONSTANT (1700000000) * GST_SECOND)
#define CAPTURE_SIZE 60         /* bytes of a packet */

/* Classic pcap with nanoseconds, in the byte order of this machine. */
void          capture_put_header   (GByteArray   *out,
                                    guint         link_type);

void          capture_put_record   (GByteArray   *out,
                                    GstClockTime  time,
                                    guint32       number);

/* pcapng, likewise. */
void          capture_put_section  (GByteArray   *out);
void          capture_put_interface (GByteArray  *out,
                                    guint         link_type);
void          capture_put_packet   (GByteArray   *out,
                                    guint         interface,
                                    GstClockTime  time,
                                    guint32       number);

/* A classic file of the packets @first and on, of which packet i is of
 * CAPTURE_START + i * @step. */
GByteArray *  capture_make         (guint         first,
                                    guint         n,
                                    GstClockTime  step);

GstBuffer *   capture_get_buffer   (GByteArray   *bytes,
                                    gsize         at,
                                    gsize         size);

guint32       capture_get_number   (GstBuffer    *packet);

/* Every bit of what comes out of a pad: packets, lists, events. Any thread. */
typedef struct
{
  GMutex lock;
  GArray *numbers;              /* guint32, of packets */
  GArray *times;                /* GstClockTime, their timestamps */
  GstClockTime longest;         /* span of a list */
  GPtrArray *events;            /* GstEvent, without flushes */
  guint n_flushes;              /* flush-stops */
  guint32 flush_seqnum;
  GstPad *pad;
  gulong probe;
} CaptureWatch;

CaptureWatch * capture_watch_new   (GstElement   *element,
                                    const gchar  *pad);
void          capture_watch_free   (CaptureWatch *self);
guint         capture_watch_count  (CaptureWatch *self);
void          capture_watch_clear  (CaptureWatch *self);

/* The last of the type, with a reference; NULL if there was none. */
GstEvent *    capture_watch_get_event (CaptureWatch *self,
                                    GstEventType  type);
guint         capture_watch_count_events (CaptureWatch *self,
                                    GstEventType  type);

/* The packets @from and on, @n of them. */
void          capture_watch_check  (CaptureWatch *self,
                                    guint         from,
                                    guint         n);

G_END_DECLS
