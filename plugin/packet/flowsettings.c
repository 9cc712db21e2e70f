/* gst-afring: what a flowdemux is asked to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowsettings.h"
#include "packetcaps.h"

#define DEFAULT_FLOW_TIMEOUT (60 * GST_SECOND)
#define DEFAULT_MAX_FLOWS 1024

/* Two thirds of what Linux gives a connection at most (tcp_rmem), and 16 such flows. */
#define DEFAULT_TCP_MAX_BYTES (4 * 1024 * 1024)
#define DEFAULT_TCP_MAX_TOTAL_BYTES (64 * 1024 * 1024)

/* The first three retransmissions come within it (RFC 6298, with Linux's 200 ms). */
#define DEFAULT_TCP_MAX_WAIT (3 * GST_SECOND)

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | \
    G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_tcp (GObjectClass * klass, guint first_id)
{
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_TCP_REASSEMBLY,
      g_param_spec_boolean ("tcp-reassembly", "TCP reassembly",
          "Pads of TCP flows carry the bytes of the stream in order, each once; "
          "TCP is taken then whatever protocol says. For flows that begin after "
          "it is set", FALSE, FLAGS));
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_TCP_MAX_BYTES,
      g_param_spec_uint64 ("tcp-max-bytes", "TCP maximum bytes",
          "Memory of what waits in a TCP flow behind a hole, in bytes, at most: "
          "then the hole is given up. It counts what keeping packets takes, too: "
          "1 KiB each", 0, G_MAXUINT64, DEFAULT_TCP_MAX_BYTES, FLAGS));
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_TCP_MAX_TOTAL_BYTES,
      g_param_spec_uint64 ("tcp-max-total-bytes", "TCP maximum total bytes",
          "The same for all flows together: then the hole that has been open "
          "longest is given up", 0, G_MAXUINT64, DEFAULT_TCP_MAX_TOTAL_BYTES,
          FLAGS));
  g_object_class_install_property (klass,
      first_id + FLOW_SETTING_TCP_MAX_WAIT,
      g_param_spec_uint64 ("tcp-max-wait", "TCP maximum wait",
          "Nanoseconds, in the time of the capture, for which a hole in a TCP "
          "flow is waited for, unless the receiver acknowledges what is behind "
          "it: that closes it at once; 0: not at all", 0, G_MAXUINT64,
          DEFAULT_TCP_MAX_WAIT, FLAGS));
}

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
  install_tcp (klass, first_id);
}

void
flow_settings_init (FlowSettings * self)
{
  self->flow_timeout = DEFAULT_FLOW_TIMEOUT;
  self->max_flows = DEFAULT_MAX_FLOWS;
  self->require_flow = TRUE;
  self->tcp.most_by_one = DEFAULT_TCP_MAX_BYTES;
  self->tcp.most = DEFAULT_TCP_MAX_TOTAL_BYTES;
  self->tcp.longest = DEFAULT_TCP_MAX_WAIT;
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
    case FLOW_SETTING_TCP_REASSEMBLY:
      self->reassembles = g_value_get_boolean (value);
      return TRUE;
    case FLOW_SETTING_TCP_MAX_BYTES:
      self->tcp.most_by_one = g_value_get_uint64 (value);
      return TRUE;
    case FLOW_SETTING_TCP_MAX_TOTAL_BYTES:
      self->tcp.most = g_value_get_uint64 (value);
      return TRUE;
    case FLOW_SETTING_TCP_MAX_WAIT:
      self->tcp.longest = g_value_get_uint64 (value);
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
    case FLOW_SETTING_TCP_REASSEMBLY:
      g_value_set_boolean (value, self->reassembles);
      break;
    case FLOW_SETTING_TCP_MAX_BYTES:
      g_value_set_uint64 (value, self->tcp.most_by_one);
      break;
    case FLOW_SETTING_TCP_MAX_TOTAL_BYTES:
      g_value_set_uint64 (value, self->tcp.most);
      break;
    case FLOW_SETTING_TCP_MAX_WAIT:
      g_value_set_uint64 (value, self->tcp.longest);
      break;
    case FLOW_SETTING_RTP_CAPS:
    default:
      gst_value_set_caps (value, self->rtp_caps);
      break;
  }
}
