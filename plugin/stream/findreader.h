/* gst-afring: the packets of one of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findblocks.h"
#include "findcounts.h"
#include "findinterfaces.h"
#include "findplan.h"

G_BEGIN_DECLS

/* What readers have in common; borrowed, and there for longer than they. */
typedef struct
{
  FindFilter *filter;
  FindQuery query;
  FindInterfaces *interfaces;
  FindCounts *counts;
  FindBlocks *blocks;           /* packets are blocks of pcapng; or NULL */
  gboolean follow;
  gint interrupted;             /* atomic: somebody waits for the streaming thread */
} FindContext;

typedef enum
{
  FIND_READER_ITEM,             /* there is one */
  FIND_READER_WAITING,          /* followed: behind what is there now */
  FIND_READER_INTERRUPTED,
  FIND_READER_END,
  FIND_READER_FAILED            /* with an error; what was before has been given */
} FindReaderResult;

/* Packets that match, in the order of the file, and what it says of them, which with blocks
 * goes to those at once. */
typedef struct _FindReader FindReader;

FindReader *     find_reader_new       (FindFile      *file,
                                        FindContext   *context);
void             find_reader_free      (FindReader    *self);

FindFile *       find_reader_get_file  (FindReader    *self);

/* Reads on until there is an item. */
FindReaderResult find_reader_ready     (FindReader    *self,
                                        GError       **error);

/* A file that was followed is at its end. */
void             find_reader_finish    (FindReader    *self);

/* Of the item at hand. An event, transfer full; NULL: it is of packets. */
GstEvent *       find_reader_pop_event (FindReader    *self);

/* When the next packet is; one without a time is where the one before it is. */
GstClockTime     find_reader_get_time  (FindReader    *self);
guint32          find_reader_get_link_type (FindReader *self);

/* The packet, transfer full. */
GstBuffer *      find_reader_pop       (FindReader    *self);

/* What follows is a packet, and it is there. */
gboolean         find_reader_has_packet (FindReader   *self);

/* The packets of the item are all before @time. */
gboolean         find_reader_is_before (FindReader    *self,
                                        GstClockTime   time);

/* All packets of the item; transfer full. */
GstBufferList *  find_reader_pop_list  (FindReader    *self);

/* At the end, or waiting: what was read; the last record is not whole. */
guint64          find_reader_get_offset (FindReader   *self);
gboolean         find_reader_is_torn   (FindReader    *self);

/* That of its last interface, whether a packet matched or not. */
guint32          find_reader_get_last_link_type (FindReader *self);

G_END_DECLS
