/* gst-afring: the index of a capture file, in it or beside it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findfile.h"

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

/* In the file, or beside it. NULL: there is none, or it covers nothing. Transfer full. @size:
 * of the file, as its places are: of one that is compressed, of what it holds. */
GstPcapIndex * find_index_read (FindFile *file,
                                guint64  *size);

G_END_DECLS
