/* gst-afring: the settings of a ring capture and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringconfig.h"

#include <gst/afring/afring-enumtypes.h>
#include <unistd.h>

#define DEFAULT_BLOCK_SIZE 1048576
#define DEFAULT_BLOCK_COUNT 64
#define DEFAULT_BLOCK_TIMEOUT 10

#define IPV4_HEADER_LENGTH 20
#define IPV6_HEADER_LENGTH 40
#define TRANSPORT_LENGTH 14     /* up to the flags of TCP */
#define VLAN_TAG_LENGTH 4

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

void
gst_afring_config_init (GstAfringConfig * self, guint snaplen)
{
  self->block_size = DEFAULT_BLOCK_SIZE;
  self->block_count = DEFAULT_BLOCK_COUNT;
  self->block_timeout = DEFAULT_BLOCK_TIMEOUT;
  self->snaplen = snaplen;
}

static void
install_ring_properties (GObjectClass * klass, guint first_id)
{
  /**
   * GstAfringSource:block-size:
   *
   * Bytes of one block of the ring, the piece that the kernel hands over whole; rounded
   * up to a power of two of pages. A packet that is bigger than a block is cut.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_BLOCK_SIZE,
      g_param_spec_uint ("block-size", "Block size",
          "Bytes of one block of the ring, the piece that the kernel hands over"
          " whole; rounded up to a power of two of pages. A packet that is "
          "bigger than a block is cut",
          1, G_MAXUINT, DEFAULT_BLOCK_SIZE, FLAGS));
  /**
   * GstAfringSource:block-count:
   *
   * Blocks in the ring. If the kernel has no memory for a ring of the default size, a
   * smaller one is taken (#GstAfringSource:granted-block-count); a size that was set is
   * granted or refused.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_BLOCK_COUNT,
      g_param_spec_uint ("block-count", "Block count",
          "Blocks in the ring. If the kernel has no memory for a ring of the "
          "default size, a smaller one is taken (see stats); a size that was "
          "set is granted or refused",
          1, G_MAXUINT, DEFAULT_BLOCK_COUNT, FLAGS));
  /**
   * GstAfringSource:block-timeout:
   *
   * Milliseconds after which a block that is not full is handed over; the latency of the
   * capture.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_BLOCK_TIMEOUT,
      g_param_spec_uint ("block-timeout", "Block timeout",
          "Milliseconds after which a block that is not full is handed over; "
          "the latency of the capture",
          1, 60000, DEFAULT_BLOCK_TIMEOUT, FLAGS));
}

static void
install_selection_properties (GObjectClass * klass, guint first_id,
    guint default_snaplen)
{
  /**
   * GstAfringSource:snaplen:
   *
   * Bytes kept of a packet, from its link header on; 0 keeps all.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_CONFIG_SNAPLEN,
      g_param_spec_uint ("snaplen", "Snapshot length",
          "Bytes kept of a packet, from its link header on; 0 keeps all",
          0, G_MAXUINT, default_snaplen, FLAGS));
  /**
   * GstAfringSource:snaplen-strategy:
   *
   * Keep as many bytes as snaplen says (fixed), or just enough of each packet, as this
   * link type has it, for an IPv4 or IPv6 header, or for the TCP header behind it, too
   * (transport).
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_SNAPLEN_STRATEGY,
      g_param_spec_enum ("snaplen-strategy", "Snapshot length strategy",
          "Keep as many bytes as snaplen says (fixed), or just enough of each "
          "packet, as this link type has it, for an IPv4 or IPv6 header, or for "
          "the TCP header behind it, too (transport)", GST_TYPE_CAPTURE_SNAPLEN_STRATEGY,
          GST_CAPTURE_SNAPLEN_STRATEGY_FIXED, FLAGS));
  /**
   * GstAfringSource:filter:
   *
   * Capture only packets that match this expression, see pcap-filter(7). It runs in the
   * kernel, except where it asks for VLANs. A change while running loses no packet that
   * both match; one that does not compile is refused with a warning, the old one stays.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_CONFIG_FILTER,
      g_param_spec_string ("filter", "Filter",
          "Capture only packets that match this expression, see "
          "pcap-filter(7). It runs in the kernel, except where it asks for "
          "VLANs. A change while running loses no packet that both match; one "
          "that does not compile is refused with a warning, the old one stays",
          NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING));
  /**
   * GstAfringSource:ip-only:
   *
   * Capture only packets with an IP layer, behind VLAN tags, MPLS labels and PPPoE too;
   * filtered in the kernel.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_CONFIG_IP_ONLY,
      g_param_spec_boolean ("ip-only", "IP only",
          "Capture only packets with an IP layer, behind VLAN tags, MPLS labels "
          "and PPPoE too; filtered in the kernel", FALSE, FLAGS));
  /**
   * GstAfringSource:ignore-vlans:
   *
   * Drop VLAN-tagged packets; filtered in the kernel.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_IGNORE_VLANS,
      g_param_spec_boolean ("ignore-vlans", "Ignore VLANs",
          "Drop VLAN-tagged packets; filtered in the kernel", FALSE, FLAGS));
  /**
   * GstAfringSource:direction:
   *
   * Capture packets that come in, go out, or both (inout). On loopback, where each packet
   * does both, inout keeps the incoming one.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_CONFIG_DIRECTION,
      g_param_spec_enum ("direction", "Direction",
          "Capture packets that come in, go out, or both (inout). On loopback, "
          "where each packet does both, inout keeps the incoming one",
          GST_TYPE_CAPTURE_DIRECTION, GST_CAPTURE_DIRECTION_INOUT, FLAGS));
  /**
   * GstAfringSource:rx-hash:
   *
   * Have the kernel put a hash of its flow into each packet's meta (rx_hash). Where the
   * network adapter has not made one, the kernel has to, which takes it time. A mock ring
   * has none.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_CONFIG_RX_HASH,
      g_param_spec_boolean ("rx-hash", "Receive hash",
          "Have the kernel put a hash of its flow into each packet's meta "
          "(rx_hash). Where the network adapter has not made one, the kernel "
          "has to, which takes it time. A mock ring has none", FALSE, FLAGS));
}

void
gst_afring_config_install_properties (GObjectClass * klass, guint first_id,
    guint default_snaplen)
{
  /**
   * GstAfringSource:interface:
   *
   * Network interface to capture on; "any" for all of them; NULL takes the first that is
   * up and not loopback, else lo. Of a mock ring nothing.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_INTERFACE,
      g_param_spec_string ("interface", "Interface",
          "Network interface to capture on; \"any\" for all of them; NULL takes "
          "the first that is up and not loopback, else lo. Of a mock ring nothing",
          NULL, FLAGS));
  /**
   * GstAfringSource:promiscuous:
   *
   * Also capture packets that are for other hosts, for as long as the capture runs. A
   * mock ring has all of them.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_CONFIG_PROMISCUOUS,
      g_param_spec_boolean ("promiscuous", "Promiscuous",
          "Also capture packets that are for other hosts, for as long as the "
          "capture runs. A mock ring has all of them", FALSE, FLAGS));
  install_ring_properties (klass, first_id);
  install_selection_properties (klass, first_id, default_snaplen);
}

static void
set_string (gchar ** where, const GValue * value)
{
  g_free (*where);
  *where = g_value_dup_string (value);
}

void
gst_afring_config_set_property (GstAfringConfig * self,
    GstAfringConfigProperty id, const GValue * value)
{
  switch (id) {
    case GST_AFRING_CONFIG_INTERFACE:
      set_string (&self->interface, value);
      break;
    case GST_AFRING_CONFIG_PROMISCUOUS:
      self->promiscuous = g_value_get_boolean (value);
      break;
    case GST_AFRING_CONFIG_BLOCK_SIZE:
      self->block_size = g_value_get_uint (value);
      break;
    case GST_AFRING_CONFIG_BLOCK_COUNT:
      self->block_count = g_value_get_uint (value);
      break;
    case GST_AFRING_CONFIG_BLOCK_TIMEOUT:
      self->block_timeout = g_value_get_uint (value);
      break;
    case GST_AFRING_CONFIG_SNAPLEN:
      self->snaplen = g_value_get_uint (value);
      break;
    case GST_AFRING_CONFIG_SNAPLEN_STRATEGY:
      self->snaplen_strategy = g_value_get_enum (value);
      break;
    case GST_AFRING_CONFIG_FILTER:
      set_string (&self->filter, value);
      break;
    case GST_AFRING_CONFIG_IP_ONLY:
      self->ip_only = g_value_get_boolean (value);
      break;
    case GST_AFRING_CONFIG_IGNORE_VLANS:
      self->ignore_vlans = g_value_get_boolean (value);
      break;
    case GST_AFRING_CONFIG_DIRECTION:
      self->direction = g_value_get_enum (value);
      break;
    case GST_AFRING_CONFIG_RX_HASH:
      self->rx_hash = g_value_get_boolean (value);
      break;
    case GST_AFRING_CONFIG_N:
      g_assert_not_reached ();
  }
}

void
gst_afring_config_get_property (const GstAfringConfig * self,
    GstAfringConfigProperty id, GValue * value)
{
  switch (id) {
    case GST_AFRING_CONFIG_INTERFACE:
      g_value_set_string (value, self->interface);
      break;
    case GST_AFRING_CONFIG_PROMISCUOUS:
      g_value_set_boolean (value, self->promiscuous);
      break;
    case GST_AFRING_CONFIG_BLOCK_SIZE:
      g_value_set_uint (value, self->block_size);
      break;
    case GST_AFRING_CONFIG_BLOCK_COUNT:
      g_value_set_uint (value, self->block_count);
      break;
    case GST_AFRING_CONFIG_BLOCK_TIMEOUT:
      g_value_set_uint (value, self->block_timeout);
      break;
    case GST_AFRING_CONFIG_SNAPLEN:
      g_value_set_uint (value, self->snaplen);
      break;
    case GST_AFRING_CONFIG_SNAPLEN_STRATEGY:
      g_value_set_enum (value, self->snaplen_strategy);
      break;
    case GST_AFRING_CONFIG_FILTER:
      g_value_set_string (value, self->filter);
      break;
    case GST_AFRING_CONFIG_IP_ONLY:
      g_value_set_boolean (value, self->ip_only);
      break;
    case GST_AFRING_CONFIG_IGNORE_VLANS:
      g_value_set_boolean (value, self->ignore_vlans);
      break;
    case GST_AFRING_CONFIG_DIRECTION:
      g_value_set_enum (value, self->direction);
      break;
    case GST_AFRING_CONFIG_RX_HASH:
      g_value_set_boolean (value, self->rx_hash);
      break;
    case GST_AFRING_CONFIG_N:
      g_assert_not_reached ();
  }
}

void
gst_afring_config_copy (GstAfringConfig * self, const GstAfringConfig * from)
{
  gst_afring_config_clear (self);
  *self = *from;
  self->interface = g_strdup (from->interface);
  self->filter = g_strdup (from->filter);
}

void
gst_afring_config_clear (GstAfringConfig * self)
{
  g_clear_pointer (&self->interface, g_free);
  g_clear_pointer (&self->filter, g_free);
}

guint32
gst_afring_config_get_snaplen (const GstAfringConfig * self, guint link_type,
    guint32 * tag_allowance)
{
  guint32 link = gst_capture_link_type_get_ip_offset (link_type);

  *tag_allowance = VLAN_TAG_LENGTH;

  switch (self->snaplen_strategy) {
    case GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_HEADER:
      return link + IPV4_HEADER_LENGTH;
    case GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_TRANSPORT:
      return link + IPV4_HEADER_LENGTH + TRANSPORT_LENGTH;
    case GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_HEADER:
      return link + IPV6_HEADER_LENGTH;
    case GST_CAPTURE_SNAPLEN_STRATEGY_IPV6_TRANSPORT:
      return link + IPV6_HEADER_LENGTH + TRANSPORT_LENGTH;
    case GST_CAPTURE_SNAPLEN_STRATEGY_FIXED:
    default:
      *tag_allowance = 0;
      return self->snaplen == 0 ? G_MAXUINT32 : self->snaplen;
  }
}

void
gst_afring_config_get_geometry (const GstAfringConfig * self,
    GstAfringGeometry * geometry)
{
  gsize page = sysconf (_SC_PAGESIZE);
  guint64 size = MAX (self->block_size, page);

  if ((size & (size - 1)) != 0)
    size = G_GUINT64_CONSTANT (1) << g_bit_storage (size);
  geometry->block_size = MIN (size, G_MAXUINT32);
  geometry->block_count = self->block_count;
  geometry->block_timeout = self->block_timeout;
  geometry->may_shrink = self->block_size == DEFAULT_BLOCK_SIZE
      && self->block_count == DEFAULT_BLOCK_COUNT;
}
