/* gst-afring: the settings of a source element and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/ring/gstafringconfig.h>

G_BEGIN_DECLS

/* What the source elements have in common. Locked by the element. */
typedef struct
{
  GstAfringConfig config;
  GstCaptureLayer layer;
  gboolean reference_timestamps;
  guint reserve_blocks;
  guint64 max_evicted_bytes;
  gint keeper_nice;
  gint num_buffers;
} GstAfringSettings;

/* Ids of the properties, from the one on that a class gives them. */
typedef enum
{
  GST_AFRING_SETTINGS_CONFIG,
  GST_AFRING_SETTINGS_LAYER = GST_AFRING_SETTINGS_CONFIG + GST_AFRING_CONFIG_N,
  GST_AFRING_SETTINGS_ADD_REFERENCE_TIMESTAMP_META,
  GST_AFRING_SETTINGS_RESERVE_BLOCKS,
  GST_AFRING_SETTINGS_MAX_EVICTED_BYTES,
  GST_AFRING_SETTINGS_KEEPER_NICE,
  GST_AFRING_SETTINGS_NUM_BUFFERS,
  GST_AFRING_SETTINGS_N
} GstAfringSettingsProperty;

/* The defaults, for an instance. */
void     gst_afring_settings_init               (GstAfringSettings       *self);

void     gst_afring_settings_install_properties (GObjectClass            *klass,
                                                 guint                    first_id);

/* FALSE if there is no property @id. */
gboolean gst_afring_settings_set_property       (GstAfringSettings       *self,
                                                 GstAfringSettingsProperty id,
                                                 const GValue            *value);

gboolean gst_afring_settings_get_property       (const GstAfringSettings *self,
                                                 GstAfringSettingsProperty id,
                                                 GValue                  *value);

/* What a ring is to be opened with; @config is all zero. */
void     gst_afring_settings_copy_config        (const GstAfringSettings *self,
                                                 GstAfringConfig         *config);

/* The longest time from a packet to its push, on an idle machine. */
GstClockTime gst_afring_settings_get_latency    (const GstAfringSettings *self);

G_END_DECLS
