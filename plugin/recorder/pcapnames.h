/* gst-afring: the names of the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The names that a recording has used, and which of its files there still are. */
typedef struct _PcapNames PcapNames;

PcapNames *   pcap_names_new           (void);
void          pcap_names_free          (PcapNames    *self);

/* @pattern for file number @index, whether the name has been used or not. */
gchar *       pcap_names_expand        (const gchar  *pattern,
                                        guint         index,
                                        GDateTime    *time);

/* For glob(3): all names that @pattern could make, but for a number that is put in. */
gchar *       pcap_names_make_glob     (const gchar  *pattern);

/* The name of file number @index: in @pattern `%d`, `%u`, `%i`, with a width or
 * not (`%05d`), is the index, `%%` is `%`, and other conversions are those of
 * strftime() for @time. In a pattern that has others, `%d` without a width is the
 * day of the month. What is no conversion stays as it is. A name that has been used,
 * whether its file is still there or not, gets the index before its extension; so
 * does each file but the first if the pattern has nothing that changes. */
gchar *       pcap_names_make          (PcapNames    *self,
                                        const gchar  *pattern,
                                        guint         index,
                                        GDateTime    *time);

/* As pcap_names_make(), for a name that somebody else has chosen. */
gchar *       pcap_names_make_unused   (PcapNames    *self,
                                        const gchar  *name,
                                        guint         index);

/* A file is complete and has this path. */
void          pcap_names_add_complete  (PcapNames    *self,
                                        const gchar  *path);

guint         pcap_names_get_complete  (PcapNames    *self);

/* Deletes the oldest complete file; FALSE if there is none or it cannot be. */
gboolean      pcap_names_delete_oldest (PcapNames    *self);

G_END_DECLS
