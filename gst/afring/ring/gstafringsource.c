/* gst-afring: packets from an AF_PACKET ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstafringsource
 * @title: GstAfringSource
 * @short_description: packets from an AF_PACKET ring
 *
 * A #GstCaptureSource and #GstCaptureSourceZeroCopy over the kernel's TPACKET_V3
 * ring (packet(7), linux/if_packet.h). The kernel copies a packet once, into
 * memory that it shares with this process; a zero-copy view is that memory.
 *
 * Opening needs CAP_NET_RAW in the user namespace that owns the network
 * namespace.
 */

#include "gstafringsource.h"
#include "gstafringeviction.h"
#include "gstafringkernel.h"
#include "gstafringreader.h"
#include "gstafringsource-parts.h"

#include <gst/afring/capture/gstcaptureerror.h>

static void capture_source_init (GstCaptureSourceInterface * iface);

G_DEFINE_TYPE_WITH_CODE (GstAfringSource, gst_afring_source, G_TYPE_OBJECT,
    G_ADD_PRIVATE (GstAfringSource)
    G_IMPLEMENT_INTERFACE (GST_TYPE_CAPTURE_SOURCE, capture_source_init)
    G_IMPLEMENT_INTERFACE (GST_TYPE_CAPTURE_SOURCE_ZERO_COPY,
        gst_afring_reader_init_zero_copy))

#define PRIVATE(self) \
    ((GstAfringSourcePrivate *) gst_afring_source_get_instance_private (self))

#define FIRST_CONFIG_PROPERTY 1
#define FIRST_FANOUT_PROPERTY (FIRST_CONFIG_PROPERTY + GST_AFRING_CONFIG_N)
#define FIRST_ACCESS_PROPERTY (FIRST_FANOUT_PROPERTY + GST_AFRING_FANOUT_N)

enum
{
  PROP_GRANTED_BLOCK_SIZE = FIRST_ACCESS_PROPERTY + GST_AFRING_ACCESS_N,
  PROP_GRANTED_BLOCK_COUNT,
  PROP_FILTER_IN_KERNEL,
};

GstAfringSourcePrivate *
gst_afring_source_get_parts (GstAfringSource * self)
{
  return PRIVATE (self);
}

static void
gst_afring_source_finalize (GObject * object)
{
  GstAfringSource *self = GST_AFRING_SOURCE (object);
  GstAfringSourcePrivate *priv = PRIVATE (self);
  gboolean dead = FALSE;

  if (priv->ring != NULL) {
    gst_capture_source_close (GST_CAPTURE_SOURCE (self), NULL);
    gst_afring_ring_set_forked_func (priv->ring, NULL, NULL);
    dead = gst_afring_ring_is_dead (priv->ring);
  }
  gst_afring_reader_clear (&priv->reader);
  g_clear_pointer (&priv->ring, gst_afring_ring_unref);
  g_clear_pointer (&priv->filter, gst_capture_filter_unref);
  g_clear_pointer (&priv->groups, gst_afring_multicast_leave);
  g_clear_object (&priv->link);
  gst_afring_config_clear (&priv->config);
  gst_afring_access_clear (&priv->access);
  /* in a forked child a thread that is not there may have it */
  if (!dead)
    g_mutex_clear (&priv->lock);

  G_OBJECT_CLASS (gst_afring_source_parent_class)->finalize (object);
}

static void
gst_afring_source_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstAfringSource *self = GST_AFRING_SOURCE (object);
  GstAfringSourcePrivate *priv = PRIVATE (self);
  GError *error = NULL;

  if (id >= PROP_GRANTED_BLOCK_SIZE) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  } else if (priv->ring == NULL && id >= FIRST_ACCESS_PROPERTY) {
    gst_afring_access_set_property (&priv->access, id - FIRST_ACCESS_PROPERTY,
        value);
  } else if (priv->ring == NULL && id >= FIRST_FANOUT_PROPERTY) {
    gst_afring_fanout_set_property (&priv->fanout, id - FIRST_FANOUT_PROPERTY,
        value);
  } else if (priv->ring == NULL) {
    gst_afring_config_set_property (&priv->config, id - FIRST_CONFIG_PROPERTY,
        value);
  } else if (id - FIRST_CONFIG_PROPERTY != GST_AFRING_CONFIG_FILTER) {
    g_warning ("%s of an open source cannot be changed", pspec->name);
  } else if (!gst_afring_source_set_filter (self, g_value_get_string (value),
          &error)) {
    g_warning ("%s", error->message);
    g_clear_error (&error);
  }
}

