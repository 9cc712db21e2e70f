/* What the instruments have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Parses options, then starts GStreamer so that it finds the plugin of this build
 * and with GLib's own allocator. Ends the program if an option is wrong. */
void        bench_init          (int                 *argc,
                                 char              ***argv,
                                 const GOptionEntry  *options,
                                 const gchar         *summary);

/* On what machine, when, and with what. */
void        bench_print_machine (void);

/* Ends the program with words that say why. */
void        bench_fail          (const gchar         *format,
                                 ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* A list of numbers with commas between; free with g_array_unref(). */
GArray *    bench_parse_numbers (const gchar         *text);

/* A pipeline, even if it is only one element. */
GstElement *bench_parse_launch  (const gchar         *format,
                                 ...) G_GNUC_PRINTF (1, 2);

/* Sets a state and waits until it is reached. */
void        bench_set_state     (GstElement          *element,
                                 GstState             state);

/* Sends EOS to a whole pipeline and waits until it is through. */
void        bench_end           (GstElement          *pipeline);

/* Nanoseconds. */
typedef struct
{
  gint64 wall;
  gint64 cpu;                   /* user and system, of the process */
} BenchTime;

void        bench_get_time      (BenchTime           *time);

typedef struct
{
  gdouble median;
  gdouble least;
  gdouble most;
} BenchSpread;

/* Of @values, gdouble, which it sorts; all NAN if there are none. */
BenchSpread bench_get_spread    (GArray              *values);

/* Counts packets at one place and, when as many have passed as it takes to warm
 * up, measures what the next ones cost. */
typedef struct
{
  /* Of the streaming thread. */
  guint64 n;
  guint64 next;                 /* where something is to be done */
  guint64 packets;
  gboolean measuring;
  gboolean allocations_only;
  BenchTime began;
  guint64 began_n;

  GMutex lock;
  GCond cond;
  gboolean done;

  /* The result: nanoseconds per packet, and allocations per packet. */
  gdouble wall;
  gdouble cpu;
  gdouble allocations;
} BenchMeter;

/* @count_allocations: counts these, which takes time, instead of measuring it */
void        bench_meter_init    (BenchMeter          *self,
                                 guint64              warm_up,
                                 guint64              packets,
                                 gboolean             count_allocations);

void        bench_meter_clear   (BenchMeter          *self);

void        bench_meter_pass    (BenchMeter          *self);

static inline void
bench_meter_count (BenchMeter * self, guint n)
{
  self->n += n;
  if (G_UNLIKELY (self->n >= self->next))
    bench_meter_pass (self);
}

/* Counts what passes @pad. */
void        bench_meter_probe   (BenchMeter          *self,
                                 GstPad              *pad);

/* FALSE if the time has run out, half a minute. */
gboolean    bench_meter_wait    (BenchMeter          *self);

G_END_DECLS
