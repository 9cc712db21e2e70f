/* gst-afring: the indexes in a file, from its end (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapindexblock.h"

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

/* An index block, and what it covers. */
typedef struct
{
  GBytes *block;                /* owned */
  guint64 place;                /* of the block in the file */
  guint64 start, end;           /* of what it covers */
  GstPcapIndexHeader header;
  gsize spans_at;               /* in the block */
} GstPcapIndexRegion;

/* Those that are to be believed, from the last to the first; none of them overlap. FALSE
 * with the error of @read. */
gboolean gst_pcap_index_regions_read (GArray           *regions,
                                      GstPcapIndexRead  read,
                                      gpointer          user_data,
                                      guint64           size,
                                      GError          **error);

G_END_DECLS
