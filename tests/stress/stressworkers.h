/* Threads that use items at random, and keep each for a random time.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "stressitem.h"

G_BEGIN_DECLS

typedef struct _StressWorkers StressWorkers;

/* They start at once. */
StressWorkers * stress_workers_new   (guint          n);

/* Gives @item to any of them; FALSE if that has enough. */
gboolean        stress_workers_give  (StressWorkers *self,
                                      GRand         *random,
                                      StressItem    *item);

/* Ends them; they drop what they have. */
void            stress_workers_join  (StressWorkers *self);

/* Prints what they have done, once they have ended. */
void            stress_workers_print (StressWorkers *self);

void            stress_workers_free  (StressWorkers *self);

G_END_DECLS
