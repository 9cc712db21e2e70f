/* gst-afring: how a ring gets at its interface (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcapturelink-private.h>

G_BEGIN_DECLS

#define GST_AFRING_ACCESS_NO_FD -1

/* Where the socket of a ring is from, and what the interface is to do for it beyond giving
 * it packets. */
typedef struct
{
  gchar *netns;                 /* or NULL */
  GstNetns *home;               /* is meant by that; NULL: of the calling thread */
  gint fd;                      /* somebody else's, or GST_AFRING_ACCESS_NO_FD */
  GstCaptureTimestampSource timestamp_source;
  gchar *multicast_groups;      /* addresses with commas between them, or NULL */
  gboolean all_multicast;
  /* To send: packets have link headers, whatever captures of the interface have. */
  gboolean sends;
} GstAfringAccess;

/* Property ids within the range that a class gives to the access. */
typedef enum
{
  GST_AFRING_ACCESS_NETNS,
  GST_AFRING_ACCESS_FD,
  GST_AFRING_ACCESS_TIMESTAMP_SOURCE,
  GST_AFRING_ACCESS_MULTICAST_GROUPS,
  GST_AFRING_ACCESS_ALL_MULTICAST,
  GST_AFRING_ACCESS_N
} GstAfringAccessProperty;

/* TRUE if the socket is somebody else's. */
static inline gboolean
gst_afring_access_is_given (const GstAfringAccess * self)
{
  return self->fd != GST_AFRING_ACCESS_NO_FD;
}

GST_AFRING_API
void     gst_afring_access_init               (GstAfringAccess       *self);

GST_AFRING_API
void     gst_afring_access_copy               (GstAfringAccess       *self,
                                               const GstAfringAccess *from);

GST_AFRING_API
void     gst_afring_access_clear              (GstAfringAccess       *self);

/* Installs the properties, the first with the id @first_id. */
GST_AFRING_API
void     gst_afring_access_install_properties (GObjectClass          *klass,
                                               guint                  first_id);

GST_AFRING_API
void     gst_afring_access_set_property       (GstAfringAccess       *self,
                                               GstAfringAccessProperty id,
                                               const GValue          *value);

GST_AFRING_API
void     gst_afring_access_get_property       (const GstAfringAccess *self,
                                               GstAfringAccessProperty id,
                                               GValue                *value);

/* The link of that name; NULL: what a given socket is bound to, or the first there is. */
GST_AFRING_API
GstCaptureLink * gst_afring_access_find_link  (const GstAfringAccess *self,
                                               const gchar           *interface,
                                               GError               **error);

/* FALSE with an error if a link that was looked up by somebody else does not go with it. */
gboolean gst_afring_access_check_link         (const GstAfringAccess *self,
                                               GstCaptureLink        *link,
                                               GError               **error);

/* A packet socket that does not capture yet, or one of its own for the given one. -1 with
 * errno. */
GST_AFRING_API
int      gst_afring_access_open_socket        (const GstAfringAccess *self,
                                               GstCaptureLink        *link);

/* Says in words of GST_CAPTURE_ERROR what errno means of what was to be done on the
 * socket: @what failed, such as "Cannot open a packet socket". */
GST_AFRING_API
void     gst_afring_access_set_error          (const GstAfringAccess *self,
                                               GstCaptureLink        *link,
                                               const gchar           *what,
                                               GError               **error);

G_END_DECLS
