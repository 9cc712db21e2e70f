/* gst-afring: the readers that have a packet at hand, the earliest first
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findreader.h"

G_BEGIN_DECLS

/* A heap, by the time of that packet, and of equal times by the number of the file. It owns
 * the readers that are in it. */
typedef struct _FindHeads FindHeads;

FindHeads *  find_heads_new           (void);
void         find_heads_free          (FindHeads    *self);
void         find_heads_clear         (FindHeads    *self);

gboolean     find_heads_is_empty      (FindHeads    *self);

/* Takes it; it has a packet at hand. */
void         find_heads_add           (FindHeads    *self,
                                       FindReader   *reader);

/* There is one, as for the next three. */
FindReader * find_heads_get_first     (FindHeads    *self);
GstClockTime find_heads_get_time      (FindHeads    *self);

/* The first has another packet at hand. */
void         find_heads_update_first  (FindHeads    *self);
FindReader * find_heads_remove_first  (FindHeads    *self);

/* Of the packet that comes next if it is not one of the first reader's; NONE: there is no
 * other. */
GstClockTime find_heads_get_second_time (FindHeads  *self);

G_END_DECLS
