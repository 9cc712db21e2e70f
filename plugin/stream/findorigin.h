/* gst-afring: what a file says of its interfaces, in the numbers of all files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findblocks.h"
#include "findinterfaces.h"

G_BEGIN_DECLS

/* Of one file, as it is read. */
typedef struct
{
  FindInterfaces *interfaces;   /* borrowed, of all files */
  FindBlocks *blocks;           /* likewise; NULL: the stream is of packets */
  FindSection section;
  GPtrArray *descriptions;      /* GBytes: of its interfaces, if there are blocks */
} FindOrigin;

void            find_origin_init   (FindOrigin      *self,
                                    FindInterfaces  *interfaces,
                                    FindBlocks      *blocks);
void            find_origin_clear  (FindOrigin      *self);

void            find_origin_begin_section (FindOrigin *self);

/* The header of a section, or the description of an interface, as it stands there: before
 * anything else is told of it. */
void            find_origin_take_block (FindOrigin  *self,
                                    const guint8    *block,
                                    gsize            length);

/* Takes @event. What goes downstream of it, or NULL: nothing, or later, with the blocks. */
GstEvent *      find_origin_take_event (FindOrigin  *self,
                                    GstEvent        *event);

/* Packets have the numbers of their interfaces; takes the list. */
GstBufferList * find_origin_number (FindOrigin      *self,
                                    GstBufferList   *list);

/* What the first bytes of a file say, up to its first packet, is known before it is read. */
void            find_origin_announce (FindInterfaces *interfaces,
                                    FindBlocks      *blocks,
                                    GBytes          *head);

G_END_DECLS