static void
gst_afring_source_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringSourcePrivate *priv = PRIVATE (GST_AFRING_SOURCE (object));

  switch (id) {
    case PROP_GRANTED_BLOCK_SIZE:
      g_value_set_uint (value, priv->ring == NULL ? 0 :
          gst_afring_ring_get_block_size (priv->ring));
      return;
    case PROP_GRANTED_BLOCK_COUNT:
      g_value_set_uint (value, priv->ring == NULL ? 0 :
          gst_afring_ring_get_block_count (priv->ring));
      return;
    case PROP_FILTER_IN_KERNEL:
      g_value_set_boolean (value, gst_afring_source_is_filter_in_kernel
          (GST_AFRING_SOURCE (object)));
      return;
  }
  if (id > PROP_FILTER_IN_KERNEL) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  g_mutex_lock (&priv->lock);
  if (id >= FIRST_ACCESS_PROPERTY)
    gst_afring_access_get_property (&priv->access, id - FIRST_ACCESS_PROPERTY,
        value);
  else if (id >= FIRST_FANOUT_PROPERTY)
    gst_afring_fanout_get_property (&priv->fanout, id - FIRST_FANOUT_PROPERTY,
        value);
  else
    gst_afring_config_get_property (&priv->config, id - FIRST_CONFIG_PROPERTY,
        value);
  g_mutex_unlock (&priv->lock);
}

