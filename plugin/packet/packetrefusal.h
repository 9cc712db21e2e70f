/* gst-afring: settings that were refused
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A property that refuses a value says so on the bus, and keeps what it had. While an
 * element does not run there may be no bus to hear it: then the element remembers
 * the refusal until the property is set right, and does not start before. */
typedef struct
{
  GHashTable *why;              /* name of a property -> words */
  gboolean running;
} PacketRefusal;

void     packet_refusal_init    (PacketRefusal *self);
void     packet_refusal_clear   (PacketRefusal *self);

/* A property has been set; @error, which is taken, says why it was refused, NULL: it
 * was not. Posts a warning. */
void     packet_refusal_note    (PacketRefusal *self,
                                 GstElement    *element,
                                 const gchar   *property,
                                 GError        *error);

/* Before the element runs: posts an error and is FALSE if something is wrong. */
gboolean packet_refusal_start   (PacketRefusal *self,
                                 GstElement    *element);

void     packet_refusal_stop    (PacketRefusal *self,
                                 GstElement    *element);

G_END_DECLS
