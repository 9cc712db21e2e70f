/* afring-record: the pipeline that records
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"
#include "status.h"

G_BEGIN_DECLS

typedef struct _Recording Recording;

/* NULL if the elements are not there, which was said. */
Recording * recording_new  (const RecordOptions *options);

/* Records until the end, and says what there is to say. What the program is to exit
 * with. */
int         recording_run  (Recording           *self);

void        recording_free (Recording           *self);

G_END_DECLS
