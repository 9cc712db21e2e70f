/* gst-afring: an index being made (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

/* More bytes than the next index will have, with @packets in @size bytes more in the
 * file, behind one interface at most, and @unseen bytes of anything before. */
GST_AFRING_API
gsize    gst_pcap_index_builder_get_size (GstPcapIndexBuilder *self,
                                          gsize                size,
                                          gsize                packets,
                                          gsize                unseen);

/* A file that has been written before goes on: what is added next is an index block of it.
 * TRUE if it is of what was added before, and true by its checksum: then that is not written
 * again. FALSE: nothing has happened, and it can be added as any block. */
GST_AFRING_API
gboolean gst_pcap_index_builder_pass     (GstPcapIndexBuilder *self,
                                          const guint8        *block,
                                          gsize                length);

G_END_DECLS
