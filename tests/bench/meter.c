/* What a packet costs: the time it takes, and what it allocates.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "meter.h"
#include "allocations.h"
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MOCK_KERNEL "afring-mock"       /* its thread */
#define METER_LIMIT (120 * G_TIME_SPAN_SECOND)

static gint64
get_clock (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

static gchar *
read_of_thread (const gchar * thread, const gchar * name)
{
  g_autofree gchar *path =
      g_build_filename ("/proc/self/task", thread, name, NULL);
  gchar *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gint64
get_mock_kernel_cpu (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *thread;
  gint64 sum = 0;

  while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL) {
    g_autofree gchar *name = read_of_thread (thread, "comm");

    if (g_strcmp0 (name, MOCK_KERNEL "\n") == 0) {
      g_autofree gchar *used = read_of_thread (thread, "schedstat");

      sum += used != NULL ? g_ascii_strtoll (used, NULL, 10) : 0;
    }
  }
  return sum;
}

void
bench_get_time (BenchTime * time)
{
  time->wall = get_clock (CLOCK_MONOTONIC);
  time->cpu = get_clock (CLOCK_PROCESS_CPUTIME_ID) - get_mock_kernel_cpu ();
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

BenchSpread
bench_get_spread (GArray * values)
{
  const gdouble *sorted = (const gdouble *) values->data;
  guint n = values->len;

  if (n == 0)
    return (BenchSpread) { NAN, NAN, NAN };
  g_array_sort (values, compare);
  return (BenchSpread) { (sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0],
    sorted[n - 1]
  };
}

void
bench_cost_init (BenchCost * self)
{
  self->wall = g_array_new (FALSE, FALSE, sizeof (gdouble));
  self->cpu = g_array_new (FALSE, FALSE, sizeof (gdouble));
  self->allocations = NAN;
}

void
bench_cost_clear (BenchCost * self)
{
  g_array_unref (self->wall);
  g_array_unref (self->cpu);
}

void
bench_cost_add (BenchCost * self, const BenchTime * from, const BenchTime * to,
    guint64 packets)
{
  gdouble wall = (gdouble) (to->wall - from->wall) / MAX (packets, 1);
  gdouble cpu = (gdouble) (to->cpu - from->cpu) / MAX (packets, 1);

  g_array_append_val (self->wall, wall);
  g_array_append_val (self->cpu, cpu);
}

gdouble
bench_cost_get_cpu (const BenchCost * self)
{
  return bench_get_spread (self->cpu).median;
}

void
bench_cost_print (const BenchCost * self)
{
  BenchSpread wall = bench_get_spread (self->wall);
  BenchSpread cpu = bench_get_spread (self->cpu);

  printf ("%8.1f %7.1f %7.1f %8.1f %7.1f %7.1f", wall.median, wall.least,
      wall.most, cpu.median, cpu.least, cpu.most);
}

void
bench_meter_init (BenchMeter * self, BenchCost * cost, guint64 warm_up,
    guint64 packets, gboolean count_allocations)
{
  memset (self, 0, sizeof (*self));
  self->cost = cost;
  self->next = warm_up;
  self->packets = packets;
  self->count_allocations = count_allocations;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

void
bench_meter_clear (BenchMeter * self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
begin (BenchMeter * self)
{
  self->measuring = TRUE;
  self->began_n = self->n;
  self->next = self->n + self->packets;
  if (self->count_allocations)
    allocations_start ();
  else
    bench_get_time (&self->began);
}

static void
finish (BenchMeter * self)
{
  guint64 n = self->n - self->began_n;
  BenchTime now;

  if (self->count_allocations) {
    self->cost->allocations = (gdouble) allocations_stop () / n;
  } else {
    bench_get_time (&now);
    bench_cost_add (self->cost, &self->began, &now, n);
  }
  self->next = G_MAXUINT64;

  g_mutex_lock (&self->lock);
  self->done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
bench_meter_pass (BenchMeter * self)
{
  if (self->measuring)
    finish (self);
  else
    begin (self);
}

static GstPadProbeReturn
count_buffers (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  guint n = 1;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    n = gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  bench_meter_count (user_data, n);
  return GST_PAD_PROBE_OK;
}

void
bench_meter_probe (BenchMeter * self, GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, count_buffers, self, NULL);
}

static GstFlowReturn
count_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  bench_meter_count (gst_pad_get_element_private (pad), 1);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
count_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  bench_meter_count (gst_pad_get_element_private (pad),
      gst_buffer_list_length (list));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

GstPad *
bench_meter_pad_new (BenchMeter * self)
{
  GstPad *pad = gst_pad_new ("meter", GST_PAD_SINK);

  gst_object_ref_sink (pad);
  gst_pad_set_element_private (pad, self);
  gst_pad_set_chain_function (pad, count_chain);
  gst_pad_set_chain_list_function (pad, count_chain_list);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_active (pad, TRUE);
  return pad;
}

void
bench_meter_wait (BenchMeter * self)
{
  gint64 limit = g_get_monotonic_time () + METER_LIMIT;

  g_mutex_lock (&self->lock);
  while (!self->done && g_cond_wait_until (&self->cond, &self->lock, limit));
  if (!self->done)
    bench_fail ("It has taken too long; fewer packets may help");
  g_mutex_unlock (&self->lock);
}
