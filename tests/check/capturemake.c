/* Captures that tests make: a packet a record, with its number in its first bytes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturemake.h"

#include <gst/check/gstcheck.h>
#include <string.h>

static void
put (GByteArray * out, const guint32 * words, guint n)
{
  g_byte_array_append (out, (const guint8 *) words, n * sizeof (guint32));
}

void
capture_put_header (GByteArray * out, guint link_type)
{
  guint32 words[] = { 0xa1b23c4d, 0, 0, 0, 65535, link_type };
  const guint16 version[] = { 2, 4 };

  memcpy (&words[1], version, sizeof (version));
  put (out, words, G_N_ELEMENTS (words));
}

static void
put_bytes (GByteArray * out, guint32 number)
{
  guint8 bytes[CAPTURE_SIZE] = { 0 };

  memcpy (bytes, &number, sizeof (number));
  g_byte_array_append (out, bytes, sizeof (bytes));
}

void
capture_put_record (GByteArray * out, GstClockTime time, guint32 number)
{
  const guint32 words[] = { time / GST_SECOND, time % GST_SECOND, CAPTURE_SIZE,
    CAPTURE_SIZE
  };

  put (out, words, G_N_ELEMENTS (words));
  put_bytes (out, number);
}

void
capture_put_section (GByteArray * out)
{
  guint32 words[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 0, G_MAXUINT32, G_MAXUINT32,
    28
  };
  const guint16 version[] = { 1, 0 };

  memcpy (&words[3], version, sizeof (version));
  put (out, words, G_N_ELEMENTS (words));
}

void
capture_put_interface (GByteArray * out, guint link_type)
{
  guint32 words[] = { 1, 32, 0, 0, 0, 0, 0, 32 };
  const guint16 type[] = { link_type, 0 }, option[] = { 9, 1 };
  const guint8 nanoseconds = 9;

  memcpy (&words[2], type, sizeof (type));
  memcpy (&words[4], option, sizeof (option));
  memcpy (&words[5], &nanoseconds, 1);
  put (out, words, G_N_ELEMENTS (words));
}

void
capture_put_packet (GByteArray * out, guint interface, GstClockTime time,
    guint32 number)
{
  const guint32 words[] = { 6, 32 + CAPTURE_SIZE, interface, time >> 32, time,
    CAPTURE_SIZE, CAPTURE_SIZE
  };

  put (out, words, G_N_ELEMENTS (words));
  put_bytes (out, number);
  put (out, &words[1], 1);
}

GByteArray *
capture_make (guint first, guint n, GstClockTime step)
{
  GByteArray *out = g_byte_array_new ();

  capture_put_header (out, 1);
  for (guint i = first; i < first + n; i++)
    capture_put_record (out, CAPTURE_START + i * step, i);
  return out;
}

GstBuffer *
capture_get_buffer (GByteArray * bytes, gsize at, gsize size)
{
  fail_unless (at + size <= bytes->len);
  return gst_buffer_new_memdup (bytes->data + at, size);
}

guint32
capture_get_number (GstBuffer * packet)
{
  guint32 number = G_MAXUINT32;

  gst_buffer_extract (packet, 0, &number, sizeof (number));
  return number;
}

/* Watching. */

static void
take_packet (CaptureWatch * self, GstBuffer * packet)
{
  guint32 number = capture_get_number (packet);
  GstClockTime time = GST_BUFFER_PTS (packet);

  fail_unless (GST_BUFFER_DTS (packet) == time);
  g_array_append_val (self->numbers, number);
  g_array_append_val (self->times, time);
}

static void
take_list (CaptureWatch * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstClockTime first, last;

  fail_unless (n > 0);
  for (guint i = 0; i < n; i++)
    take_packet (self, gst_buffer_list_get (list, i));
  first = GST_BUFFER_PTS (gst_buffer_list_get (list, 0));
  last = GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1));
  if (GST_CLOCK_TIME_IS_VALID (first) && GST_CLOCK_TIME_IS_VALID (last))
    self->longest = MAX (self->longest, last - first);
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  CaptureWatch *self = user_data;

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_packet (self, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    take_list (self, GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_FLUSH_STOP) {
    self->n_flushes++;
    self->flush_seqnum = gst_event_get_seqnum (info->data);
    g_array_set_size (self->numbers, 0);
    g_array_set_size (self->times, 0);
  } else if (GST_EVENT_TYPE (info->data) != GST_EVENT_FLUSH_START) {
    g_ptr_array_add (self->events, gst_event_ref (info->data));
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

CaptureWatch *
capture_watch_new (GstElement * element, const gchar * pad)
{
  CaptureWatch *self = g_new0 (CaptureWatch, 1);

  g_mutex_init (&self->lock);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->times = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_event_unref);
  self->pad = gst_element_get_static_pad (element, pad);
  self->probe = gst_pad_add_probe (self->pad,
      GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      take, self, NULL);
  return self;
}

/* Once nothing flows any more. */
void
capture_watch_free (CaptureWatch * self)
{
  gst_pad_remove_probe (self->pad, self->probe);
  gst_object_unref (self->pad);
  g_array_unref (self->numbers);
  g_array_unref (self->times);
  g_ptr_array_unref (self->events);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
capture_watch_count (CaptureWatch * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->numbers->len;
  g_mutex_unlock (&self->lock);
  return n;
}

void
capture_watch_clear (CaptureWatch * self)
{
  g_mutex_lock (&self->lock);
  g_array_set_size (self->numbers, 0);
  g_array_set_size (self->times, 0);
  g_ptr_array_set_size (self->events, 0);
  g_mutex_unlock (&self->lock);
}

GstEvent *
capture_watch_get_event (CaptureWatch * self, GstEventType type)
{
  GstEvent *event = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->events->len; i++) {
    if (GST_EVENT_TYPE (g_ptr_array_index (self->events, i)) == type)
      event = g_ptr_array_index (self->events, i);
  }
  if (event != NULL)
    gst_event_ref (event);
  g_mutex_unlock (&self->lock);
  return event;
}

guint
capture_watch_count_events (CaptureWatch * self, GstEventType type)
{
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->events->len; i++)
    n += GST_EVENT_TYPE (g_ptr_array_index (self->events, i)) == type;
  g_mutex_unlock (&self->lock);
  return n;
}

void
capture_watch_check (CaptureWatch * self, guint from, guint n)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < MIN (n, self->numbers->len); i++)
    fail_unless_equals_int (g_array_index (self->numbers, guint32, i),
        from + i);
  fail_unless_equals_int (self->numbers->len, n);
  g_mutex_unlock (&self->lock);
}
