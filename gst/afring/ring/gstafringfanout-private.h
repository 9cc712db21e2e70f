/* gst-afring: membership in a fanout group (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/ring/gstafringfanout.h>

G_BEGIN_DECLS

#define GST_AFRING_FANOUT_NO_GROUP -1

/* Sockets of one group share the packets of an interface: each packet goes to
 * one of them (PACKET_FANOUT, packet(7)). */
typedef struct
{
  gint group;                   /* or GST_AFRING_FANOUT_NO_GROUP */
  GstAfringFanoutMode mode;
  gboolean defrag;
  gboolean rollover;
} GstAfringFanout;

/* Property ids within the range that a class gives to the fanout. */
typedef enum
{
  GST_AFRING_FANOUT_GROUP,
  GST_AFRING_FANOUT_MODE,
  GST_AFRING_FANOUT_DEFRAG,
  GST_AFRING_FANOUT_ROLLOVER,
  GST_AFRING_FANOUT_N
} GstAfringFanoutProperty;

/* Installs the properties, the first with the id @first_id. */
GST_AFRING_API
void     gst_afring_fanout_install_properties (GObjectClass          *klass,
                                               guint                  first_id);

GST_AFRING_API
void     gst_afring_fanout_set_property       (GstAfringFanout       *self,
                                               GstAfringFanoutProperty id,
                                               const GValue          *value);

GST_AFRING_API
void     gst_afring_fanout_get_property       (const GstAfringFanout *self,
                                               GstAfringFanoutProperty id,
                                               GValue                *value);

/* FALSE with an error of GST_CAPTURE_ERROR if no group can be like that. */
gboolean gst_afring_fanout_check              (const GstAfringFanout *self,
                                               GError               **error);

/* Makes a socket that is bound to @link a member; nothing if there is no group.
 * It is one until it is closed and its ring unmapped: the kernel knows no way
 * to leave before. */
gboolean gst_afring_fanout_join               (const GstAfringFanout *self,
                                               int                    fd,
                                               GstCaptureLink        *link,
                                               gboolean               incoming_only,
                                               GError               **error);

G_END_DECLS
