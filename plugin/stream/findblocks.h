/* gst-afring: packets of many files as one stream of pcapng
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findinterfaces.h"

G_BEGIN_DECLS

/* What stands in such a stream besides packets, and when. A section begins with all
 * interfaces that are known; one that is new begins another, so that the header in the caps
 * is always what a new client begins with. */
typedef struct _FindBlocks FindBlocks;

FindBlocks *    find_blocks_new        (void);
void            find_blocks_free       (FindBlocks        *self);

/* The list is of blocks: they get the number and the time that they have in the stream.
 * Those that have them are not copied. */
GstBufferList * find_blocks_number     (GstBufferList     *list,
                                        const FindSection *section);

/* What files have said, as soon as it is read: a section's header; interfaces, in the order
 * of the numbers that they get here, with the block that describes them or NULL; and events
 * of statistics and sections, which are taken. */
void            find_blocks_take_header (FindBlocks       *self,
                                        const guint8      *block,
                                        gsize              length);

void            find_blocks_take_interface (FindBlocks    *self,
                                        const GstCaptureInterface *iface,
                                        GBytes            *block);

void            find_blocks_take_event (FindBlocks        *self,
                                        GstEvent          *event);

/* The stream goes on elsewhere: it is begun anew. */
void            find_blocks_restart    (FindBlocks        *self);

/* What has to come before the next packet; NULL: nothing. With GST_BUFFER_FLAG_HEADER a
 * section begins with it. */
GstBuffer *     find_blocks_take_before (FindBlocks       *self);

/* What the stream ends with, behind that; @link_type: of a stream without an interface. */
GstBuffer *     find_blocks_make_end   (FindBlocks        *self,
                                        guint32            link_type);

/* A PcapTimelineArrange: blocks that lie one behind the other are one buffer. */
GstBufferList * find_blocks_join       (GstBufferList     *list,
                                        gpointer           user_data);

G_END_DECLS
