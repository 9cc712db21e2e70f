/* gst-afring: the ring source without a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstafringmocksource
 * @title: GstAfringMockSource
 * @short_description: the ring source without a network
 *
 * A #GstAfringSource whose ring is filled by this program instead of the kernel:
 * packets are added one by one, laid into blocks as the kernel lays them, and
 * read by the same code. It needs no privilege.
 *
 * Packets can be added before gst_afring_mock_source_run() and while it runs,
 * from any thread. Unlike the kernel, which drops what finds no room, adding
 * waits. After gst_afring_mock_source_done() what was added can still be read.
 *
 * #GstAfringMockSourceNoDrain hands the same full ring over again and again; it
 * is what benchmarks read from.
 */

#include "gstafringmocksource.h"
#include "gstafringmockkernel.h"
#include "gstafringmockpipe.h"
#include "gstafringmocksource-private.h"
#include "gstafringsource-private.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <gst/afring/packet/gstpacketbpf.h>

#define VLAN_TAG_LENGTH 4
#define DEFAULT_NAME "mock"

enum
{
  /* above those of the parent class */
  PROP_LINK_TYPE = GST_AFRING_CONFIG_N + 1
};

enum
{
  SIGNAL_READING_DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  GstAfringMockKernel *kernel;
  guint link_type;

  GMutex lock;                  /* what follows */
  GstCaptureFilter *filter;
  GstCapturePacketFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  GstAfringMockPipe *pipe;      /* the one at work, or NULL */
} GstAfringMockSourcePrivate;

G_DEFINE_TYPE_WITH_PRIVATE (GstAfringMockSource, gst_afring_mock_source,
    GST_TYPE_AFRING_SOURCE)

#define PRIVATE(self) ((GstAfringMockSourcePrivate *) \
    gst_afring_mock_source_get_instance_private (GST_AFRING_MOCK_SOURCE (self)))

/* NULL if the source is not open, or was in a parent of this process. */
static GstAfringMockKernel *
get_kernel (GstAfringMockSource * self)
{
  GstAfringMockKernel *kernel = PRIVATE (self)->kernel;

  return kernel != NULL && !gst_afring_mock_kernel_is_dead (kernel) ? kernel :
      NULL;
}

static GstAfringMockPipe *
get_pipe (GstAfringMockSource * self)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GstAfringMockPipe *pipe;

  g_mutex_lock (&priv->lock);
  pipe = priv->pipe != NULL ? gst_afring_mock_pipe_ref (priv->pipe) : NULL;
  g_mutex_unlock (&priv->lock);
  return pipe;
}

/* The mock kernel as the backend. */

static GstAfringAttached
mock_attach (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureFilter * filter)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (source);

  g_mutex_lock (&priv->lock);
  g_clear_pointer (&priv->filter, gst_capture_filter_unref);
  priv->filter = gst_capture_filter_ref (filter);
  g_mutex_unlock (&priv->lock);
  return GST_AFRING_ATTACHED;
}

static GstAfringRing *
mock_open (GstAfringSource * source, const GstAfringConfig * config,
    GstCaptureLink * link, GstCaptureFilter * filter, GError ** error)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (source);
  GstAfringRing *ring = NULL;
  GstAfringGeometry geometry;

  gst_afring_config_get_geometry (config, &geometry);
  if (!gst_afring_geometry_check (&geometry, error))
    return NULL;
  mock_attach (source, NULL, filter);
  priv->kernel = gst_afring_mock_kernel_new (&geometry,
      gst_capture_link_get_link_type (link) == GST_CAPTURE_LINK_TYPE_ETHERNET ?
      gst_capture_link_get_ip_offset (link) : 0, &ring, error);
  return ring;
}

static GstAfringAttached
mock_halt (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureLink * link)
{
  GstAfringMockPipe *pipe = get_pipe (GST_AFRING_MOCK_SOURCE (source));

  gst_afring_mock_kernel_finish (PRIVATE (source)->kernel);
  if (pipe != NULL) {
    gst_afring_mock_pipe_end (pipe);
    gst_afring_mock_pipe_unref (pipe);
  }
  return GST_AFRING_ATTACHED;
}

static gboolean
mock_read_counters (GstAfringSource * source, GstAfringRing * ring,
    guint32 * received, guint32 * dropped, guint32 * freezes)
{
  gst_afring_mock_kernel_read_counters (PRIVATE (source)->kernel, received,
      dropped, freezes);
  return TRUE;
}

static GError *
mock_take_error (GstAfringSource * source, GstAfringRing * ring,
    GstCaptureLink * link)
{
  return NULL;
}

