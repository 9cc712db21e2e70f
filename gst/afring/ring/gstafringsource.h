/* gst-afring: packets from an AF_PACKET ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturesource.h>

G_BEGIN_DECLS

/**
 * GST_AFRING_DEFAULT_SNAPLEN:
 *
 * Bytes kept of a packet unless the property `snaplen` says otherwise.
 */
#define GST_AFRING_DEFAULT_SNAPLEN 65536

#define GST_TYPE_AFRING_SOURCE (gst_afring_source_get_type ())
GST_AFRING_API
G_DECLARE_DERIVABLE_TYPE (GstAfringSource, gst_afring_source, GST,
    AFRING_SOURCE, GObject)

struct _GstAfringSourceClass
{
  GObjectClass parent_class;

  /*< private >*/
  gconstpointer backend;
  gpointer _gst_reserved[GST_PADDING];
};

GST_AFRING_API
GstAfringSource *gst_afring_source_new           (const gchar     *interface,
                                                  GError         **error,
                                                  const gchar     *first_property,
                                                  ...);

GST_AFRING_API
GstAfringSource *gst_afring_source_new_simple    (const gchar     *interface,
                                                  const gchar     *filter,
                                                  GError         **error);

GST_AFRING_API
GstAfringSource *gst_afring_source_new_from_link (GstCaptureLink  *link,
                                                  GError         **error,
                                                  const gchar     *first_property,
                                                  ...);

GST_AFRING_API
gboolean         gst_afring_source_open          (GstAfringSource *self,
                                                  GstCaptureLink  *link,
                                                  GError         **error);

GST_AFRING_API
gboolean         gst_afring_source_set_filter    (GstAfringSource *self,
                                                  const gchar     *filter,
                                                  GError         **error);

G_END_DECLS
