/* gst-afring: the ring source without a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringsource.h>

G_BEGIN_DECLS

#define GST_TYPE_AFRING_MOCK_SOURCE (gst_afring_mock_source_get_type ())
GST_AFRING_API
G_DECLARE_DERIVABLE_TYPE (GstAfringMockSource, gst_afring_mock_source, GST,
    AFRING_MOCK_SOURCE, GstAfringSource)

struct _GstAfringMockSourceClass
{
  GstAfringSourceClass parent_class;

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
};

GST_AFRING_API
GstAfringMockSource * gst_afring_mock_source_new                      (const gchar             *name,
                                                                       GError                 **error,
                                                                       const gchar             *first_property,
                                                                       ...);

GST_AFRING_API
GstAfringMockSource * gst_afring_mock_source_new_simple               (const gchar             *name,
                                                                       GError                 **error);

GST_AFRING_API
gboolean              gst_afring_mock_source_open                     (GstAfringMockSource     *self,
                                                                       GError                 **error);

GST_AFRING_API
gboolean              gst_afring_mock_source_add_packet               (GstAfringMockSource     *self,
                                                                       const GstCapturePacket  *packet,
                                                                       GError                 **error);

GST_AFRING_API
gboolean              gst_afring_mock_source_add_packet_from_source   (GstAfringMockSource     *self,
                                                                       GstCaptureSource        *source,
                                                                       GError                 **error);

GST_AFRING_API
gboolean              gst_afring_mock_source_can_add_packets          (GstAfringMockSource     *self);

GST_AFRING_API
void                  gst_afring_mock_source_finalize_block           (GstAfringMockSource     *self,
                                                                       gboolean                 force);

GST_AFRING_API
void                  gst_afring_mock_source_force_block_release      (GstAfringMockSource     *self);

GST_AFRING_API
void                  gst_afring_mock_source_force_blocks_unavailable (GstAfringMockSource     *self);

GST_AFRING_API
void                  gst_afring_mock_source_set_packet_added_func    (GstAfringMockSource     *self,
                                                                       GstCapturePacketFunc     func,
                                                                       gpointer                 user_data,
                                                                       GDestroyNotify           destroy);

GST_AFRING_API
gboolean              gst_afring_mock_source_run                      (GstAfringMockSource     *self,
                                                                       GError                 **error);

GST_AFRING_API
gboolean              gst_afring_mock_source_pipe                     (GstAfringMockSource     *self,
                                                                       GstCaptureSource        *source,
                                                                       GError                 **error);

GST_AFRING_API
void                  gst_afring_mock_source_done                     (GstAfringMockSource     *self);

GST_AFRING_API
gboolean              gst_afring_mock_source_wait                     (GstAfringMockSource     *self,
                                                                       GError                 **error);

/**
 * GstAfringMockSourceNoDrain:
 *
 * A mock ring that is filled once and whose blocks are handed over again and again,
 * as fast as they are read: for benchmarks of what reads it.
 */
#define GST_TYPE_AFRING_MOCK_SOURCE_NO_DRAIN (gst_afring_mock_source_no_drain_get_type ())
GST_AFRING_API
G_DECLARE_FINAL_TYPE (GstAfringMockSourceNoDrain,
    gst_afring_mock_source_no_drain, GST, AFRING_MOCK_SOURCE_NO_DRAIN,
    GstAfringMockSource)

GST_AFRING_API
GstAfringMockSourceNoDrain * gst_afring_mock_source_no_drain_new      (const gchar             *name,
                                                                       GError                 **error,
                                                                       const gchar             *first_property,
                                                                       ...);

GST_AFRING_API
gboolean              gst_afring_mock_source_no_drain_run             (GstAfringMockSourceNoDrain *self,
                                                                       GstClockTime             release_interval,
                                                                       GError                 **error);

G_END_DECLS