static const GstAfringBackend mock_backend = {
  mock_open,
  mock_attach,
  mock_halt,
  mock_read_counters,
  mock_take_error,
  TRUE,
};

/* Adding packets. */

/* The packet as the kernel would show it to a filter. */
static void
show (GstAfringMockSource * self, const GstAfringMockPacket * packet,
    GstBpfPacket * view)
{
  guint link_type = PRIVATE (self)->link_type;

  gst_packet_bpf_init (view, link_type, packet->data, packet->captured_length,
      packet->wire_length);
  /* of which nobody knows the direction, it counts as received */
  view->packet_type = packet->type;
  view->interface = packet->interface_id;
  view->known |= GST_BPF_KNOWS_INTERFACE | GST_BPF_KNOWS_PACKET_TYPE;
  if (gst_afring_mock_kernel_takes_tag (PRIVATE (self)->kernel, packet,
          packet->captured_length))
    gst_packet_bpf_hide_tag (view, link_type);
}

/* What the kernel's program decides on a real socket. */
static gboolean
passes (GstAfringMockSource * self, const GstAfringMockPacket * packet)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GstBpfPacket view;
  gboolean pass;

  show (self, packet, &view);
  g_mutex_lock (&priv->lock);
  pass = gst_capture_filter_match_kernel (priv->filter, &view) ==
      GST_BPF_ACCEPT
      && gst_capture_filter_match_rest (priv->filter, &view) == GST_BPF_ACCEPT;
  g_mutex_unlock (&priv->lock);
  return pass;
}

static gboolean
tell_added (GstAfringMockSource * self, const GstAfringMockPacket * packet,
    GError ** error)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GstCapturePacketFunc func;
  gpointer user_data;

  g_mutex_lock (&priv->lock);
  func = priv->func;
  user_data = priv->user_data;
  g_mutex_unlock (&priv->lock);
  if (func == NULL)
    return TRUE;
  return func (packet->data, packet->captured_length, packet->wire_length,
      packet->type, gst_link_layer_get_network_offset (priv->link_type,
          packet->data, packet->captured_length), user_data, error);
}

gboolean
gst_afring_mock_source_store (GstAfringMockSource * self,
    const GstAfringMockPacket * packet, GError ** error)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GstAfringMockPacket cut = *packet;
  guint64 most = (guint64) gst_afring_source_get_snaplen (GST_AFRING_SOURCE
      (self)) + VLAN_TAG_LENGTH;

  if (!passes (self, packet))
    return TRUE;

  /* the walk cuts to the byte; more would be stored for nothing */
  cut.captured_length = MIN (packet->captured_length, most);
  if (gst_afring_mock_kernel_store_wait (priv->kernel, &cut) !=
      GST_AFRING_MOCK_STORED) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED,
        "No packets can be added to a mock source that is done or closed");
    return FALSE;
  }
  return tell_added (self, packet, error);
}

static gboolean
add_bytes (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer self, GError ** error)
{
  GstAfringMockPacket packet = {
    .data = payload,
    .captured_length = length,
    .wire_length = total_length,
    .type = type,
    .interface_id = gst_capture_link_get_index (gst_capture_source_get_link
        (self)),
    .time = g_get_real_time () * GST_USECOND,
  };

  return gst_afring_mock_source_store (self, &packet, error);
}

static gboolean
check_open (GstAfringMockSource * self, GError ** error)
{
  if (get_kernel (self) != NULL)
    return TRUE;
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED,
      "The mock source is not open");
  return FALSE;
}

/**
 * gst_afring_mock_source_add_packet:
 * @self: a #GstAfringMockSource
 * @packet: the packet, copied into the ring
 * @error: return location for a #GError
 *
 * Adds a packet as if it had come from the wire now, if it passes the filter.
 * Waits while the ring is full. The statistics count it from now on. Can be
 * called from any thread.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_STOPPED if no more can be added, or
 *   with the error of the function set with
 *   gst_afring_mock_source_set_packet_added_func()
 */
gboolean
gst_afring_mock_source_add_packet (GstAfringMockSource * self,
    const GstCapturePacket * packet, GError ** error)
{
  const guint8 *payload;
  gsize length;

  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);
  g_return_val_if_fail (packet != NULL, FALSE);

  if (!check_open (self, error))
    return FALSE;
  payload = gst_capture_packet_get_payload (packet, &length);
  return add_bytes (payload, length,
      gst_capture_packet_get_total_length (packet),
      gst_capture_packet_get_packet_type (packet),
      gst_capture_packet_get_ip_offset (packet), self, error);
}

