/* gst-afring: an interface as a device
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringdevice.h"
#include "common/streamcaps.h"

#include <gio/gio.h>
#include <gst/afring/capture/gstcapturelink-private.h>
#include <gst/afring/ring/gstafringtimestamps.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ELEMENT "afringsrc"

struct _GstAfringDevice
{
  GstDevice parent;

  GstLinkState state;
};

G_DEFINE_TYPE (GstAfringDevice, gst_afring_device, GST_TYPE_DEVICE)

static GstElement *
gst_afring_device_create_element (GstDevice * device, const gchar * name)
{
  GstElement *element = gst_element_factory_make (ELEMENT, name);

  if (element != NULL)
    g_object_set (element, "interface",
        GST_AFRING_DEVICE (device)->state.name, NULL);
  return element;
}

static gboolean
gst_afring_device_reconfigure_element (GstDevice * device, GstElement * element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory == NULL || strcmp (GST_OBJECT_NAME (factory), ELEMENT) != 0
      || GST_STATE (element) > GST_STATE_READY)
    return FALSE;
  g_object_set (element, "interface", GST_AFRING_DEVICE (device)->state.name,
      NULL);
  return TRUE;
}

static void
gst_afring_device_class_init (GstAfringDeviceClass * klass)
{
  GstDeviceClass *device_class = GST_DEVICE_CLASS (klass);

  device_class->create_element = gst_afring_device_create_element;
  device_class->reconfigure_element = gst_afring_device_reconfigure_element;
}

static void
gst_afring_device_init (GstAfringDevice * self)
{
}

/* What is known of it. */

static gboolean
ask_driver (int fd, const gchar * name, void *data)
{
  struct ifreq ifr;

  memset (&ifr, 0, sizeof (ifr));
  memcpy (ifr.ifr_name, name, IFNAMSIZ);
  ifr.ifr_data = data;
  return ioctl (fd, SIOCETHTOOL, &ifr) == 0;
}

static void
add_driver (GstStructure * properties, int fd, const gchar * name)
{
  struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO };
  struct ethtool_cmd settings = {.cmd = ETHTOOL_GSET };
  gint clock;

  if (ask_driver (fd, name, &driver))
    gst_structure_set (properties, "driver", G_TYPE_STRING, driver.driver, NULL);
  if (ask_driver (fd, name, &settings)
      && ethtool_cmd_speed (&settings) != (__u32) SPEED_UNKNOWN)
    gst_structure_set (properties,
        "speed", G_TYPE_UINT, ethtool_cmd_speed (&settings), NULL);
  gst_structure_set (properties, "hardware-timestamps", G_TYPE_BOOLEAN,
      gst_afring_timestamps_can (fd, name, &clock), NULL);
  if (clock >= 0) {
    g_autofree gchar *path = g_strdup_printf ("/dev/ptp%d", clock);

    gst_structure_set (properties, "clock", G_TYPE_STRING, path, NULL);
  }
}

static void
add_hardware_address (GstStructure * properties, const GstLinkState * state)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < state->address_length; i++)
    g_string_append_printf (text, "%s%02x", i > 0 ? ":" : "",
        state->address[i]);
  if (text->len > 0)
    gst_structure_set (properties, "hardware-address", G_TYPE_STRING, text->str,
        NULL);
  g_string_free (text, TRUE);
}

static gchar *
format_address (const struct sockaddr *address)
{
  g_autoptr (GSocketAddress) socket_address = NULL;

  if (address == NULL
      || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
    return NULL;
  socket_address = g_socket_address_new_from_native ((gpointer) address,
      address->sa_family == AF_INET ? sizeof (struct sockaddr_in) :
      sizeof (struct sockaddr_in6));
  return g_inet_address_to_string (g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (socket_address)));
}

static void
add_addresses (GstStructure * properties, const gchar * name)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) < 0)
    return;
  for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
    gchar *text = strcmp (i->ifa_name, name) == 0 ?
        format_address (i->ifa_addr) : NULL;

    if (text != NULL)
      g_ptr_array_add (words, text);
  }
  freeifaddrs (all);
  g_ptr_array_add (words, NULL);
  if (words->len > 1) {
    g_autofree gchar *text = g_strjoinv (",", (gchar **) words->pdata);

    gst_structure_set (properties, "addresses", G_TYPE_STRING, text, NULL);
  }
}

static GstStructure *
describe (const GstLinkState * state, guint link_type)
{
  GstStructure *properties = gst_structure_new ("application/x-afring-device",
      "interface", G_TYPE_STRING, state->name,
      "index", G_TYPE_UINT, state->index,
      "mtu", G_TYPE_UINT, state->mtu,
      "up", G_TYPE_BOOLEAN, (state->flags & IFF_UP) != 0,
      "carrier", G_TYPE_BOOLEAN, (state->flags & IFF_UP) != 0
      && (state->flags & IFF_RUNNING) != 0,
      "loopback", G_TYPE_BOOLEAN, (state->flags & IFF_LOOPBACK) != 0,
      "link-type", G_TYPE_UINT, link_type, NULL);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (state->kind[0] != '\0')
    gst_structure_set (properties, "kind", G_TYPE_STRING, state->kind, NULL);
  add_hardware_address (properties, state);
  add_addresses (properties, state->name);
  if (fd >= 0) {
    add_driver (properties, fd, state->name);
    close (fd);
  }
  return properties;
}

static gchar *
make_display_name (const GstLinkState * state)
{
  return g_strdup_printf ("%s (%s%s)", state->name,
      state->kind[0] != '\0' ? state->kind :
      state->flags & IFF_LOOPBACK ? "loopback" : "network interface",
      state->flags & IFF_UP ? "" : ", down");
}

GstDevice *
gst_afring_device_new (const GstLinkState * state)
{
  g_autoptr (GstCaptureLink) link = gst_capture_link_new_of_state (NULL, state);
  guint link_type = gst_capture_link_get_link_type (link);
  g_autoptr (GstCaps) caps = stream_caps_new_packets (link_type);
  g_autoptr (GstStructure) properties = describe (state, link_type);
  g_autofree gchar *name = make_display_name (state);
  GstAfringDevice *self = g_object_new (GST_TYPE_AFRING_DEVICE,
      "device-class", "Network/Source", "display-name", name, "caps", caps,
      "properties", properties, NULL);

  self->state = *state;
  return GST_DEVICE (self);
}

const GstLinkState *
gst_afring_device_get_state (GstAfringDevice * self)
{
  return &self->state;
}
