/* afring-find: indexes for files of others
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

/* Reads the file through and makes its index, beside it (NAME.afindex) or, @append, at its
 * end. FALSE, and it has said why. */
gboolean indexing_make   (const gchar *path,
                          gboolean     append);

/* A mapping of a file that can have an index. NULL, and it has said why not. */
GMappedFile * indexing_map (const gchar *path);

/* Gives whole blocks to the builder. Returns how many bytes of @length are of whole ones. */
gsize    indexing_add_blocks (GstPcapIndexBuilder *builder,
                          const guint8        *data,
                          gsize                length);

/* Of the block with which @length bytes begin; 0: it is none, or not whole. */
guint32  indexing_get_block_length (const guint8  *block,
                          gsize                length);

G_END_DECLS