/**
 * gst_afring_mock_source_add_packet_from_source:
 * @self: a #GstAfringMockSource
 * @source: where to take a packet from
 * @error: return location for a #GError
 *
 * Waits for the next packet of @source and adds it.
 *
 * Returns: %FALSE with the error of @source or of
 *   gst_afring_mock_source_add_packet()
 */
gboolean
gst_afring_mock_source_add_packet_from_source (GstAfringMockSource * self,
    GstCaptureSource * source, GError ** error)
{
  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (source), FALSE);

  if (!check_open (self, error))
    return FALSE;
  return gst_capture_source_next_packet_fn (source, add_bytes, self, error);
}

/**
 * gst_afring_mock_source_can_add_packets:
 * @self: a #GstAfringMockSource
 *
 * Whether one more packet has room in the ring just now.
 *
 * Returns: %TRUE if a packet of the full snaplen can be added without waiting
 */
gboolean
gst_afring_mock_source_can_add_packets (GstAfringMockSource * self)
{
  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);

  return get_kernel (self) != NULL
      && gst_afring_mock_kernel_has_room (get_kernel (self),
      gst_afring_source_get_snaplen (GST_AFRING_SOURCE (self)));
}

/**
 * gst_afring_mock_source_finalize_block:
 * @self: a #GstAfringMockSource
 * @force: close a block in which there is no packet, too
 *
 * Closes the block that is being filled, as if it were full.
 */
void
gst_afring_mock_source_finalize_block (GstAfringMockSource * self,
    gboolean force)
{
  g_return_if_fail (GST_IS_AFRING_MOCK_SOURCE (self));

  if (get_kernel (self) != NULL)
    gst_afring_mock_kernel_close_block (get_kernel (self), force);
}

/**
 * gst_afring_mock_source_force_block_release:
 * @self: a #GstAfringMockSource
 *
 * Gives all blocks back that have been handed over, read or not, so that adding
 * goes on without a reader. What was in them is lost.
 */
void
gst_afring_mock_source_force_block_release (GstAfringMockSource * self)
{
  g_return_if_fail (GST_IS_AFRING_MOCK_SOURCE (self));

  if (get_kernel (self) != NULL)
    gst_afring_mock_kernel_mark_all (get_kernel (self), TP_STATUS_KERNEL);
}

/**
 * gst_afring_mock_source_force_blocks_unavailable:
 * @self: a #GstAfringMockSource
 *
 * Makes all blocks neither the reader's nor free, so that nothing more is read
 * from what is in them now.
 */
void
gst_afring_mock_source_force_blocks_unavailable (GstAfringMockSource * self)
{
  g_return_if_fail (GST_IS_AFRING_MOCK_SOURCE (self));

  if (get_kernel (self) != NULL)
    gst_afring_mock_kernel_mark_all (get_kernel (self),
        TP_STATUS_CSUMNOTREADY);
}

/**
 * gst_afring_mock_source_set_packet_added_func:
 * @self: a #GstAfringMockSource
 * @func: (nullable) (scope notified): called with each packet that was added
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data when another function is set or the
 *   source goes
 *
 * Sets a function that is told of each packet, on the thread that adds it, with
 * its bytes before the snaplen has cut them. Set it before packets are added.
 */
void
gst_afring_mock_source_set_packet_added_func (GstAfringMockSource * self,
    GstCapturePacketFunc func, gpointer user_data, GDestroyNotify destroy)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GDestroyNotify old_destroy;
  gpointer old_user_data;

  g_return_if_fail (GST_IS_AFRING_MOCK_SOURCE (self));

  g_mutex_lock (&priv->lock);
  old_destroy = priv->destroy;
  old_user_data = priv->user_data;
  priv->func = func;
  priv->user_data = user_data;
  priv->destroy = destroy;
  g_mutex_unlock (&priv->lock);
  if (old_destroy != NULL)
    old_destroy (old_user_data);
}

/* Running. */

/**
 * gst_afring_mock_source_run:
 * @self: a #GstAfringMockSource
 * @error: return location for a #GError
 *
 * Starts the kernel's part in a thread: from now on blocks are handed over to
 * the reader when they are full, finalized, or older than `block-timeout`.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_STOPPED if the source is not open, with
 *   %GST_CAPTURE_ERROR_FAILED if there is no thread to be had
 */
gboolean
gst_afring_mock_source_run (GstAfringMockSource * self, GError ** error)
{
  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);

  if (!check_open (self, error))
    return FALSE;
  return gst_afring_mock_kernel_run (PRIVATE (self)->kernel, error);
}

