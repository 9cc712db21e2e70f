/* gst-afring: pictures as video buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopevideo.h"
#include "scopepicture.h"

struct _ScopeVideo
{
  GstElement *element;
  GstPad *pad;
  GstCaps *caps;                /* NULL: nothing is negotiated */
  GstVideoInfo info;

  GMutex lock;
  GstBufferPool *pool;          /* lock; NULL: nothing is negotiated */
};

ScopeVideo *
scope_video_new (GstElement * element, GstPad * pad)
{
  ScopeVideo *self = g_new0 (ScopeVideo, 1);

  self->element = element;
  self->pad = pad;
  g_mutex_init (&self->lock);
  gst_video_info_init (&self->info);
  return self;
}

/* Takes the pool. */
static void
set_pool (ScopeVideo * self, GstBufferPool * pool)
{
  GstBufferPool *old;

  g_mutex_lock (&self->lock);
  old = self->pool;
  self->pool = pool;
  g_mutex_unlock (&self->lock);
  if (old != NULL) {
    gst_buffer_pool_set_active (old, FALSE);
    gst_object_unref (old);
  }
}

void
scope_video_reset (ScopeVideo * self)
{
  set_pool (self, NULL);
  gst_clear_caps (&self->caps);
}

void
scope_video_free (ScopeVideo * self)
{
  scope_video_reset (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Negotiation. */

static GstCaps *
choose_caps (ScopeVideo * self)
{
  GstCaps *caps = gst_pad_get_allowed_caps (self->pad);
  GstStructure *structure;

  if (caps == NULL)
    caps = gst_pad_get_pad_template_caps (self->pad);
  if (gst_caps_is_empty (caps)) {
    gst_caps_unref (caps);
    return NULL;
  }
  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_nearest_int (structure, "width", 640);
  gst_structure_fixate_field_nearest_int (structure, "height", 360);
  gst_structure_fixate_field_nearest_fraction (structure, "framerate", 25, 1);
  if (gst_structure_has_field (structure, "pixel-aspect-ratio"))
    gst_structure_fixate_field_nearest_fraction (structure,
        "pixel-aspect-ratio", 1, 1);
  return gst_caps_fixate (caps);
}

static gboolean
configure_pool (GstBufferPool * pool, GstCaps * caps, guint size, guint min,
    guint max, gboolean has_meta)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, size, min, max);
  if (has_meta)
    gst_buffer_pool_config_add_option (config,
        GST_BUFFER_POOL_OPTION_VIDEO_META);
  if (gst_buffer_pool_set_config (pool, config))
    return TRUE;
  /* it has made another one of it, which may do */
  config = gst_buffer_pool_get_config (pool);
  if (gst_buffer_pool_config_validate_params (config, caps, size, min, max))
    return gst_buffer_pool_set_config (pool, config);
  gst_structure_free (config);
  return FALSE;
}

/* That of downstream if it has one that will do. */
static gboolean
choose_pool (ScopeVideo * self)
{
  GstQuery *query = gst_query_new_allocation (self->caps, TRUE);
  guint size = self->info.size, min = 2, max = 0;
  GstBufferPool *pool = NULL;
  gboolean has_meta, ok;

  if (gst_pad_peer_query (self->pad, query)
      && gst_query_get_n_allocation_pools (query) > 0)
    gst_query_parse_nth_allocation_pool (query, 0, &pool, &size, &min, &max);
  size = MAX (size, self->info.size);
  has_meta = gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
      NULL);
  gst_query_unref (query);
  if (pool != NULL && !configure_pool (pool, self->caps, size, min, max,
          has_meta))
    gst_clear_object (&pool);
  ok = pool != NULL;
  if (!ok) {
    pool = gst_video_buffer_pool_new ();
    ok = configure_pool (pool, self->caps, self->info.size, min, 0, FALSE);
  }
  ok = ok && gst_buffer_pool_set_active (pool, TRUE);
  set_pool (self, pool);
  return ok;
}

