/* Interfaces as devices.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>

static GstDeviceProvider *
start_provider (void)
{
  GstDeviceProvider *provider =
      gst_device_provider_factory_get_by_name ("afringdeviceprovider");

  fail_unless (provider != NULL);
  fail_unless (gst_device_provider_start (provider));
  return provider;
}

static gboolean
is_of (GstDevice * device, const gchar * interface)
{
  g_autoptr (GstStructure) properties = gst_device_get_properties (device);

  return g_strcmp0 (gst_structure_get_string (properties, "interface"),
      interface) == 0;
}

/* Transfer full; NULL if it is not there. */
static GstDevice *
find (GstDeviceProvider * provider, const gchar * interface)
{
  GList *devices = gst_device_provider_get_devices (provider);
  GstDevice *found = NULL;

  for (GList * i = devices; i != NULL; i = i->next) {
    if (is_of (i->data, interface)) {
      fail_unless (found == NULL, "%s twice", interface);
      found = gst_object_ref (i->data);
    }
  }
  g_list_free_full (devices, gst_object_unref);
  return found;
}

/* Who asks a bus for one of these types gets all of them. */
static GstDevice *
parse (GstMessage * message, GstMessageType type)
{
  GstDevice *device = NULL;

  if (GST_MESSAGE_TYPE (message) != type)
    return NULL;
  if (type == GST_MESSAGE_DEVICE_ADDED)
    gst_message_parse_device_added (message, &device);
  else if (type == GST_MESSAGE_DEVICE_REMOVED)
    gst_message_parse_device_removed (message, &device);
  else
    gst_message_parse_device_changed (message, &device, NULL);
  return device;
}

/* The next message of that type about an interface, and its device; transfer full. */
static GstDevice *
expect (GstDeviceProvider * provider, GstMessageType type,
    const gchar * interface)
{
  g_autoptr (GstBus) bus = gst_device_provider_get_bus (provider);
  GstDevice *device = NULL;

  while (device == NULL) {
    GstMessage *message =
        gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND, type);

    fail_unless (message != NULL, "no %s of %s",
        gst_message_type_get_name (type), interface);
    device = parse (message, type);
    gst_message_unref (message);
    if (device != NULL && !is_of (device, interface))
      g_clear_object (&device);
  }
  return device;
}

static gboolean
is_up (GstDevice * device)
{
  g_autoptr (GstStructure) properties = gst_device_get_properties (device);
  gboolean up;

  fail_unless (gst_structure_get_boolean (properties, "up", &up));
  return up;
}

/* Some change of vb makes it so. */
static void
expect_up (GstDeviceProvider * provider, gboolean up)
{
  gboolean now;

  do {
    GstDevice *device = expect (provider, GST_MESSAGE_DEVICE_CHANGED, "vb");

    now = is_up (device);
    gst_object_unref (device);
  } while (now != up);
}

GST_START_TEST (test_list)
{
  GstDeviceProvider *provider;
  GstDevice *device;
  GstStructure *properties;
  g_autoptr (GstCaps) caps = NULL;
  guint mtu, index, link_type;
  gint caps_type;
  gboolean carrier, stamps;

  net_add_veth ("va", "vb");
  net_run ("ip link set vb mtu 1400 address 02:00:00:00:00:02");
  net_run ("ip address add 10.9.0.2/24 dev vb");
  provider = start_provider ();
  device = find (provider, "vb");
  fail_unless (device != NULL);
  fail_unless (gst_device_has_classes (device, "Network/Source"));
  fail_unless (gst_device_has_classes (device, "Source/Network"));
  properties = gst_device_get_properties (device);
  fail_unless (gst_structure_get (properties, "mtu", G_TYPE_UINT, &mtu,
          "index", G_TYPE_UINT, &index, "link-type", G_TYPE_UINT, &link_type,
          "carrier", G_TYPE_BOOLEAN, &carrier,
          "hardware-timestamps", G_TYPE_BOOLEAN, &stamps, NULL));
  fail_unless_equals_int (mtu, 1400);
  fail_unless_equals_int (link_type, 1);
  fail_unless (carrier && is_up (device) && !stamps && index > 1);
  assert_equals_string (gst_structure_get_string (properties, "kind"), "veth");
  assert_equals_string (gst_structure_get_string (properties, "driver"), "veth");
  assert_equals_string (gst_structure_get_string (properties,
          "hardware-address"), "02:00:00:00:00:02");
  assert_equals_string (gst_structure_get_string (properties, "addresses"),
      "10.9.0.2");
  fail_unless (gst_structure_has_field (properties, "speed"));
  gst_structure_free (properties);
  caps = gst_device_get_caps (device);
  fail_unless (gst_structure_get_int (gst_caps_get_structure (caps, 0),
          "link-type", &caps_type));
  fail_unless_equals_int (caps_type, 1);
  gst_object_unref (device);
  device = find (provider, "lo");
  fail_unless (device != NULL);
  gst_object_unref (device);
  gst_device_provider_stop (provider);
  gst_object_unref (provider);
  net_remove ("va");
}
GST_END_TEST

GST_START_TEST (test_changes)
{
  GstDeviceProvider *provider = start_provider ();

  fail_unless (find (provider, "vb") == NULL);
  net_add_veth ("va", "vb");
  gst_object_unref (expect (provider, GST_MESSAGE_DEVICE_ADDED, "vb"));
  expect_up (provider, TRUE);
  net_run ("ip link set vb down");
  expect_up (provider, FALSE);
  net_run ("ip link set vb name vc");
  gst_object_unref (expect (provider, GST_MESSAGE_DEVICE_CHANGED, "vc"));
  fail_unless (find (provider, "vb") == NULL);
  net_remove ("va");
  gst_object_unref (expect (provider, GST_MESSAGE_DEVICE_REMOVED, "vc"));
  fail_unless (find (provider, "vc") == NULL);
  gst_device_provider_stop (provider);
  gst_object_unref (provider);
}
GST_END_TEST

GST_START_TEST (test_create_element)
{
  GstDeviceProvider *provider;
  GstElement *element, *other = gst_element_factory_make ("fakesrc", NULL);
  g_autofree gchar *interface = NULL;
  GstDevice *device;

  net_add_veth ("va", "vb");
  provider = start_provider ();
  device = find (provider, "vb");
  element = gst_device_create_element (device, "capture");
  g_object_get (element, "interface", &interface, NULL);
  assert_equals_string (interface, "vb");
  assert_equals_string (GST_OBJECT_NAME (element), "capture");
  g_object_set (element, "interface", "lo", NULL);
  fail_unless (gst_device_reconfigure_element (device, element));
  g_free (interface);
  g_object_get (element, "interface", &interface, NULL);
  assert_equals_string (interface, "vb");
  fail_if (gst_device_reconfigure_element (device, other));
  gst_object_unref (gst_object_ref_sink (element));
  gst_object_unref (gst_object_ref_sink (other));
  gst_object_unref (device);
  gst_device_provider_stop (provider);
  gst_object_unref (provider);
  net_remove ("va");
}
GST_END_TEST

static Suite *
devices_suite (void)
{
  Suite *suite = suite_create ("devices");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_list);
  tcase_add_test (tc, test_changes);
  tcase_add_test (tc, test_create_element);
  return suite;
}

GST_CHECK_MAIN (devices)