/* Pipe's thread. */
static void
pipe_done (GstAfringMockSource * self)
{
  gst_afring_mock_source_done (self);
  g_signal_emit (self, signals[SIGNAL_READING_DONE], 0);
}

/**
 * gst_afring_mock_source_pipe:
 * @self: a #GstAfringMockSource
 * @source: where packets come from
 * @error: return location for a #GError
 *
 * Runs, and adds all packets of @source, in a thread, until it is closed or at
 * its end. Then the signal #GstAfringMockSource::reading-done is emitted and the
 * mock source is done. gst_afring_mock_source_wait() gives an error of @source.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_FAILED if another pipe is at work
 */
gboolean
gst_afring_mock_source_pipe (GstAfringMockSource * self,
    GstCaptureSource * source, GError ** error)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  gboolean busy, ok;

  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);
  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (source), FALSE);

  if (!gst_afring_mock_source_run (self, error))
    return FALSE;

  g_mutex_lock (&priv->lock);
  busy = priv->pipe != NULL;
  if (!busy)
    priv->pipe = gst_afring_mock_pipe_new (self, source, pipe_done, error);
  ok = !busy && priv->pipe != NULL;
  g_mutex_unlock (&priv->lock);
  if (busy)
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Another source is piped into this mock source");
  return ok;
}

/**
 * gst_afring_mock_source_done:
 * @self: a #GstAfringMockSource
 *
 * Says that no packet will be added any more. What was added is handed over,
 * the open block included.
 */
void
gst_afring_mock_source_done (GstAfringMockSource * self)
{
  g_return_if_fail (GST_IS_AFRING_MOCK_SOURCE (self));

  if (get_kernel (self) != NULL)
    gst_afring_mock_kernel_finish (get_kernel (self));
}

/**
 * gst_afring_mock_source_wait:
 * @self: a #GstAfringMockSource
 * @error: return location for a #GError
 *
 * Waits until a source that runs is done, or closed, and its last block has been
 * handed over.
 *
 * Returns: %FALSE with the error that ended a pipe, or with
 *   %GST_CAPTURE_ERROR_STOPPED if the source is not open
 */
gboolean
gst_afring_mock_source_wait (GstAfringMockSource * self, GError ** error)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (self);
  GstAfringMockPipe *pipe;
  GError *reason = NULL;

  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);

  if (!check_open (self, error))
    return FALSE;
  pipe = get_pipe (self);
  if (pipe != NULL) {
    reason = gst_afring_mock_pipe_wait (pipe);
    g_mutex_lock (&priv->lock);
    if (priv->pipe == pipe)
      g_clear_pointer (&priv->pipe, gst_afring_mock_pipe_unref);
    g_mutex_unlock (&priv->lock);
    gst_afring_mock_pipe_unref (pipe);
  }
  gst_afring_mock_kernel_join (priv->kernel);
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, reason);
  return FALSE;
}

GstAfringMockKernel *
gst_afring_mock_source_get_kernel (GstAfringMockSource * self)
{
  return get_kernel (self);
}

/* The object. */

/**
 * gst_afring_mock_source_open:
 * @self: a #GstAfringMockSource made with g_object_new()
 * @error: return location for a #GError
 *
 * Makes the ring. gst_afring_mock_source_new() does this; language bindings,
 * which make objects by their properties, have to call it.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_GEOMETRY, %GST_CAPTURE_ERROR_FILTER or
 *   %GST_CAPTURE_ERROR_NO_MEMORY
 */
gboolean
gst_afring_mock_source_open (GstAfringMockSource * self, GError ** error)
{
  const gchar *name;
  g_autoptr (GstCaptureLink) link = NULL;

  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE (self), FALSE);

  name = gst_afring_source_get_config (GST_AFRING_SOURCE (self))->interface;
  link = gst_capture_link_new_virtual (name ? name : DEFAULT_NAME,
      PRIVATE (self)->link_type);
  return gst_afring_source_open (GST_AFRING_SOURCE (self), link, error);
}

GstAfringMockSource *
gst_afring_mock_source_new_valist (GType type, const gchar * name,
    GError ** error, const gchar * first_property, va_list args)
{
  GstAfringMockSource *self =
      GST_AFRING_MOCK_SOURCE (g_object_new_valist (type, first_property, args));

  g_object_set (self, "interface", name, NULL);
  if (!gst_afring_mock_source_open (self, error))
    g_clear_object (&self);
  return self;
}

