/* gst-afring: the AF_PACKET socket behind a ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/ring/gstafringaccess.h>
#include <gst/afring/ring/gstafringbackend.h>
#include <gst/afring/ring/gstafringgeometry.h>

G_BEGIN_DECLS

/* Functions in the order in which a socket is opened, so that no packet that
 * the user did not ask for ever enters the ring (packet(7)). All errors are of
 * GST_CAPTURE_ERROR. */

/* A socket that somebody else has opened can be receiving: it lets nothing in until it is
 * given a filter, and has forgotten what it has counted. Binds it. */
gboolean gst_afring_socket_quieten        (int                 fd,
                                           GstCaptureLink     *link,
                                           GError            **error);

/* NULL: all pass. */
gboolean gst_afring_socket_set_filter     (int                 fd,
                                           GstCaptureFilter   *filter,
                                           GError            **error);

/* Says that the kernel does not take a filter, and why (errno). */
void     gst_afring_set_refused           (GError            **error,
                                           GstCaptureFilter   *filter);

/* -1 with an error; the socket captures nothing yet, unless it was given. */
int      gst_afring_socket_new            (const GstAfringAccess *access,
                                           GstCaptureLink     *link,
                                           GError            **error);

/* @geometry is updated to what the kernel granted. */
gboolean gst_afring_socket_set_up_ring    (int                 fd,
                                           GstCaptureLink     *link,
                                           GstAfringGeometry  *geometry,
                                           gboolean            rx_hash,
                                           GError            **error);

/* What the adapter lets through beyond what is for this host: @type is PACKET_MR_PROMISC
 * or PACKET_MR_ALLMULTI. */
gboolean gst_afring_socket_let_through    (int                 fd,
                                           GstCaptureLink     *link,
                                           gint                type,
                                           gboolean            through,
                                           GError            **error);

/* Saves the kernel a clone of each packet that it sends, where those are not wanted.
 * Before Linux 4.20 it does not know that, and the filter does it alone. */
void     gst_afring_socket_ignore_outgoing (int                fd,
                                           gboolean           ignore);

/* From here on packets come. Only now the socket can join a fanout group. */
gboolean gst_afring_socket_bind           (int                 fd,
                                           GstCaptureLink     *link,
                                           GError            **error);

GstAfringAttached gst_afring_socket_attach (int                fd,
                                           const struct sock_fprog *program);

/* Lets no further packet in; the only way to stop a socket whose ring is
 * mapped. */
GstAfringAttached gst_afring_socket_halt  (int                 fd);

/* Reads the kernel's counters, which clears them. */
gboolean gst_afring_socket_read_counters  (int                 fd,
                                           guint32            *received,
                                           guint32            *dropped,
                                           guint32            *freezes);

/* Reads, which clears, the socket's error: 0 or an errno value. */
int      gst_afring_socket_take_error     (int                 fd);

/* FALSE once the interface has gone for good. */
gboolean gst_afring_socket_has_interface  (int                 fd,
                                           GstCaptureLink     *link);

G_END_DECLS
