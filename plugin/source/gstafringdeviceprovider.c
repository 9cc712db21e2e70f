/* gst-afring: the interfaces of this machine as devices
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:provider-afringdeviceprovider
 * @title: afringdeviceprovider
 * @short_description: the interfaces of this machine as devices
 *
 * Lists the network interfaces of the network namespace of the thread that starts it, and
 * follows them by rtnetlink(7): those that come, go, are renamed, come up or go down.
 * gst_device_create_element() gives an `afringsrc` set to the interface. The list needs no
 * privilege.
 *
 * ## Example launch line
 * |[
 * gst-device-monitor-1.0 -f Network/Source
 * ]|
 */

#include "config.h"

#include "gstafringdeviceprovider.h"
#include "gstafringdevice.h"

#include <errno.h>
#include <gst/afring/capture/gstlinkmonitor.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_device_provider_debug);
#define GST_CAT_DEFAULT gst_afring_device_provider_debug

struct _GstAfringDeviceProvider
{
  GstDeviceProvider parent;

  /* Fixed while it is started. */
  GstLinkMonitor *monitor;
  int wake_fd;
  GThread *thread;

  GHashTable *devices;          /* of the thread: index to GstAfringDevice, borrowed */
};

G_DEFINE_TYPE (GstAfringDeviceProvider, gst_afring_device_provider,
    GST_TYPE_DEVICE_PROVIDER)

GST_DEVICE_PROVIDER_REGISTER_DEFINE (afringdeviceprovider, "afringdeviceprovider",
    GST_RANK_PRIMARY, GST_TYPE_AFRING_DEVICE_PROVIDER)

static GList *
gst_afring_device_provider_probe (GstDeviceProvider * provider)
{
  g_autoptr (GArray) states = gst_link_state_list (NULL);
  GList *devices = NULL;

  if (states == NULL)
    GST_WARNING_OBJECT (provider, "cannot list interfaces: %s",
        g_strerror (errno));
  for (guint i = states != NULL ? states->len : 0; i > 0; i--)
    devices = g_list_prepend (devices, gst_object_ref_sink
        (gst_afring_device_new (&g_array_index (states, GstLinkState, i - 1))));
  return devices;
}

/* Counters change all the time. */
static gboolean
is_same (const GstLinkState * a, const GstLinkState * b)
{
  return strcmp (a->name, b->name) == 0 && strcmp (a->kind, b->kind) == 0
      && a->flags == b->flags && a->mtu == b->mtu
      && a->hardware_type == b->hardware_type
      && a->address_length == b->address_length
      && memcmp (a->address, b->address, a->address_length) == 0;
}

static void
remove_device (GstAfringDeviceProvider * self, guint index)
{
  GstDevice *device =
      g_hash_table_lookup (self->devices, GUINT_TO_POINTER (index));

  if (device == NULL)
    return;
  g_hash_table_remove (self->devices, GUINT_TO_POINTER (index));
  gst_device_provider_device_remove (GST_DEVICE_PROVIDER (self), device);
}

static void
put_device (GstAfringDeviceProvider * self, const GstLinkState * state)
{
  GstDeviceProvider *provider = GST_DEVICE_PROVIDER (self);
  GstDevice *device = g_hash_table_lookup (self->devices,
      GUINT_TO_POINTER (state->index)), *changed;

  if (device != NULL
      && is_same (gst_afring_device_get_state (GST_AFRING_DEVICE (device)),
          state))
    return;
  changed = gst_afring_device_new (state);
  g_hash_table_insert (self->devices, GUINT_TO_POINTER (state->index), changed);
  if (device == NULL)
    gst_device_provider_device_add (provider, changed);
  else
    gst_device_provider_device_changed (provider, changed, device);
}

