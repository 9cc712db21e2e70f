/* gst-afring: packets and bytes over time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Time is cut into buckets, numbered from 0 on. So many are shown, and one more of which
 * a part is. */
#define SCOPE_BUCKETS 120

/* Live, packets come that are newer than the picture that is being drawn. */
#define SCOPE_SLOTS 128

typedef struct
{
  guint64 packets;
  guint64 bytes;
} ScopeCount;

/* Those of the newest buckets; all zeros: nothing has come yet. */
typedef struct
{
  guint64 newest;
  ScopeCount slots[SCOPE_SLOTS];
} ScopeSeries;

/* What is older than all that is kept is left out: no picture shows it any more. */
void       scope_series_add (ScopeSeries       *self,
                             guint64            bucket,
                             guint64            packets,
                             guint64            bytes);

ScopeCount scope_series_get (const ScopeSeries *self,
                             guint64            bucket);

/* Of all buckets from @first on that a picture shows. */
ScopeCount scope_series_sum (const ScopeSeries *self,
                             guint64            first);

G_END_DECLS
