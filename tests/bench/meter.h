/* What a packet costs: the time it takes, and what it allocates.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Nanoseconds. */
typedef struct
{
  gint64 wall;
  /* User and system, of the process, but without the thread that plays the kernel
   * for a mock ring. */
  gint64 cpu;
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

/* Of all rounds: nanoseconds a packet, and allocations a packet. */
typedef struct
{
  GArray *wall;                 /* gdouble */
  GArray *cpu;
  gdouble allocations;
} BenchCost;

void        bench_cost_init     (BenchCost           *self);

void        bench_cost_clear    (BenchCost           *self);

/* Adds what @packets packets took from one time to another. */
void        bench_cost_add      (BenchCost           *self,
                                 const BenchTime     *from,
                                 const BenchTime     *to,
                                 guint64              packets);

gdouble     bench_cost_get_cpu  (const BenchCost     *self);

/* What stands above its columns, in two lines. */
#define BENCH_COST_NAMES " wall ns   least    most   CPU ns   least    most"
#define BENCH_COST_UNITS "a packet                 a packet                "

void        bench_cost_print    (const BenchCost     *self);

/* Counts packets at one place and, when as many have passed as it takes to warm
 * up, measures what the next ones cost. */
typedef struct
{
  /* Of the streaming thread. */
  guint64 n;
  guint64 next;                 /* where something is to be done */
  guint64 packets;
  gboolean measuring;
  gboolean count_allocations;
  BenchTime began;
  guint64 began_n;
  BenchCost *cost;

  GMutex lock;
  GCond cond;
  gboolean done;
} BenchMeter;

/* The result goes to @cost. @count_allocations: counts these, which takes time,
 * instead of measuring it */
void        bench_meter_init    (BenchMeter          *self,
                                 BenchCost           *cost,
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

/* A pad without an element, to be linked behind any other, that only counts;
 * free with gst_object_unref(). */
GstPad *    bench_meter_pad_new (BenchMeter          *self);

/* Waits until it has measured. Ends the program after half a minute. */
void        bench_meter_wait    (BenchMeter          *self);

G_END_DECLS
