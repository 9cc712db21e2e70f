/* gst-afring: the interfaces of packets that change their link type
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* A recorder knows an interface by its number and the link type of its packets. What
 * comes out of a tunnel has another link type: it is described as one more interface,
 * with the same name. */
typedef struct _DecapInterfaces DecapInterfaces;

DecapInterfaces * decap_interfaces_new      (void);
void              decap_interfaces_free     (DecapInterfaces           *self);
void              decap_interfaces_clear    (DecapInterfaces           *self);

/* Upstream has described one, and downstream has heard it. */
void              decap_interfaces_take     (DecapInterfaces           *self,
                                             const GstCaptureInterface *iface);

/* A packet with this number and link type goes out: an event that has to be pushed
 * before it, or NULL. */
GstEvent *        decap_interfaces_announce (DecapInterfaces           *self,
                                             guint32                    id,
                                             guint32                    link_type);

G_END_DECLS
