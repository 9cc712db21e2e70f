/* What downstream may do to packets of a list that it has alone.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  void (*spoil) (GstBufferList * list, guint i);        /* NULL: nothing */
  guint keep_every;             /* so many packets one is kept; 0: none */
} SpoilRun;

#define SPOIL_N_RUNS 16

extern const SpoilRun spoil_runs[SPOIL_N_RUNS];

/* Does it to some packets of the list, by @seed others each time. Some lists stay as they
 * are, so that there is one kind behind the other. */
void spoil_list  (const SpoilRun *run,
                  GstBufferList  *list,
                  guint           seed);

/* Around all of it: memory that is kept is let go of at the end. */
void spoil_begin (void);
void spoil_end   (void);

G_END_DECLS
