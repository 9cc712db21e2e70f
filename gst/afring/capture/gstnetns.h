/* gst-afring: network namespaces (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* A network namespace that is kept open. A socket belongs for good to the one in which it
 * was opened, whoever uses it: so to open sockets is all that a capture has to do in one
 * (network_namespaces(7)). NULL stands for the one of the calling thread. */
typedef struct _GstNetns GstNetns;

/* @name: as ip-netns(8) knows it, or a path, such as /proc/PID/ns/net. NULL with an error
 * of GST_CAPTURE_ERROR. */
GST_AFRING_API
GstNetns * gst_netns_new           (const gchar  *name,
                                    GError      **error);

/* The one of the calling thread, for other threads, which can be in another. It has no name.
 * NULL if it cannot be had. */
GST_AFRING_API
GstNetns * gst_netns_new_of_thread (void);

/* The one that @fd, a socket, belongs to: NULL without an error if it is that of the
 * calling thread, NULL with one if it is another that cannot be opened. */
GstNetns * gst_netns_new_of_socket (int           fd,
                                    GError      **error);

GST_AFRING_API
GstNetns * gst_netns_ref           (GstNetns     *self);

GST_AFRING_API
void       gst_netns_unref         (GstNetns     *self);

/* What a user calls it; NULL: nothing. */
GST_AFRING_API
const gchar * gst_netns_get_name   (GstNetns     *self);

/* As socket(2), in the namespace; the calling thread stays where it is. -1 with errno, which
 * is EPERM if the namespace may not be entered. */
GST_AFRING_API
int        gst_netns_socket        (GstNetns     *self,
                                    int           domain,
                                    int           type,
                                    int           protocol);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstNetns, gst_netns_unref)

G_END_DECLS
