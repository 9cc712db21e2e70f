/* gst-afring: what passes into the ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstbpf.h>
#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcapturelink.h>

G_BEGIN_DECLS

/* A filter for one link: the automatic parts (direction, VLAN, IP) and the
 * user's expression, as one classic BPF program for the kernel. Immutable and
 * reference counted, so that a reader can go on with the old one while another
 * thread sets a new one.
 *
 * An expression has one meaning, that of a live capture of libpcap: a tag that the
 * kernel has taken out of the bytes is beside them, wherever the program runs. */
typedef struct _GstCaptureFilter GstCaptureFilter;

typedef struct
{
  GstCaptureLink *link;
  GstCaptureDirection direction;
  gboolean ip_only;
  gboolean ignore_vlans;
  const gchar *expression;      /* NULL or "": everything */
  guint32 snaplen;              /* of a record, made link header included */
  gboolean in_user_space;       /* the expression is not for the kernel */
} GstCaptureFilterSpec;

GST_AFRING_API
GstCaptureFilter *        gst_capture_filter_new           (const GstCaptureFilterSpec *spec,
                                                            GError                    **error);

GST_AFRING_API
GstCaptureFilter *        gst_capture_filter_ref           (GstCaptureFilter *self);

GST_AFRING_API
void                      gst_capture_filter_unref         (GstCaptureFilter *self);

/* For SO_ATTACH_FILTER; owned by the filter. */
GST_AFRING_API
const struct sock_fprog * gst_capture_filter_get_program   (GstCaptureFilter *self);

/* TRUE if the expression could not be given to the kernel, so that every packet
 * comes, whole, and has to be matched. */
GST_AFRING_API
gboolean                  gst_capture_filter_is_user_space (GstCaptureFilter *self);

/* What the kernel does, over a packet as it sees it: on a cooked link from the network
 * header on. */
GST_AFRING_API
GstBpfVerdict             gst_capture_filter_match_kernel  (GstCaptureFilter   *self,
                                                            const GstBpfPacket *packet);

/* What it leaves to user space, over a packet with its link header; ACCEPT if there is
 * nothing of that kind. */
GST_AFRING_API
GstBpfVerdict             gst_capture_filter_match_rest    (GstCaptureFilter   *self,
                                                            const GstBpfPacket *packet);

G_END_DECLS
