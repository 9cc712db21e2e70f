/* gst-afring: the settings of a source element and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringsettings.h"

#include <gst/afring/afring.h>
#include <stdio.h>
#include <sys/utsname.h>

#define DEFAULT_SNAPLEN 262144
#define DEFAULT_KEEPER_NICE -15
#define DEFAULT_MAX_EVICTED_BYTES (G_GUINT64_CONSTANT (1) << 30)

/* What comes on top of the block timeout: the time in which threads get to run, measured
 * (99 of 100 packets), and two ticks of a kernel of 100 Hz. */
#define LATENCY_MARGIN GST_MSECOND
#define COARSE_LATENCY_MARGIN (21 * GST_MSECOND)

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

void
gst_afring_settings_init (GstAfringSettings * self)
{
  gst_afring_config_init (&self->config, DEFAULT_SNAPLEN);
  self->max_evicted_bytes = DEFAULT_MAX_EVICTED_BYTES;
  self->keeper_nice = DEFAULT_KEEPER_NICE;
  self->num_buffers = -1;
}

void
gst_afring_settings_install_properties (GObjectClass * klass, guint first_id)
{
  gst_afring_config_install_properties (klass, first_id, DEFAULT_SNAPLEN);
  g_object_class_install_property (klass,
      first_id + GST_AFRING_SETTINGS_LAYER,
      g_param_spec_enum ("layer", "Layer",
          "Where buffers start: at the link header, or at the IP header, which "
          "makes them link type 101 and passes over packets without one",
          GST_TYPE_CAPTURE_LAYER, GST_CAPTURE_LAYER_LINK, FLAGS));
  g_object_class_install_property (klass,
      first_id + GST_AFRING_SETTINGS_ADD_REFERENCE_TIMESTAMP_META,
      g_param_spec_boolean ("add-reference-timestamp-meta",
          "Add reference timestamp meta",
          "Also put the capture time, in nanoseconds since 1970-01-01 UTC, into "
          "a GstReferenceTimestampMeta (timestamp/x-unix) of each buffer",
          FALSE, FLAGS));
  g_object_class_install_property (klass,
      first_id + GST_AFRING_SETTINGS_RESERVE_BLOCKS,
      g_param_spec_uint ("reserve-blocks", "Reserve blocks",
          "Blocks kept free ahead of the kernel. If downstream still has one of "
          "them, its packets are moved out of the ring, to memory of their own "
          "at the same address. The kernel needs more than a quarter of the ring "
          "free in order not to drop anything; 0 chooses that and two blocks, or "
          "an eighth of the ring, more",
          0, G_MAXUINT, 0, FLAGS));
  g_object_class_install_property (klass,
      first_id + GST_AFRING_SETTINGS_MAX_EVICTED_BYTES,
      g_param_spec_uint64 ("max-evicted-bytes", "Maximum evicted bytes",
          "Bytes of memory at most for packets that were moved out of the ring "
          "because downstream still has them, or copied because their block held "
          "little else; when it is all used the kernel drops packets, until "
          "downstream gives some back; 0: no bound",
          0, G_MAXUINT64, DEFAULT_MAX_EVICTED_BYTES, FLAGS));
  g_object_class_install_property (klass,
      first_id + GST_AFRING_SETTINGS_KEEPER_NICE,
      g_param_spec_int ("keeper-nice", "Keeper nice value",
          "Nice value (see setpriority(2)) of the thread that takes blocks off the "
          "kernel and keeps enough of the ring free. It has little to do, but in "
          "time. Below 0 it takes root or CAP_SYS_NICE; where it is not allowed "
          "the thread runs with the usual priority. 0: as it is",
          -20, 19, DEFAULT_KEEPER_NICE, FLAGS));
  /* GstBaseSrc's own counts calls of create(), which are blocks here */
  g_object_class_override_property (klass,
      first_id + GST_AFRING_SETTINGS_NUM_BUFFERS, "num-buffers");
}

gboolean
gst_afring_settings_set_property (GstAfringSettings * self,
    GstAfringSettingsProperty id, const GValue * value)
{
  switch (id) {
    case GST_AFRING_SETTINGS_LAYER:
      self->layer = g_value_get_enum (value);
      break;
    case GST_AFRING_SETTINGS_ADD_REFERENCE_TIMESTAMP_META:
      self->reference_timestamps = g_value_get_boolean (value);
      break;
    case GST_AFRING_SETTINGS_RESERVE_BLOCKS:
      self->reserve_blocks = g_value_get_uint (value);
      break;
    case GST_AFRING_SETTINGS_MAX_EVICTED_BYTES:
      self->max_evicted_bytes = g_value_get_uint64 (value);
      break;
    case GST_AFRING_SETTINGS_KEEPER_NICE:
      self->keeper_nice = g_value_get_int (value);
      break;
    case GST_AFRING_SETTINGS_NUM_BUFFERS:
      self->num_buffers = g_value_get_int (value);
      break;
    default:
      if ((guint) id >= GST_AFRING_SETTINGS_LAYER)
        return FALSE;
      gst_afring_config_set_property (&self->config,
          (GstAfringConfigProperty) id, value);
      break;
  }
  return TRUE;
}

gboolean
gst_afring_settings_get_property (const GstAfringSettings * self,
    GstAfringSettingsProperty id, GValue * value)
{
  switch (id) {
    case GST_AFRING_SETTINGS_LAYER:
      g_value_set_enum (value, self->layer);
      break;
    case GST_AFRING_SETTINGS_ADD_REFERENCE_TIMESTAMP_META:
      g_value_set_boolean (value, self->reference_timestamps);
      break;
    case GST_AFRING_SETTINGS_RESERVE_BLOCKS:
      g_value_set_uint (value, self->reserve_blocks);
      break;
    case GST_AFRING_SETTINGS_MAX_EVICTED_BYTES:
      g_value_set_uint64 (value, self->max_evicted_bytes);
      break;
    case GST_AFRING_SETTINGS_KEEPER_NICE:
      g_value_set_int (value, self->keeper_nice);
      break;
    case GST_AFRING_SETTINGS_NUM_BUFFERS:
      g_value_set_int (value, self->num_buffers);
      break;
    default:
      if ((guint) id >= GST_AFRING_SETTINGS_LAYER)
        return FALSE;
      gst_afring_config_get_property (&self->config,
          (GstAfringConfigProperty) id, value);
      break;
  }
  return TRUE;
}

void
gst_afring_settings_copy_config (const GstAfringSettings * self,
    GstAfringConfig * config)
{
  gst_afring_config_copy (config, &self->config);
  /* what has no IP header would only be passed over later */
  if (self->layer == GST_CAPTURE_LAYER_NETWORK)
    config->ip_only = TRUE;
}

/* Since Linux 6.18 (af_packet.c, prb_retire_rx_blk_timer_expired) the kernel's timer for
 * a block is a high-resolution one; before, it counts jiffies and rounds up. */
static gboolean
has_fine_timer (void)
{
  struct utsname name;
  gint major = 0, minor = 0;

  return uname (&name) == 0
      && sscanf (name.release, "%d.%d", &major, &minor) == 2
      && (major > 6 || (major == 6 && minor >= 18));
}

/* A packet is given on when its block is: after the block timeout, to which the kernel's
 * timer adds. */
GstClockTime
gst_afring_settings_get_latency (const GstAfringSettings * self)
{
  return self->config.block_timeout * GST_MSECOND
      + (has_fine_timer () ? LATENCY_MARGIN : COARSE_LATENCY_MARGIN);
}
