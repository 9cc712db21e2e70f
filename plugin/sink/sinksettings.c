/* gst-afring: the settings of the sender and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinksettings.h"
#include "common/valuefield.h"

#include <gst/afring/capture/gstcaptureerror.h>

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT \
    | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

#define MOST_VLAN 4094          /* 4095 is reserved (IEEE 802.1Q) */

enum
{
  PROP_INTERFACE = 1,
  PROP_NETNS,
  PROP_FD,
  PROP_SPIN_TIME,
  PROP_MAX_EARLY,
  PROP_ON_FULL,
  PROP_ON_LINK_DOWN,
  PROP_CHECKSUMS,
  PROP_OVERSIZE,
  PROP_QDISC_BYPASS,
  PROP_DST_MAC,
  PROP_SRC_MAC,
  PROP_VLAN
};

G_STATIC_ASSERT (PROP_VLAN == SINK_SETTINGS_N);

static GType
get_enum (gsize * type, const gchar * name, const GEnumValue * values)
{
  if (g_once_init_enter (type)) {
    GType registered = g_enum_register_static (name, values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (type, registered);
  }
  return *type;
}

static GType
on_full_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {SINK_ON_FULL_WAIT, "Wait until there is room", "wait"},
    {SINK_ON_FULL_DROP, "Drop the packet, and count it", "drop"},
    {0, NULL, NULL}
  };

  return get_enum (&type, "GstAfringSinkOnFull", values);
}

static GType
on_link_down_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {SINK_ON_LINK_DOWN_WAIT, "Wait until it is back", "wait"},
    {SINK_ON_LINK_DOWN_ERROR, "End with an error", "error"},
    {SINK_ON_LINK_DOWN_DROP, "Drop packets, and count them", "drop"},
    {0, NULL, NULL}
  };

  return get_enum (&type, "GstAfringSinkOnLinkDown", values);
}

static GType
checksums_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {SINK_CHECKSUMS_AUTO, "Have those completed that were left to a device",
        "auto"},
    {SINK_CHECKSUMS_AS_IS, "Send what stands in the packets", "as-is"},
    {0, NULL, NULL}
  };

  return get_enum (&type, "GstAfringSinkChecksums", values);
}

static GType
oversize_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {SINK_OVERSIZE_SEGMENT, "Have TCP cut into segments, UDP into IP fragments",
        "segment"},
    {SINK_OVERSIZE_SKIP, "Leave them out, and count them", "skip"},
    {0, NULL, NULL}
  };

  return get_enum (&type, "GstAfringSinkOversize", values);
}

static void
install_socket_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_INTERFACE,
      g_param_spec_string ("interface", "Interface",
          "Network interface to send on; NULL: the one that fd is bound to", NULL,
          FLAGS));
  g_object_class_install_property (klass, PROP_NETNS,
      g_param_spec_string ("netns", "Network namespace",
          "Network namespace that the interface is in: a name that \"ip netns\" lists, or a "
          "path, such as /proc/PID/ns/net. To enter one takes CAP_SYS_ADMIN; no thread of "
          "the application does. NULL: the one this program is in", NULL, FLAGS));
  g_object_class_install_property (klass, PROP_FD,
      g_param_spec_int ("fd", "Packet socket",
          "An AF_PACKET socket of type SOCK_RAW that somebody with CAP_NET_RAW has opened, "
          "which this program then does not need. It is duplicated and stays the caller's, "
          "who must not use it meanwhile. -1: none, open one", -1, G_MAXINT,
          GST_AFRING_ACCESS_NO_FD, FLAGS));
  g_object_class_install_property (klass, PROP_QDISC_BYPASS,
      g_param_spec_boolean ("qdisc-bypass", "Pass the queue by",
          "Give packets to the driver, past the interface's queueing discipline "
          "(PACKET_QDISC_BYPASS): other captures of this machine do not see them, and none "
          "can be cut to the MTU", FALSE, FLAGS));
}

static void
install_time_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_SPIN_TIME,
      g_param_spec_uint64 ("spin-time", "Spin time",
          "Nanoseconds before a packet's time from which on the clock is asked over and "
          "over, because a sleep ends late; that keeps a processor busy. 0: sleep only",
          0, GST_SECOND, 0, PLAYING_FLAGS));
  g_object_class_install_property (klass, PROP_MAX_EARLY,
      g_param_spec_uint64 ("max-early", "Maximum earliness",
          "Nanoseconds: packets that are due so soon leave with one that is due, in one "
          "call", 0, GST_SECOND, 0, PLAYING_FLAGS));
}

