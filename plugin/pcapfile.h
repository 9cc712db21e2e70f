/* gst-afring: a capture file while it is being written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A file is NAME.part until it is complete and is then renamed to NAME, so that
 * whoever finds NAME finds it whole. What is not a regular file (a pipe, a
 * device) is written as it is. Errors are of G_FILE_ERROR. */
typedef struct _PcapFile PcapFile;

PcapFile *    pcap_file_new          (const gchar   *location,
                                      GError       **error);

/* All of it or, as far as the file can be cut, nothing. */
gboolean      pcap_file_write        (PcapFile      *self,
                                      gconstpointer  data,
                                      gsize          length,
                                      GError       **error);

guint64       pcap_file_get_size     (PcapFile      *self);

const gchar * pcap_file_get_location (PcapFile      *self);

/* Syncs, closes and renames; frees in any case. */
gboolean      pcap_file_finish       (PcapFile      *self,
                                      GError       **error);

/* Closes and removes, so that a NAME that was there before stays; frees. */
void          pcap_file_abandon      (PcapFile      *self);

G_END_DECLS
