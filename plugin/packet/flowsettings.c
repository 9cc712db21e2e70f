/* gst-afring: what a flowdemux is asked to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowsettings.h"
#include "packetcaps.h"

#define DEFAULT_FLOW_TIMEOUT (60 * GST_SECOND)
#define DEFAULT_MAX_FLOWS 1024

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | \
    G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

void
flow_settings_install (GObjectClass * klass, guint first_id)
{
  g_object_class_install_property (klass, first_id + FLOW_SETTING_PROTOCOL,
      g_param_spec_enum ("protocol", "Protocol",
          "Only flows of this protocol", TYPE_PACKET_PROTOCOL,
          PACKET_PROTOCOL_UDP, FLAGS));
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_FLOW_TIMEOUT,
      g_param_spec_uint64 ("flow-timeout", "Flow timeout",
          "Nanoseconds of silence, in the time of the capture, after which a "
          "flow has ended; 0: never", 0, G_MAXUINT64, DEFAULT_FLOW_TIMEOUT,
          FLAGS));
  g_object_class_install_property (klass, first_id + FLOW_SETTING_MAX_FLOWS,
      g_param_spec_uint ("max-flows", "Maximum flows",
          "Flows at a time, at most; before one more comes in, that ends which "
          "has been silent longest", 1, G_MAXUINT, DEFAULT_MAX_FLOWS, FLAGS));
  g_object_class_install_property (klass, first_id + FLOW_SETTING_RTP_CAPS,
      g_param_spec_boxed ("rtp-caps", "RTP caps",
          "What RTP flows carry, if their payload type does not say it: fields "
          "that their caps get (application/x-rtp, media=..., clock-rate=..., "
          "encoding-name=...), each with one value; of several structures, that "
          "which has the payload type of the flow", GST_TYPE_CAPS, FLAGS));
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_REQUIRE_FLOW,
      g_param_spec_boolean ("require-flow", "Require a flow",
          "A stream in which there was no flow ends in an error; FALSE: with "
          "EOS, as any other", TRUE, FLAGS));
}

void
flow_settings_init (FlowSettings * self)
{
  self->flow_timeout = DEFAULT_FLOW_TIMEOUT;
  self->max_flows = DEFAULT_MAX_FLOWS;
  self->require_flow = TRUE;
}

void
flow_settings_clear (FlowSettings * self)
{
  gst_clear_caps (&self->rtp_caps);
}

static gboolean
set_rtp_caps (FlowSettings * self, const GstCaps * caps, GError ** error)
{
  if (!packet_caps_check_each (caps, "rtp-caps", error))
    return FALSE;
  gst_clear_caps (&self->rtp_caps);
  if (caps != NULL)
    self->rtp_caps = gst_caps_copy (caps);
  return TRUE;
}

gboolean
flow_settings_set_property (FlowSettings * self, FlowSetting id,
    const GValue * value, GError ** error)
{
  switch (id) {
    case FLOW_SETTING_PROTOCOL:
      self->protocol = g_value_get_enum (value);
      return TRUE;
    case FLOW_SETTING_FLOW_TIMEOUT:
      self->flow_timeout = g_value_get_uint64 (value);
      return TRUE;
    case FLOW_SETTING_MAX_FLOWS:
      self->max_flows = g_value_get_uint (value);
      return TRUE;
    case FLOW_SETTING_REQUIRE_FLOW:
      self->require_flow = g_value_get_boolean (value);
      return TRUE;
    case FLOW_SETTING_RTP_CAPS:
    default:
      return set_rtp_caps (self, gst_value_get_caps (value), error);
  }
}

void
flow_settings_get_property (const FlowSettings * self, FlowSetting id,
    GValue * value)
{
  switch (id) {
    case FLOW_SETTING_PROTOCOL:
      g_value_set_enum (value, self->protocol);
      break;
    case FLOW_SETTING_FLOW_TIMEOUT:
      g_value_set_uint64 (value, self->flow_timeout);
      break;
    case FLOW_SETTING_MAX_FLOWS:
      g_value_set_uint (value, self->max_flows);
      break;
    case FLOW_SETTING_REQUIRE_FLOW:
      g_value_set_boolean (value, self->require_flow);
      break;
    case FLOW_SETTING_RTP_CAPS:
    default:
      gst_value_set_caps (value, self->rtp_caps);
      break;
  }
}
