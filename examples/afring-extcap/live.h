/* afring-extcap: the way to a reader that nothing may depend on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _LiveGate LiveGate;

/* Stands between @source, a pad of a tee, and @queue, which it is linked to: what is on the
 * other side can be slow, or fail, and @source is never told. */
LiveGate * live_gate_new      (GstPad     *source,
                               GstElement *queue);

GstElement * live_gate_get_queue (LiveGate * self);

/* Packets that the queue had no room for. */
guint64    live_gate_get_lost (LiveGate   *self);

/* When nothing flows any more. */
void       live_gate_free     (LiveGate   *self);

/* Calls @gone on the main loop when the last reader of the FIFO @location has gone away, also
 * when there is nothing to be written. To be freed in any case. */
typedef struct _LiveReader LiveReader;

LiveReader * live_reader_new  (const gchar *location,
                               void       (*gone) (gpointer user_data),
                               gpointer     user_data);

void       live_reader_free   (LiveReader *self);

G_END_DECLS
