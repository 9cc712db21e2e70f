/* gst-afring: what has been read of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Written by the streaming thread, each by itself, and read by any. */
typedef struct
{
  guint64 packets;              /* that were given */
  guint64 bytes;
  guint64 packets_read;         /* that were matched against what is looked for */
  guint64 bytes_read;
  guint64 bytes_total;          /* to be read, as far as is known */
  guint64 bytes_skipped;        /* of those, which the index says hold no match */
  guint64 files;
  guint64 files_failed;
  guint64 files_vanished;
  guint64 files_torn;
  guint64 files_indexed;
} FindCounts;

#define find_count_add(field, n) \
    __atomic_fetch_add ((field), (guint64) (n), __ATOMIC_RELAXED)

#define find_count_get(field) __atomic_load_n ((field), __ATOMIC_RELAXED)

/* application/x-pcapsrc-stats */
GstStructure * find_counts_make_structure (const FindCounts *self);

G_END_DECLS
