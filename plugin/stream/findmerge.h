/* gst-afring: many files as one
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findreader.h"

G_BEGIN_DECLS

/* All files, merged: of those that have been opened the one goes on whose next packet is
 * the earliest; a file is opened when all that is earlier has gone. The packets of one file
 * stay in their order. Of one thread. */
typedef struct _FindMerge FindMerge;

/* What is wrong with a file that the others go on without; @lost: it has gone. */
typedef void (*FindTroubleFunc) (const gchar  *path,
                                 gboolean      lost,
                                 const gchar  *words,
                                 gpointer      user_data);

typedef enum
{
  FIND_MERGE_PACKETS,
  FIND_MERGE_EVENT,
  FIND_MERGE_WAITING,           /* followed: for what is written next */
  FIND_MERGE_INTERRUPTED,
  FIND_MERGE_END
} FindMergeResult;

/* @context and @locations are there for longer than it. */
FindMerge *     find_merge_new       (FindContext         *context,
                                      const gchar *const  *locations,
                                      FindTroubleFunc      trouble,
                                      gpointer             user_data);
void            find_merge_free      (FindMerge           *self);

/* Looks which files there are. FALSE with an error: there is nothing to be read. */
gboolean        find_merge_begin     (FindMerge           *self,
                                      GError             **error);

/* Begins again, with the query of the context as it is now. */
void            find_merge_rewind    (FindMerge           *self);

/* @list, of packets of @link_type, or @event; transfer full. */
FindMergeResult find_merge_next      (FindMerge           *self,
                                      GstBufferList      **list,
                                      guint32             *link_type,
                                      GstEvent           **event);

/* Of the last interface of any file, for a stream without packets. */
guint32         find_merge_get_link_type (FindMerge       *self);

/* TRUE if not one file could be read. */
gboolean        find_merge_is_all_failed (FindMerge       *self);

G_END_DECLS