/* What is there now, and nothing else. */
static void
look_again (GstAfringDeviceProvider * self)
{
  g_autoptr (GArray) states = gst_link_state_list (NULL);
  g_autoptr (GHashTable) there = g_hash_table_new (NULL, NULL);
  g_autoptr (GList) known = g_hash_table_get_keys (self->devices);

  if (states == NULL)
    return;
  for (guint i = 0; i < states->len; i++)
    g_hash_table_add (there, GUINT_TO_POINTER (g_array_index (states,
                GstLinkState, i).index));
  for (GList * i = known; i != NULL; i = i->next)
    if (!g_hash_table_contains (there, i->data))
      remove_device (self, GPOINTER_TO_UINT (i->data));
  for (guint i = 0; i < states->len; i++)
    put_device (self, &g_array_index (states, GstLinkState, i));
}

static void
read_changes (GstAfringDeviceProvider * self)
{
  GstLinkMonitorEvent event;
  GstLinkState state;

  while ((event = gst_link_monitor_read (self->monitor, &state)) !=
      GST_LINK_MONITOR_NOTHING) {
    if (event == GST_LINK_MONITOR_GONE)
      remove_device (self, state.index);
    else if (event == GST_LINK_MONITOR_CHANGED)
      put_device (self, &state);
    else
      look_again (self);
  }
}

static gpointer
run (gpointer data)
{
  GstAfringDeviceProvider *self = data;
  struct pollfd fds[] = {
    {.fd = self->wake_fd,.events = POLLIN},
    {.fd = gst_link_monitor_get_fd (self->monitor),.events = POLLIN},
  };

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0 || fds[0].revents == 0)
    read_changes (self);
  return NULL;
}

/* What is there at the start is there when this returns. */
static gboolean
gst_afring_device_provider_start (GstDeviceProvider * provider)
{
  GstAfringDeviceProvider *self = GST_AFRING_DEVICE_PROVIDER (provider);

  self->monitor = gst_link_monitor_new (NULL, 0);
  if (self->monitor == NULL) {
    GST_WARNING_OBJECT (self, "cannot follow interfaces: %s",
        g_strerror (errno));
    return FALSE;
  }
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  look_again (self);
  self->thread = g_thread_try_new ("afring-devices", run, self, NULL);
  if (self->thread != NULL)
    return TRUE;
  GST_WARNING_OBJECT (self, "cannot follow interfaces: no thread can be had");
  close (self->wake_fd);
  g_clear_pointer (&self->monitor, gst_link_monitor_free);
  return FALSE;
}

static void
gst_afring_device_provider_stop (GstDeviceProvider * provider)
{
  GstAfringDeviceProvider *self = GST_AFRING_DEVICE_PROVIDER (provider);
  guint64 one = 1;

  if (write (self->wake_fd, &one, sizeof (one)) < 0)
    GST_ERROR_OBJECT (self, "cannot end: %s", g_strerror (errno));
  g_thread_join (g_steal_pointer (&self->thread));
  g_clear_pointer (&self->monitor, gst_link_monitor_free);
  close (self->wake_fd);
  g_hash_table_remove_all (self->devices);
}

static void
gst_afring_device_provider_finalize (GObject * object)
{
  g_hash_table_unref (GST_AFRING_DEVICE_PROVIDER (object)->devices);
  G_OBJECT_CLASS (gst_afring_device_provider_parent_class)->finalize (object);
}

static void
gst_afring_device_provider_class_init (GstAfringDeviceProviderClass * klass)
{
  GstDeviceProviderClass *provider_class = GST_DEVICE_PROVIDER_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_afring_device_provider_debug,
      "afringdeviceprovider", 0, "Network interfaces");
  G_OBJECT_CLASS (klass)->finalize = gst_afring_device_provider_finalize;
  provider_class->probe = gst_afring_device_provider_probe;
  provider_class->start = gst_afring_device_provider_start;
  provider_class->stop = gst_afring_device_provider_stop;
  gst_device_provider_class_set_static_metadata (provider_class,
      "Network interfaces", "Source/Network",
      "Lists and follows the network interfaces that afringsrc can capture on",
      GST_AFRING_AUTHORS);
}

static void
gst_afring_device_provider_init (GstAfringDeviceProvider * self)
{
  self->devices = g_hash_table_new (NULL, NULL);
}