static void
install_properties (GObjectClass * object_class)
{
  /**
   * GstAfringSource:granted-block-size:
   *
   * Bytes of a block of the ring as it is; 0 before it is open.
   */
  g_object_class_install_property (object_class, PROP_GRANTED_BLOCK_SIZE,
      g_param_spec_uint ("granted-block-size", "Granted block size",
          "Bytes of a block of the ring as it is; 0 before it is open", 0,
          G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  /**
   * GstAfringSource:granted-block-count:
   *
   * Blocks of the ring as it is: fewer than asked for by default, if the kernel had no
   * memory for them; 0 before it is open.
   */
  g_object_class_install_property (object_class, PROP_GRANTED_BLOCK_COUNT,
      g_param_spec_uint ("granted-block-count", "Granted block count",
          "Blocks of the ring as it is: fewer than asked for by default, if the "
          "kernel had no memory for them; 0 before it is open", 0, G_MAXUINT, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  /**
   * GstAfringSource:filter-in-kernel:
   *
   * FALSE if the kernel does not run the filter, so that all packets go through the ring
   * and are matched in user space.
   */
  g_object_class_install_property (object_class, PROP_FILTER_IN_KERNEL,
      g_param_spec_boolean ("filter-in-kernel", "Filter in kernel",
          "FALSE if the kernel does not run the filter, so that all packets go "
          "through the ring and are matched in user space", TRUE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_afring_source_class_init (GstAfringSourceClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = gst_afring_source_finalize;
  object_class->set_property = gst_afring_source_set_property;
  object_class->get_property = gst_afring_source_get_property;
  klass->backend = &gst_afring_kernel_backend;
  gst_afring_reader_offset = GstAfringSource_private_offset
      + G_STRUCT_OFFSET (GstAfringSourcePrivate, reader);

  gst_afring_config_install_properties (object_class, FIRST_CONFIG_PROPERTY,
      GST_AFRING_DEFAULT_SNAPLEN);
  gst_afring_fanout_install_properties (object_class, FIRST_FANOUT_PROPERTY);
  gst_afring_access_install_properties (object_class, FIRST_ACCESS_PROPERTY);
  install_properties (object_class);
}

static void
gst_afring_source_init (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  g_mutex_init (&priv->lock);
  priv->reader.timeout = -1;
  gst_afring_config_init (&priv->config, GST_AFRING_DEFAULT_SNAPLEN);
  gst_afring_access_init (&priv->access);
  priv->fanout.group = GST_AFRING_FANOUT_NO_GROUP;
}

void
gst_afring_source_set_config (GstAfringSource * self,
    const GstAfringConfig * config)
{
  g_return_if_fail (PRIVATE (self)->ring == NULL);

  gst_afring_config_copy (&PRIVATE (self)->config, config);
}

const GstAfringConfig *
gst_afring_source_get_config (GstAfringSource * self)
{
  return &PRIVATE (self)->config;
}

void
gst_afring_source_set_fanout (GstAfringSource * self,
    const GstAfringFanout * fanout)
{
  g_return_if_fail (PRIVATE (self)->ring == NULL);

  PRIVATE (self)->fanout = *fanout;
}

void
gst_afring_source_set_access (GstAfringSource * self,
    const GstAfringAccess * access)
{
  g_return_if_fail (PRIVATE (self)->ring == NULL);

  gst_afring_access_copy (&PRIVATE (self)->access, access);
}

static gboolean
set_stopped (GError ** error)
{
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED,
      "The capture source is closed");
  return FALSE;
}

gboolean
gst_afring_source_check_running (GstAfringSource * self, GError ** error)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  if (priv->ring == NULL || g_atomic_int_get (&priv->reader.closed))
    return set_stopped (error);
  return TRUE;
}

/* There is nothing to read any more, nor a view that could be looked at. */
static void
forked (gpointer self)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  g_atomic_int_set (&priv->reader.closed, TRUE);
  priv->reader.walk.left = 0;
}

gboolean
gst_afring_source_open_ring (GstAfringSource * self, GstCaptureFilter * filter,
    GError ** error)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  priv->ring = GST_AFRING_SOURCE_BACKEND (self)->open (self, &priv->config,
      priv->link, filter, error);
  if (priv->ring == NULL)
    return FALSE;
  gst_afring_ring_set_forked_func (priv->ring, forked, self);
  return TRUE;
}

/**
 * gst_afring_source_open:
 * @self: a #GstAfringSource made with g_object_new()
 * @link: (nullable): the link to capture on; %NULL: the one that the property
 *   `interface` names
 * @error: return location for a #GError
 *
 * Opens the ring, in the network namespace of the property `netns`, or else that of the
 * calling thread.
 * gst_afring_source_new() does this; language bindings, which make objects by
 * their properties, have to call it.
 *
 * Returns: %FALSE with an error of %GST_CAPTURE_ERROR
 */
gboolean
gst_afring_source_open (GstAfringSource * self, GstCaptureLink * link,
    GError ** error)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  g_return_val_if_fail (priv->ring == NULL, FALSE);

  g_clear_object (&priv->link);
  if (link != NULL)
    priv->link = g_object_ref (link);
  else
    priv->link = gst_afring_access_find_link (&priv->access,
        priv->config.interface, error);
  if (priv->link == NULL || (link != NULL
          && !gst_afring_access_check_link (&priv->access, link, error)))
    return FALSE;

  priv->reader.link_type = gst_capture_link_get_link_type (priv->link);
  priv->snaplen = gst_afring_config_get_snaplen (&priv->config,
      priv->reader.link_type, &priv->tag_allowance);
  return gst_afring_source_open_filtered (self, error);
}

static GstAfringSource *
new_valist (GstCaptureLink * link, const gchar * interface, GError ** error,
    const gchar * first_property, va_list args)
{
  GstAfringSource *self =
      GST_AFRING_SOURCE (g_object_new_valist (GST_TYPE_AFRING_SOURCE,
          first_property, args));

  if (interface != NULL)
    g_object_set (self, "interface", interface, NULL);
  if (!gst_afring_source_open (self, link, error))
    g_clear_object (&self);
  return self;
}

/**
 * gst_afring_source_new: (skip)
 * @interface: (nullable): name of an interface, see gst_capture_link_new()
 * @error: return location for a #GError
 * @first_property: (nullable): name of a property to set before opening
 * @...: its value, then more names and values, then %NULL
 *
 * Opens a ring on an interface of the calling thread's network namespace.
 * Packets are captured from now on.
 *
 * Returns: (transfer full) (nullable): the source, or %NULL with an error of
 *   %GST_CAPTURE_ERROR
 */
GstAfringSource *
gst_afring_source_new (const gchar * interface, GError ** error,
    const gchar * first_property, ...)
{
  GstAfringSource *self;
  va_list args;

  va_start (args, first_property);
  self = new_valist (NULL, interface, error, first_property, args);
  va_end (args);
  return self;
}

/**
 * gst_afring_source_new_simple: (constructor) (rename-to gst_afring_source_new)
 * @interface: (nullable): name of an interface, see gst_capture_link_new()
 * @filter: (nullable): an expression, see pcap-filter(7); %NULL lets all pass
 * @error: return location for a #GError
 *
 * As gst_afring_source_new(), for language bindings, where it has that name: opens a
 * ring with the default geometry. Others are made by their properties and opened with
 * gst_afring_source_open().
 *
 * Returns: (transfer full): the source, or %NULL with an error of %GST_CAPTURE_ERROR
 */
GstAfringSource *
gst_afring_source_new_simple (const gchar * interface, const gchar * filter,
    GError ** error)
{
  return gst_afring_source_new (interface, error, "filter", filter, NULL);
}

/**
 * gst_afring_source_new_from_link: (skip)
 * @link: the link to capture on
 * @error: return location for a #GError
 * @first_property: (nullable): name of a property to set before opening
 * @...: its value, then more names and values, then %NULL
 *
 * As gst_afring_source_new(), for an interface that was looked up before.
 *
 * Returns: (transfer full) (nullable): the source, or %NULL with an error of
 *   %GST_CAPTURE_ERROR
 */
GstAfringSource *
gst_afring_source_new_from_link (GstCaptureLink * link, GError ** error,
    const gchar * first_property, ...)
{
  GstAfringSource *self;
  va_list args;

  g_return_val_if_fail (GST_IS_CAPTURE_LINK (link), NULL);

  va_start (args, first_property);
  self = new_valist (link, NULL, error, first_property, args);
  va_end (args);
  return self;
}

GstAfringRing *
gst_afring_source_get_ring (GstAfringSource * self)
{
  return PRIVATE (self)->ring;
}

gboolean
gst_afring_source_waits_for_room (GstAfringSource * self)
{
  return GST_AFRING_SOURCE_BACKEND (self)->waits_for_room;
}

guint32
gst_afring_source_get_snaplen (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  g_return_val_if_fail (priv->ring != NULL, 0);

  return (guint32) MIN ((guint64) priv->snaplen + priv->tag_allowance,
      gst_afring_ring_get_block_size (priv->ring));
}

/* Called with the lock. The kernel's counters are 32 bits wide and are cleared
 * when read, so nobody else may read them. */
static void
update_totals (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);
  guint32 received, dropped, freezes;

  if (!GST_AFRING_SOURCE_BACKEND (self)->read_counters (self, priv->ring,
          &received, &dropped, &freezes))
    return;
  priv->totals.packets_received += received;
  priv->totals.packets_dropped += dropped;
  priv->totals.queue_freezes += freezes;
}

gboolean
gst_afring_source_is_shared (GstAfringSource * self)
{
  return PRIVATE (self)->fanout.group != GST_AFRING_FANOUT_NO_GROUP;
}

gboolean
gst_afring_source_leave (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);
  gboolean left;

  gst_afring_source_halt (self);
  g_mutex_lock (&priv->lock);
  update_totals (self);
  left = gst_afring_ring_detach (priv->ring);
  g_mutex_unlock (&priv->lock);
  return left;
}

