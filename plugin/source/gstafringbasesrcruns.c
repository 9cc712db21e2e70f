/* gst-afring: the runs of a ring source, one after the other
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbasesrc-parts.h"
#include "common/captureerror.h"

#include <gst/afring/afring.h>

/* There is nothing to capture on, but there may be one day. */
#define GST_AFRING_FLOW_NOT_YET GST_FLOW_CUSTOM_SUCCESS_1

void
gst_afring_base_src_warn_of_user_space (GstAfringBaseSrc * self, GstAfringSource * source)
{
  if (!gst_afring_source_is_filter_in_kernel (source))
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("The kernel does not run "
            "this filter, because it is too long (net.core.optmem_max) or has a "
            "loop (protochain) or looks at the link header of \"any\"; it is run "
            "in user space, and all packets go through the ring"), (NULL));
}

/* After the first time, by the name of what was captured on: NULL could be another one
 * by now. */
static void
get_config (GstAfringBaseSrc * self, GstAfringConfig * config)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);

  GST_OBJECT_LOCK (self);
  gst_afring_settings_copy_config (&parts->settings, config);
  GST_OBJECT_UNLOCK (self);
  if (config->interface == NULL)
    config->interface = g_strdup (parts->interface);
}

static GstAfringSource *
open_source (GstAfringBaseSrc * self, GError ** error)
{
  g_autoptr (GstCaptureLink) link = NULL;
  GstAfringSource *source =
      GST_AFRING_BASE_SRC_GET_CLASS (self)->make_source (self, &link, error);
  GstAfringConfig config = { 0, };

  if (source == NULL)
    return NULL;
  get_config (self, &config);
  gst_afring_source_set_config (source, &config);
  gst_afring_config_clear (&config);
  if (!gst_afring_source_open (source, link, error))
    g_clear_object (&source);
  return source;
}

/* Watch's thread. */
static void
source_failed (GstElement * element, const GError * error)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (element);
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autoptr (GstAfringRun) run = gst_afring_run_slot_get (&parts->slot);

  switch (GST_AFRING_BASE_SRC_GET_CLASS (self)->source_error (self, error)) {
    case GST_AFRING_SOURCE_FAILED:
      gst_afring_base_src_end (self, error);
      break;
    case GST_AFRING_SOURCE_ENDED:
      gst_afring_base_src_end (self, NULL);
      break;
    case GST_AFRING_SOURCE_GONE:
      if (run != NULL)
        gst_afring_run_end_for_now (run);
      break;
    case GST_AFRING_SOURCE_GOES_ON:
      break;
  }
}

static void
link_changed (GstElement * element, const GstLinkState * state)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (element);
  GError *error = NULL;

  GST_AFRING_BASE_SRC_GET_CLASS (self)->link_changed (self, state, &error);
  if (error == NULL)
    return;
  source_failed (element, error);
  g_error_free (error);
}

static void
note_source (GstAfringBaseSrc * self, GstAfringSource * source)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  GstAfringRing *ring = gst_afring_source_get_ring (source);
  GstCaptureLink *link =
      gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));

  g_free (parts->interface);
  parts->interface = g_strdup (gst_capture_link_get_name (link));
  GST_INFO_OBJECT (self, "capturing on %s, %u blocks of %" G_GSIZE_FORMAT
      " bytes", parts->interface, gst_afring_ring_get_block_count (ring),
      gst_afring_ring_get_block_size (ring));
  gst_afring_base_src_warn_of_user_space (self, source);
}

/* A filter that was set while there was no run was of nobody. */
static void
renew_filter (GstAfringBaseSrc * self, GstAfringSource * source)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autofree gchar *filter = NULL, *has = NULL;

  g_object_get (source, "filter", &has, NULL);
  GST_OBJECT_LOCK (self);
  filter = g_strdup (parts->settings.config.filter);
  GST_OBJECT_UNLOCK (self);
  if (g_strcmp0 (filter, has) != 0)
    g_object_set (self, "filter", filter, NULL);
}

/* It is there before anybody tells of it; and what was asked for while there was none is
 * done now. Takes it over. */
static gboolean
put_run (GstAfringBaseSrc * self, GstAfringRun * run, GError ** error)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);

  gst_afring_run_slot_put (&parts->slot, run);
  if (!gst_afring_run_start (run, error))
    return FALSE;
  renew_filter (self, gst_afring_run_get_source (run));
  if (gst_afring_arrival_is_ended (&parts->arrival))
    gst_afring_run_end (run, NULL);
  return TRUE;
}

/* @followed: by another one, which goes on counting. */
static void
end_run (GstAfringBaseSrc * self, gboolean followed)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autoptr (GstAfringRun) run = gst_afring_run_slot_get (&parts->slot);
  GstStructure *stats;
  GstAfringTally tally;

  if (run == NULL)
    return;
  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping (self,
        gst_afring_run_get_source (run));
  stats = gst_afring_run_stop (run, GST_ELEMENT (self));
  gst_afring_run_get_tally (run, &tally);
  gst_afring_run_slot_put_past (&parts->slot, stats, followed ? &tally : NULL);
  gst_afring_run_unref (gst_afring_run_slot_take (&parts->slot));
}

