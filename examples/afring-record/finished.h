/* afring-record: what is run for each finished file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A few at a time; the others wait. Of the main loop. */
typedef struct _Finished Finished;

/* NULL if @command cannot be taken apart. */
Finished * finished_new     (const gchar  *command,
                             GError      **error);

/* What still runs goes on. */
void       finished_free    (Finished     *self);

void       finished_add     (Finished     *self,
                             const gchar  *location);

/* Nobody waits for them any more; what runs goes on, what waits is not run. */
void       finished_give_up (Finished     *self);

/* Runs the main loop until all have ended. FALSE if one has failed, at any time, or they
 * were given up. */
gboolean   finished_wait    (Finished     *self);

G_END_DECLS