void
gst_afring_source_get_totals (GstAfringSource * self, GstAfringTotals * totals)
{
  GstAfringSourcePrivate *priv = PRIVATE (self);

  if (gst_afring_ring_is_dead (priv->ring)) {
    /* the counters are the parent's, and the lock perhaps a thread's of it */
    *totals = priv->totals;
    return;
  }
  g_mutex_lock (&priv->lock);
  update_totals (self);
  *totals = priv->totals;
  g_mutex_unlock (&priv->lock);
}

static gsize
gst_afring_source_get_packet_length (GstCaptureSource * source)
{
  return gst_afring_source_get_snaplen (GST_AFRING_SOURCE (source));
}

static gboolean
gst_afring_source_get_stats (GstCaptureSource * source, GstCaptureStats * stats,
    GError ** error)
{
  GstAfringSource *self = GST_AFRING_SOURCE (source);
  GstAfringSourcePrivate *priv = PRIVATE (self);

  if (!gst_afring_source_check_running (self, error))
    return FALSE;

  g_mutex_lock (&priv->lock);
  update_totals (self);
  stats->packets_received =
      priv->totals.packets_received - priv->reported.packets_received;
  stats->packets_dropped =
      priv->totals.packets_dropped - priv->reported.packets_dropped;
  stats->queue_freezes =
      priv->totals.queue_freezes - priv->reported.queue_freezes;
  priv->reported = priv->totals;
  g_mutex_unlock (&priv->lock);
  return TRUE;
}

