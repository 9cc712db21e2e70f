/* gst-afring: what passes into the ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcapturelink.h>

#include <linux/filter.h>

G_BEGIN_DECLS

/* A filter for one link: the automatic parts (direction, VLAN, IP) and the
 * user's expression, as one classic BPF program for the kernel. Immutable and
 * reference counted, so that a reader can go on with the old one while another
 * thread sets a new one. */
typedef struct _GstCaptureFilter GstCaptureFilter;

typedef struct
{
  GstCaptureLink *link;
  GstCaptureDirection direction;
  gboolean ip_only;
  gboolean ignore_vlans;
  const gchar *expression;      /* NULL or "": everything */
  guint32 snaplen;              /* of a record, made link header included */
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
 * has to be matched as a whole record, its VLAN tag put back. */
GST_AFRING_API
gboolean                  gst_capture_filter_is_user_space (GstCaptureFilter *self);

/* Runs the expression alone over a record. */
GST_AFRING_API
gboolean                  gst_capture_filter_match         (GstCaptureFilter *self,
                                                            const guint8     *record,
                                                            guint32           captured_length,
                                                            guint32           wire_length);

G_END_DECLS