static GstFlowReturn
fail (ScopeVideo * self)
{
  gst_pad_mark_reconfigure (self->pad);
  if (GST_PAD_IS_FLUSHING (self->pad))
    return GST_FLOW_FLUSHING;
  GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, ("What follows takes no "
          "video/x-raw in " SCOPE_FORMATS ": put videoconvert behind it"),
      ("not negotiated"));
  return GST_FLOW_NOT_NEGOTIATED;
}

GstFlowReturn
scope_video_negotiate (ScopeVideo * self)
{
  GstCaps *caps;

  if (!gst_pad_check_reconfigure (self->pad) && self->caps != NULL)
    return GST_FLOW_OK;
  caps = choose_caps (self);
  if (caps == NULL)
    return fail (self);
  if (self->caps == NULL || !gst_caps_is_equal (caps, self->caps)) {
    if (!gst_video_info_from_caps (&self->info, caps)
        || !gst_pad_push_event (self->pad, gst_event_new_caps (caps))) {
      gst_caps_unref (caps);
      return fail (self);
    }
  }
  gst_caps_take (&self->caps, caps);
  return choose_pool (self) ? GST_FLOW_OK : fail (self);
}

const GstVideoInfo *
scope_video_get_info (ScopeVideo * self)
{
  return &self->info;
}

/* Pictures. */

/* In square pixels, which are as high as those of the video. */
static gboolean
draw_frame (GstVideoFrame * frame, const ScopeView * view)
{
  const GstVideoInfo *info = &frame->info;
  gdouble aspect = GST_VIDEO_INFO_PAR_N (info) /
      (gdouble) GST_VIDEO_INFO_PAR_D (info);
  gint width = GST_VIDEO_INFO_WIDTH (info);
  gint height = GST_VIDEO_INFO_HEIGHT (info);
  cairo_surface_t *surface =
      cairo_image_surface_create_for_data (GST_VIDEO_FRAME_PLANE_DATA (frame,
          0), GST_VIDEO_INFO_HAS_ALPHA (info) ? CAIRO_FORMAT_ARGB32 :
      CAIRO_FORMAT_RGB24, width, height,
      GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0));
  cairo_t *cr = cairo_create (surface);
  gboolean ok;

  cairo_scale (cr, 1 / aspect, 1);
  scope_picture_draw (cr, width * aspect, height, view);
  ok = cairo_status (cr) == CAIRO_STATUS_SUCCESS;
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  return ok;
}

static GstFlowReturn
draw (ScopeVideo * self, const ScopeView * view, GstBuffer * buffer)
{
  GstVideoFrame frame;
  gboolean ok;

  if (!gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_READWRITE)) {
    GST_ELEMENT_ERROR (self->element, RESOURCE, WRITE, ("The memory that what "
            "follows has for pictures cannot be written: put videoconvert "
            "behind it"), ("gst_video_frame_map"));
    return GST_FLOW_ERROR;
  }
  ok = draw_frame (&frame, view);
  gst_video_frame_unmap (&frame);
  if (ok)
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self->element, LIBRARY, FAILED, ("cairo does not draw a "
          "picture of this size: ask for a smaller one by caps"),
      ("%dx%d", self->info.width, self->info.height));
  return GST_FLOW_ERROR;
}

GstFlowReturn
scope_video_draw (ScopeVideo * self, const ScopeView * view,
    GstBuffer ** buffer)
{
  GstFlowReturn ret = gst_buffer_pool_acquire_buffer (self->pool, buffer, NULL);

  if (ret != GST_FLOW_OK)
    return ret;
  ret = draw (self, view, *buffer);
  if (ret != GST_FLOW_OK)
    gst_clear_buffer (buffer);
  return ret;
}

void
scope_video_set_flushing (ScopeVideo * self, gboolean flushing)
{
  GstBufferPool *pool;

  g_mutex_lock (&self->lock);
  pool = self->pool != NULL ? gst_object_ref (self->pool) : NULL;
  g_mutex_unlock (&self->lock);
  if (pool != NULL) {
    gst_buffer_pool_set_flushing (pool, flushing);
    gst_object_unref (pool);
  }
}
