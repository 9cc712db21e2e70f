/* gst-afring: the filter of a ring source, in the kernel and beside it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringsocket.h"
#include "gstafringsource-parts.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>

static GstCaptureFilter *
make_filter (GstAfringSource * self, const gchar * expression,
    gboolean in_user_space, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  GstCaptureFilterSpec spec = {
    .link = priv->link,
    .direction = priv->config.direction,
    .ip_only = priv->config.ip_only,
    .ignore_vlans = priv->config.ignore_vlans,
    .expression = expression,
    .snaplen = priv->snaplen,
    .in_user_space = in_user_space,
  };

  return gst_capture_filter_new (&spec, error);
}

gboolean
gst_afring_source_open_filtered (GstAfringSource * self, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  for (gboolean in_user_space = FALSE; in_user_space <= TRUE; in_user_space++) {
    g_autoptr (GError) reason = NULL;

    g_clear_pointer (&priv->filter, gst_capture_filter_unref);
    priv->filter = make_filter (self, priv->config.filter, in_user_space,
        error);
    if (priv->filter == NULL)
      return FALSE;
    if (gst_afring_source_open_ring (self, priv->filter, &reason))
      return TRUE;
    if (!g_error_matches (reason, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER)) {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
    GST_INFO ("%s", reason->message);
  }
  priv->unguarded = TRUE;
  return gst_afring_source_open_ring (self, NULL, error);
}

/* Gives a filter to the kernel. One that it does not take is exchanged for one that
 * leaves the expression to user space, and if it does not take that either, and has no
 * other any more, all is done there. Called with the lock. */
static gboolean
attach (GstAfringSource * self, const gchar * expression,
    GstCaptureFilter ** filter, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  const GstAfringBackend *backend = GST_AFRING_SOURCE_BACKEND (self);
  GstAfringAttached attached = backend->attach (self, priv->ring, *filter);

  priv->unguarded |= attached == GST_AFRING_ATTACH_DETACHED;
  if (attached >= GST_AFRING_ATTACH_REFUSED
      && !gst_capture_filter_is_user_space (*filter)) {
    GstCaptureFilter *other = make_filter (self, expression, TRUE, error);

    GST_INFO ("the kernel does not take the filter: %s", g_strerror (errno));
    if (other == NULL)
      return FALSE;
    gst_capture_filter_unref (*filter);
    *filter = other;
    attached = backend->attach (self, priv->ring, *filter);
    priv->unguarded |= attached == GST_AFRING_ATTACH_DETACHED;
  }
  if (attached < GST_AFRING_ATTACH_REFUSED)
    priv->unguarded = FALSE;
  else if (!priv->unguarded)
    gst_afring_set_refused (error, *filter);
  return attached < GST_AFRING_ATTACH_REFUSED || priv->unguarded;
}

/**
 * gst_afring_source_set_filter:
 * @self: an open #GstAfringSource
 * @filter: (nullable): an expression, see pcap-filter(7); %NULL lets all pass
 * @error: return location for a #GError
 *
 * Changes the filter of a running capture. The kernel changes from one to the
 * other without a gap; packets that the earlier one let into the ring are
 * matched again when they are read. What the kernel cannot run is run in user space
 * (see #GstAfringSource:filter-in-kernel). Can be called from any thread.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_FILTER if it does not compile; the
 *   earlier filter then stays; with %GST_CAPTURE_ERROR_STOPPED if the source is not
 *   open
 */
gboolean
gst_afring_source_set_filter (GstAfringSource * self, const gchar * filter,
    GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  GstCaptureFilter *compiled;
  gboolean ok;

  g_return_val_if_fail (GST_IS_AFRING_SOURCE (self), FALSE);

  if (!gst_afring_source_check_running (self, error))
    return FALSE;
  compiled = make_filter (self, filter, FALSE, error);
  if (compiled == NULL)
    return FALSE;

  g_mutex_lock (&priv->lock);
  ok = priv->halted || attach (self, filter, &compiled, error);
  if (ok) {
    GstCaptureFilter *old = priv->filter;

    priv->filter = compiled;
    compiled = old;
    g_free (priv->config.filter);
    priv->config.filter = g_strdup (filter);
    g_atomic_int_set (&priv->filter_changed, TRUE);
    g_atomic_int_inc (&priv->filter_changes);
  }
  g_mutex_unlock (&priv->lock);

  gst_capture_filter_unref (compiled);
  return ok;
}

guint
gst_afring_source_get_filter_changes (GstAfringSource * self)
{
  return (guint) g_atomic_int_get
      (&gst_afring_source_get_parts (self)->filter_changes);
}

gboolean
gst_afring_source_is_filter_in_kernel (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  gboolean in_kernel;

  if (priv->ring != NULL && gst_afring_ring_is_dead (priv->ring))
    return TRUE;
  g_mutex_lock (&priv->lock);
  in_kernel = priv->filter == NULL
      || !(gst_capture_filter_is_user_space (priv->filter) || priv->unguarded);
  g_mutex_unlock (&priv->lock);
  return in_kernel;
}

void
gst_afring_source_halt (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  g_mutex_lock (&priv->lock);
  /* what came while there was no filter has to be matched again */
  if (!priv->halted && GST_AFRING_SOURCE_BACKEND (self)->halt (self,
          priv->ring, priv->link) != GST_AFRING_ATTACHED)
    g_atomic_int_set (&priv->filter_changed, TRUE);
  priv->halted = TRUE;
  g_mutex_unlock (&priv->lock);
}

/* From which block on the new filter's program has been at work. One more than the
 * open block: on another processor the old program may still have been at work on
 * a packet. */
void
gst_afring_source_date_filter (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  g_mutex_lock (&priv->lock);
  priv->filter_since = gst_afring_ring_get_open_sequence (priv->ring) + 1;
  g_atomic_int_set (&priv->filter_changed, FALSE);
  g_mutex_unlock (&priv->lock);
}

void
gst_afring_source_start_walk (GstAfringSource * self, GstAfringLease * lease,
    GstAfringWalk * walk, GstCaptureFilter ** filter)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  guint64 sequence =
      gst_afring_block_get_sequence (gst_afring_lease_get_block (lease));

  g_mutex_lock (&priv->lock);
  if (gst_capture_filter_is_user_space (priv->filter) || priv->unguarded
      || g_atomic_int_get (&priv->filter_changed)
      || sequence <= priv->filter_since)
    *filter = gst_capture_filter_ref (priv->filter);
  else
    *filter = NULL;
  g_mutex_unlock (&priv->lock);

  gst_afring_walk_init (walk, lease, priv->reader.link_type,
      gst_capture_link_is_cooked (priv->link), priv->snaplen,
      priv->tag_allowance, *filter);
}