/**
 * gst_afring_mock_source_new: (skip)
 * @name: what its link is called
 * @error: return location for a #GError
 * @first_property: (nullable): name of a property to set before opening
 * @...: its value, then more names and values, then %NULL
 *
 * Makes a mock ring and opens it.
 *
 * Returns: (transfer full) (nullable): the source, or %NULL with an error of
 *   %GST_CAPTURE_ERROR
 */
GstAfringMockSource *
gst_afring_mock_source_new (const gchar * name, GError ** error,
    const gchar * first_property, ...)
{
  GstAfringMockSource *self;
  va_list args;

  va_start (args, first_property);
  self = gst_afring_mock_source_new_valist (GST_TYPE_AFRING_MOCK_SOURCE, name,
      error, first_property, args);
  va_end (args);
  return self;
}

/**
 * gst_afring_mock_source_new_simple: (constructor)
 *   (rename-to gst_afring_mock_source_new)
 * @name: (nullable): what its link is called
 * @error: return location for a #GError
 *
 * As gst_afring_mock_source_new(), for language bindings, where it has that name.
 *
 * Returns: (transfer full): the source, or %NULL with an error of %GST_CAPTURE_ERROR
 */
GstAfringMockSource *
gst_afring_mock_source_new_simple (const gchar * name, GError ** error)
{
  return gst_afring_mock_source_new (name, error, NULL, NULL);
}

static void
gst_afring_mock_source_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  if (id == PROP_LINK_TYPE)
    PRIVATE (object)->link_type = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_afring_mock_source_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  if (id == PROP_LINK_TYPE)
    g_value_set_uint (value, PRIVATE (object)->link_type);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Threads of this class use the instance: they end before it does. */
static void
gst_afring_mock_source_dispose (GObject * object)
{
  GstAfringMockSource *self = GST_AFRING_MOCK_SOURCE (object);
  GstAfringMockPipe *pipe;

  if (get_kernel (self) != NULL) {
    gst_afring_mock_kernel_stop (get_kernel (self));
    pipe = get_pipe (self);
    if (pipe != NULL) {
      gst_afring_mock_pipe_end (pipe);
      gst_afring_mock_pipe_unref (pipe);
    }
    gst_afring_mock_source_wait (self, NULL);
  }
  G_OBJECT_CLASS (gst_afring_mock_source_parent_class)->dispose (object);
}

static void
gst_afring_mock_source_finalize (GObject * object)
{
  GstAfringMockSourcePrivate *priv = PRIVATE (object);

  if (priv->kernel != NULL && gst_afring_mock_kernel_is_dead (priv->kernel)) {
    /* of the parent's there is nothing to be ended; a thread that is not there may
     * have the lock */
    g_clear_pointer (&priv->kernel, gst_afring_mock_kernel_free);
    G_OBJECT_CLASS (gst_afring_mock_source_parent_class)->finalize (object);
    return;
  }
  if (priv->kernel != NULL)
    gst_capture_source_close (GST_CAPTURE_SOURCE (object), NULL);
  g_clear_pointer (&priv->kernel, gst_afring_mock_kernel_free);
  g_clear_pointer (&priv->filter, gst_capture_filter_unref);
  if (priv->destroy != NULL)
    priv->destroy (priv->user_data);
  g_mutex_clear (&priv->lock);
  G_OBJECT_CLASS (gst_afring_mock_source_parent_class)->finalize (object);
}

static void
gst_afring_mock_source_class_init (GstAfringMockSourceClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_afring_mock_source_set_property;
  object_class->get_property = gst_afring_mock_source_get_property;
  object_class->dispose = gst_afring_mock_source_dispose;
  object_class->finalize = gst_afring_mock_source_finalize;
  GST_AFRING_SOURCE_CLASS (klass)->backend = &mock_backend;

  /**
   * GstAfringMockSource:link-type:
   *
   * LINKTYPE_ number of the packets that are added.
   */
  g_object_class_install_property (object_class, PROP_LINK_TYPE,
      g_param_spec_uint ("link-type", "Link type",
          "LINKTYPE_ number of the packets that are added", 0, G_MAXUINT16,
          GST_CAPTURE_LINK_TYPE_ETHERNET, G_PARAM_READWRITE |
          G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS));

  /**
   * GstAfringMockSource::reading-done:
   * @self: the source
   *
   * Emitted, on the pipe's thread, when the source piped into this one has been
   * read to its end.
   */
  signals[SIGNAL_READING_DONE] = g_signal_new ("reading-done",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 0);
}

static void
gst_afring_mock_source_init (GstAfringMockSource * self)
{
  g_mutex_init (&PRIVATE (self)->lock);
}
