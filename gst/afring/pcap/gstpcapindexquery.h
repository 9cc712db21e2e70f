/* gst-afring: what is looked for in a file (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapindexblock.h"

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

/* FALSE if no packet of a record can match; @block is the one that it is in. */
GST_AFRING_API
gboolean gst_pcap_index_query_accepts (GstPcapIndexQuery        *self,
                                       const guint8             *block,
                                       const GstPcapIndexRecord *record,
                                       gsize                     shapes_at,
                                       gsize                     bloom_at);

G_END_DECLS
