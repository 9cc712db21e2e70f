/* gst-afring: the blocks of a ring source: waiting, taking, giving the ring back
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringsource-parts.h"

#include <gst/afring/capture/gstcaptureerror.h>

/* How often to look after a link that is down, in milliseconds. */
#define LINK_DOWN_TIMEOUT 100

gboolean
gst_afring_source_visit (GstAfringSource * self, GError ** error)
{
  g_atomic_int_inc (&gst_afring_source_get_parts (self)->visitors);
  if (gst_afring_source_check_running (self, error))
    return TRUE;
  gst_afring_source_end_visit (self);
  return FALSE;
}

/* Whoever comes behind the last one finds the source closed, and does not look at the
 * ring. */
void
gst_afring_source_end_visit (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  if (g_atomic_int_dec_and_test (&priv->visitors) && priv->ring != NULL
      && g_atomic_int_get (&priv->reader.closed)
      && !gst_afring_ring_is_dead (priv->ring)
      && g_atomic_int_compare_and_exchange (&priv->left, FALSE, TRUE)
      && !gst_afring_source_leave (self))
    GST_INFO ("a packet that is pinned keeps the ring and its socket");
}

/* TRUE with an error if there is one. */
static gboolean
take_wait_error (GstAfringSource * self, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  GError *reason = GST_AFRING_SOURCE_BACKEND (self)->take_error (self,
      priv->ring, priv->link);

  if (reason == NULL)
    return FALSE;
  if (g_error_matches (reason, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND))
    priv->gone = TRUE;
  priv->link_down = TRUE;
  g_propagate_error (error, reason);
  return TRUE;
}

static void
count_lease (GstAfringSource * self, GstAfringLease * lease)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  g_mutex_lock (&priv->lock);
  priv->totals.blocks++;
  priv->totals.packets_taken +=
      gst_afring_block_get_packets (gst_afring_lease_get_block (lease));
  g_mutex_unlock (&priv->lock);
}

/* A block, or a reason why there is none to wait for. */
static GstAfringLease *
take_lease (GstAfringSource * self, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  GstAfringLease *lease;

  /* also while it waited */
  if (!gst_afring_source_check_running (self, error))
    return NULL;

  lease = gst_afring_ring_take (priv->ring);
  if (lease != NULL) {
    count_lease (self, lease);
  } else if (priv->gone) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "The interface %s has been removed",
        gst_capture_link_get_name (priv->link));
  } else if (g_atomic_int_compare_and_exchange (&priv->unblocked, TRUE, FALSE)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_UNBLOCKED,
        "The capture source was unblocked");
  }
  return lease;
}

GstAfringLease *
gst_afring_source_take_open (GstAfringSource * self)
{
  GstAfringLease *lease =
      gst_afring_ring_take_open (gst_afring_source_get_parts (self)->ring);

  if (lease != NULL)
    count_lease (self, lease);
  return lease;
}

/* Milliseconds, -1: for ever. The kernel does not say that an interface which is
 * down is removed. */
static gint
get_time_to_wait (GstAfringSource * self, gint64 deadline)
{
  gint64 left = G_MAXINT;

  if (deadline >= 0)
    left = (MAX (deadline - g_get_monotonic_time (), 0)
        + G_TIME_SPAN_MILLISECOND - 1) / G_TIME_SPAN_MILLISECOND;
  if (gst_afring_source_get_parts (self)->link_down)
    return MIN (left, LINK_DOWN_TIMEOUT);
  return deadline < 0 ? -1 : left;
}

/* FALSE if there is nothing to wait for any more. */
static gboolean
wait_for_block (GstAfringSource * self, gint64 deadline, GError ** error)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);
  gboolean look = priv->link_down;
  GstAfringWake wake = gst_afring_ring_wait (priv->ring,
      get_time_to_wait (self, deadline));

  if (wake != GST_AFRING_WAKE_ERROR && !look)
    return TRUE;
  if (take_wait_error (self, error))
    return FALSE;
  priv->link_down = look && !gst_capture_link_is_up (priv->link);
  return TRUE;
}

static GstAfringLease *
take_or_wait (GstAfringSource * self, gint timeout, GError ** error)
{
  GError *reason = NULL;
  gboolean expired = FALSE;
  gint64 deadline = -1;
  GstAfringLease *lease = take_lease (self, &reason);

  if (lease == NULL && timeout >= 0)
    deadline = g_get_monotonic_time () + timeout * G_TIME_SPAN_MILLISECOND;
  /* a wait that signals interrupt is not a longer one */
  while (lease == NULL && reason == NULL && !expired
      && wait_for_block (self, deadline, &reason)) {
    lease = take_lease (self, &reason);
    expired = deadline >= 0 && g_get_monotonic_time () >= deadline;
  }
  if (reason != NULL)
    g_propagate_error (error, reason);
  return lease;
}

GstAfringLease *
gst_afring_source_next_lease (GstAfringSource * self, gint timeout,
    GError ** error)
{
  GstAfringLease *lease;

  if (!gst_afring_source_visit (self, error))
    return NULL;
  if (G_UNLIKELY (g_atomic_int_get (&gst_afring_source_get_parts (self)->
              filter_changed)))
    gst_afring_source_date_filter (self);
  lease = take_or_wait (self, timeout, error);
  gst_afring_source_end_visit (self);
  return lease;
}

gint
gst_afring_source_get_user_fd (GstAfringSource * self)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  if (priv->ring == NULL || gst_afring_ring_is_dead (priv->ring))
    return -1;
  return gst_afring_ring_get_user_fd (priv->ring);
}

/* In this order: what happens after the file was set back sets it again, and what
 * happened before is seen. */
void
gst_afring_source_update_signal (GstAfringSource * self, gboolean at_hand)
{
  GstAfringSourcePrivate *priv = gst_afring_source_get_parts (self);

  /* of a closed one it stays set */
  if (!gst_afring_source_visit (self, NULL))
    return;
  gst_afring_ring_clear_signal (priv->ring);
  if (at_hand || g_atomic_int_get (&priv->reader.closed)
      || g_atomic_int_get (&priv->unblocked) || priv->gone
      || gst_afring_ring_has_block (priv->ring))
    gst_afring_ring_set_signal (priv->ring);
  gst_afring_source_end_visit (self);
}