/* FALSE with an error if there is nothing to capture on, or it may not be. */
static gboolean
begin_run (GstAfringBaseSrc * self, GError ** error)
{
  GstAfringBaseSrcClass *klass = GST_AFRING_BASE_SRC_GET_CLASS (self);
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  const GstAfringWatchFuncs funcs = {
    klass->link_changed != NULL ? link_changed : NULL, source_failed
  };
  GstAfringTally past;
  GstAfringRunSpec spec = { FALSE, &parts->settings, &past, &funcs };
  GstAfringSource *source = open_source (self, error);

  if (source == NULL)
    return FALSE;
  note_source (self, source);
  if (klass->opened != NULL)
    klass->opened (self, source);
  gst_afring_run_slot_get_past (&parts->slot, &past);
  spec.replay = parts->replay;
  if (put_run (self, gst_afring_run_new (GST_ELEMENT (self),
              GST_BASE_SRC_PAD (self), source, &spec), error)
      && (klass->started == NULL || klass->started (self, source, error)))
    return TRUE;
  end_run (self, TRUE);
  return FALSE;
}

/* How long to wait, as of get_wait(); if until an interface has changed, they are followed
 * from now on, and the first time it is tried once more at once. */
static gint
get_wait (GstAfringBaseSrc * self, GError ** error)
{
  GstAfringBaseSrcClass *klass = GST_AFRING_BASE_SRC_GET_CLASS (self);
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autoptr (GstNetns) netns = NULL;
  gint wait = klass->get_wait != NULL ?
      klass->get_wait (self, error, &netns) : 0;

  if (wait < 0 && gst_afring_arrival_follow (&parts->arrival, netns))
    wait = 1;
  return wait;
}

/* OK with a run, NOT_YET, EOS, or ERROR, which is posted. */
static GstFlowReturn
try_run (GstAfringBaseSrc * self, gint * wait)
{
  g_autoptr (GError) error = NULL;

  if (begin_run (self, &error))
    return gst_base_src_negotiate (GST_BASE_SRC (self)) ? GST_FLOW_OK :
        GST_FLOW_NOT_NEGOTIATED;
  *wait = get_wait (self, &error);
  if (*wait != 0)
    return GST_AFRING_FLOW_NOT_YET;
  if (error == NULL)
    return GST_FLOW_EOS;
  capture_error_post (GST_ELEMENT (self), error);
  return GST_FLOW_ERROR;
}

GstFlowReturn
gst_afring_base_src_follow (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  GstFlowReturn ret = GST_AFRING_FLOW_NOT_YET;
  gint wait = 0;

  end_run (self, TRUE);
  while (ret == GST_AFRING_FLOW_NOT_YET) {
    ret = gst_afring_gate_wait (&parts->gate, GST_BASE_SRC_PAD (self));
    if (ret == GST_FLOW_OK && gst_afring_arrival_is_ended (&parts->arrival))
      ret = GST_FLOW_EOS;
    if (ret == GST_FLOW_OK)
      ret = try_run (self, &wait);
    if (ret == GST_AFRING_FLOW_NOT_YET)
      gst_afring_arrival_wait (&parts->arrival, wait);
  }
  if (ret == GST_FLOW_OK)
    gst_afring_arrival_stop (&parts->arrival);
  return ret;
}

gboolean
gst_afring_base_src_start (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autoptr (GError) error = NULL;

  gst_afring_gate_reset (&parts->gate);
  gst_afring_arrival_reset (&parts->arrival);
  gst_afring_run_slot_forget_past (&parts->slot);
  g_clear_pointer (&parts->interface, g_free);
  if (begin_run (self, &error) || get_wait (self, &error) != 0)
    return TRUE;
  capture_error_post (GST_ELEMENT (self), error);
  return FALSE;
}

gboolean
gst_afring_base_src_stop (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);

  gst_afring_arrival_stop (&gst_afring_base_src_get_parts (self)->arrival);
  end_run (self, FALSE);
  return TRUE;
}

void
gst_afring_base_src_end (GstAfringBaseSrc * self, const GError * error)
{
  GstAfringBaseSrcPrivate *parts = gst_afring_base_src_get_parts (self);
  g_autoptr (GstAfringRun) run = gst_afring_run_slot_get (&parts->slot);

  /* in between two, too */
  gst_afring_arrival_end (&parts->arrival);
  if (run != NULL)
    gst_afring_run_end (run, error);
}

void
gst_afring_base_src_look_again (GstAfringBaseSrc * self)
{
  gst_afring_arrival_wake (&gst_afring_base_src_get_parts (self)->arrival);
}