static void
install_trouble_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_ON_FULL,
      g_param_spec_enum ("on-full", "On full",
          "What to do when the interface's queue takes no more. After 10 seconds in which "
          "it took none, packets are given up in any case", on_full_get_type (),
          SINK_ON_FULL_WAIT, PLAYING_FLAGS));
  g_object_class_install_property (klass, PROP_ON_LINK_DOWN,
      g_param_spec_enum ("on-link-down", "On link down",
          "What to do when the interface is down or has no carrier. An element message "
          "GstAfringSinkLink is posted when that changes. One that is removed is an error",
          on_link_down_get_type (), SINK_ON_LINK_DOWN_WAIT, PLAYING_FLAGS));
}

static void
install_frame_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_CHECKSUMS,
      g_param_spec_enum ("checksums", "Checksums",
          "Of TCP and UDP: auto completes those that were left to a network adapter when the "
          "packet was captured. Others stay as they are, right or wrong",
          checksums_get_type (), SINK_CHECKSUMS_AUTO, FLAGS));
  g_object_class_install_property (klass, PROP_OVERSIZE,
      g_param_spec_enum ("oversize", "Oversize",
          "What to do with packets that are bigger than the MTU of the interface",
          oversize_get_type (), SINK_OVERSIZE_SEGMENT, FLAGS));
  g_object_class_install_property (klass, PROP_DST_MAC,
      g_param_spec_string ("dst-mac", "Destination address",
          "Ethernet address to put in as the destination of all packets, such as "
          "02:00:00:00:00:01; NULL: as it is. Packets without an Ethernet header get one",
          NULL, FLAGS));
  g_object_class_install_property (klass, PROP_SRC_MAC,
      g_param_spec_string ("src-mac", "Source address",
          "Ethernet address to put in as the source of all packets; NULL: as it is, and "
          "the interface's own where there is none", NULL, FLAGS));
  g_object_class_install_property (klass, PROP_VLAN,
      g_param_spec_int ("vlan", "VLAN",
          "VLAN id for the outermost tag of all packets; those without a tag get one "
          "(802.1Q). 0: take the outermost tag off; -1: as it is", SINK_VLAN_AS_IS,
          MOST_VLAN, SINK_VLAN_AS_IS, FLAGS));
}

void
sink_settings_install_properties (GObjectClass * klass)
{
  install_socket_properties (klass);
  install_time_properties (klass);
  install_trouble_properties (klass);
  install_frame_properties (klass);
}

void
sink_settings_init (SinkSettings * self)
{
  *self = (SinkSettings) {
    .vlan = SINK_VLAN_AS_IS,
  };
  gst_afring_access_init (&self->access);
  self->access.sends = TRUE;
}

void
sink_settings_clear (SinkSettings * self)
{
  gst_afring_access_clear (&self->access);
  g_clear_pointer (&self->interface, g_free);
  g_clear_pointer (&self->dst_mac, g_free);
  g_clear_pointer (&self->src_mac, g_free);
}

/* Where the value of a property is. */
static gpointer
get_field (SinkSettings * self, guint id)
{
  switch (id) {
    case PROP_INTERFACE:
      return &self->interface;
    case PROP_NETNS:
      return &self->access.netns;
    case PROP_FD:
      return &self->access.fd;
    case PROP_SPIN_TIME:
      return &self->spin_time;
    case PROP_MAX_EARLY:
      return &self->max_early;
    case PROP_ON_FULL:
      return &self->on_full;
    case PROP_ON_LINK_DOWN:
      return &self->on_link_down;
    case PROP_CHECKSUMS:
      return &self->checksums;
    case PROP_OVERSIZE:
      return &self->oversize;
    case PROP_QDISC_BYPASS:
      return &self->qdisc_bypass;
    case PROP_DST_MAC:
      return &self->dst_mac;
    case PROP_SRC_MAC:
      return &self->src_mac;
    case PROP_VLAN:
      return &self->vlan;
    default:
      return NULL;
  }
}

gboolean
sink_settings_set_property (SinkSettings * self, guint id,
    const GValue * value)
{
  gpointer field = get_field (self, id);

  if (field == NULL)
    return FALSE;
  value_field_set (field, value);
  return TRUE;
}

gboolean
sink_settings_get_property (SinkSettings * self, guint id, GValue * value)
{
  gconstpointer field = get_field (self, id);

  if (field == NULL)
    return FALSE;
  value_field_get (field, value);
  return TRUE;
}

static gboolean
parse (const gchar * property, const gchar * text, guint8 * mac,
    gboolean * has, GError ** error)
{
  *has = text != NULL;
  if (text == NULL || sink_framing_parse_mac (text, mac))
    return TRUE;
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
      "\"%s\" (%s) is no Ethernet address, such as 02:00:00:00:00:01", text,
      property);
  return FALSE;
}

gboolean
sink_settings_get_framing (const SinkSettings * self, SinkFraming * framing,
    GError ** error)
{
  framing->vlan = self->vlan;
  return parse ("dst-mac", self->dst_mac, framing->dst, &framing->has_dst,
      error)
      && parse ("src-mac", self->src_mac, framing->src, &framing->has_src,
      error);
}
