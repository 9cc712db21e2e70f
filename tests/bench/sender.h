/* A process that sends frames, so that what it uses is not the program's.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SENDER_INTERFACE "va"   /* here it sends */
#define SENDER_PEER "vb"        /* there it is received */

/* Starts the process. To be called before there are threads. */
void    sender_start     (void);

/* Makes the two interfaces, a veth pair, until the program ends. Ends it if it may
 * not. */
void    sender_make_link (void);

/* Sends @frames frames of @size bytes, UDP of @flows flows, and waits until that
 * is done. @rate: frames a second, 0: at full speed. */
void    sender_send      (guint64 frames,
                          guint   size,
                          guint   flows,
                          guint   rate);

G_END_DECLS
