/* gst-afring: tags as comments of the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Those that an application has set, which stay, and those of the stream that is
 * recorded, which the next one does not have. Any thread. */
typedef struct _PcapTags PcapTags;

/* @setter outlives it. */
PcapTags * pcap_tags_new           (GstTagSetter     *setter);
void       pcap_tags_free          (PcapTags         *self);

/* An event of the stream; what that said before of the same is not true any more. */
void       pcap_tags_take          (PcapTags         *self,
                                    GstEvent         *event);

/* The stream has ended. */
void       pcap_tags_forget_stream (PcapTags         *self);

/* The tags that have a place in a section header, NULL-terminated. */
gchar **   pcap_tags_make_comments (PcapTags         *self);

G_END_DECLS