static void
gst_afring_source_get_capture_totals (GstCaptureSource * source,
    GstCaptureTotals * totals)
{
  GstAfringSource *self = GST_AFRING_SOURCE (source);
  GstAfringTotals all;

  if (PRIVATE (self)->ring == NULL)
    return;
  gst_afring_source_get_totals (self, &all);
  totals->packets_received = all.packets_received;
  totals->packets_dropped = all.packets_dropped;
  totals->queue_freezes = all.queue_freezes;
}

static GstCaptureLink *
gst_afring_source_get_link (GstCaptureSource * source)
{
  return PRIVATE (GST_AFRING_SOURCE (source))->link;
}

static gboolean
gst_afring_source_unblock (GstCaptureSource * source, GError ** error)
{
  GstAfringSource *self = GST_AFRING_SOURCE (source);
  GstAfringSourcePrivate *priv = PRIVATE (self);

  if (!gst_afring_source_check_running (self, error))
    return FALSE;
  g_atomic_int_set (&priv->unblocked, TRUE);
  gst_afring_ring_wake (priv->ring);
  gst_afring_ring_set_signal (priv->ring);
  return TRUE;
}

static gboolean
gst_afring_source_close (GstCaptureSource * source, GError ** error)
{
  GstAfringSource *self = GST_AFRING_SOURCE (source);
  GstAfringSourcePrivate *priv = PRIVATE (self);

  if (priv->ring == NULL
      || !g_atomic_int_compare_and_exchange (&priv->reader.closed, FALSE, TRUE))
    return set_stopped (error);

  /* at once, also where somebody is still at the ring */
  gst_afring_source_halt (self);
  g_atomic_int_inc (&priv->visitors);
  gst_afring_ring_wake (priv->ring);
  gst_afring_ring_set_signal (priv->ring);
  gst_afring_source_end_visit (self);
  return TRUE;
}

static void
capture_source_init (GstCaptureSourceInterface * iface)
{
  gst_afring_reader_init_source (iface);
  iface->get_snaplen = gst_afring_source_get_packet_length;
  iface->get_stats = gst_afring_source_get_stats;
  iface->get_link = gst_afring_source_get_link;
  iface->unblock = gst_afring_source_unblock;
  iface->close = gst_afring_source_close;
  iface->get_totals = gst_afring_source_get_capture_totals;
}
