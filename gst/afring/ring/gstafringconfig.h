/* gst-afring: the settings of a ring capture and their properties (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/ring/gstafringgeometry.h>

G_BEGIN_DECLS

/* The settings that GstAfringSource and the elements have in common, with one
 * description of each for all of them. */
typedef struct
{
  gchar *interface;
  gboolean promiscuous;
  guint block_size;
  guint block_count;
  guint block_timeout;
  guint snaplen;
  GstCaptureSnaplenStrategy snaplen_strategy;
  gchar *filter;
  gboolean ip_only;
  gboolean ignore_vlans;
  GstCaptureDirection direction;
  gboolean rx_hash;
} GstAfringConfig;

/* Property ids within the range that a class gives to the config. */
typedef enum
{
  GST_AFRING_CONFIG_INTERFACE,
  GST_AFRING_CONFIG_PROMISCUOUS,
  GST_AFRING_CONFIG_BLOCK_SIZE,
  GST_AFRING_CONFIG_BLOCK_COUNT,
  GST_AFRING_CONFIG_BLOCK_TIMEOUT,
  GST_AFRING_CONFIG_SNAPLEN,
  GST_AFRING_CONFIG_SNAPLEN_STRATEGY,
  GST_AFRING_CONFIG_FILTER,
  GST_AFRING_CONFIG_IP_ONLY,
  GST_AFRING_CONFIG_IGNORE_VLANS,
  GST_AFRING_CONFIG_DIRECTION,
  GST_AFRING_CONFIG_RX_HASH,
  GST_AFRING_CONFIG_N
} GstAfringConfigProperty;

/* The defaults, for an instance: a construct property whose first value is refused is
 * not set at all. */
GST_AFRING_API
void     gst_afring_config_init               (GstAfringConfig       *self,
                                               guint                  snaplen);

/* Installs the properties, the first with the id @first_id. */
GST_AFRING_API
void     gst_afring_config_install_properties (GObjectClass          *klass,
                                               guint                  first_id,
                                               guint                  default_snaplen);

GST_AFRING_API
void     gst_afring_config_set_property       (GstAfringConfig       *self,
                                               GstAfringConfigProperty id,
                                               const GValue          *value);

GST_AFRING_API
void     gst_afring_config_get_property       (const GstAfringConfig *self,
                                               GstAfringConfigProperty id,
                                               GValue                *value);

GST_AFRING_API
void     gst_afring_config_copy               (GstAfringConfig       *self,
                                               const GstAfringConfig *from);

GST_AFRING_API
void     gst_afring_config_clear              (GstAfringConfig       *self);

/* Bytes to keep of an untagged packet: the snaplen, or what the strategy needs on
 * this link. @tag_allowance is what a tagged one may have more. */
guint32  gst_afring_config_get_snaplen        (const GstAfringConfig *self,
                                               guint                  link_type,
                                               guint32               *tag_allowance);

/* The block size rounded up to what the kernel takes; shrinking is allowed where
 * the user has not chosen the size. */
void     gst_afring_config_get_geometry       (const GstAfringConfig *self,
                                               GstAfringGeometry     *geometry);

G_END_DECLS
