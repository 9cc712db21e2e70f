/* gst-afring: what has been read of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findcounts.h"

GstStructure *
find_counts_make_structure (const FindCounts * self)
{
  const struct
  {
    const gchar *name;
    const guint64 *value;
  } fields[] = {
    {"packets", &self->packets},
    {"bytes", &self->bytes},
    {"packets-read", &self->packets_read},
    {"bytes-read", &self->bytes_read},
    {"bytes-total", &self->bytes_total},
    {"bytes-skipped", &self->bytes_skipped},
    {"files", &self->files},
    {"files-failed", &self->files_failed},
    {"files-vanished", &self->files_vanished},
    {"files-torn", &self->files_torn},
    {"files-indexed", &self->files_indexed},
  };
  GstStructure *structure =
      gst_structure_new_empty ("application/x-pcapsrc-stats");

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    gst_structure_set (structure, fields[i].name, G_TYPE_UINT64,
        find_count_get (fields[i].value), NULL);
  return structure;
}
