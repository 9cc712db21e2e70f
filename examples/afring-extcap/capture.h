/* afring-extcap: the pipeline that captures
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"

G_BEGIN_DECLS

typedef struct _Capture Capture;

/* NULL if the elements are not there, which was said. */
Capture * capture_new  (const ExtcapOptions *options);

/* Captures until somebody ends it: a signal, or the reader, who goes away. What the program
 * is to exit with. */
int       capture_run  (Capture             *self);

void      capture_free (Capture             *self);

G_END_DECLS
