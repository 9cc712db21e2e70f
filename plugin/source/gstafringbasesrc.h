/* gst-afring: the base of sources that read a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringblocks.h"

#include <gst/afring/capture/gstlinkstate.h>
#include <gst/afring/ring/gstafringsource-private.h>
#include <gst/base/gstbasesrc.h>

G_BEGIN_DECLS

#define GST_TYPE_AFRING_BASE_SRC (gst_afring_base_src_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstAfringBaseSrc, gst_afring_base_src, GST,
    AFRING_BASE_SRC, GstBaseSrc)

/* Property ids below this are the base class's. */
#define GST_AFRING_BASE_SRC_N_PROPERTIES 32

/* What is to become of a run whose source cannot go on. All but the first end it when the
 * ring is empty. */
typedef enum
{
  GST_AFRING_SOURCE_GOES_ON,    /* it waits for more all the same */
  GST_AFRING_SOURCE_FAILED,
  GST_AFRING_SOURCE_ENDED,      /* with EOS */
  GST_AFRING_SOURCE_GONE        /* another run follows */
} GstAfringSourceFate;

/* Everything after "where do the blocks come from". */
struct _GstAfringBaseSrcClass
{
  GstBaseSrcClass parent_class;

  /* A source that is not open yet, and the link it is to be opened on; NULL: the
   * one that the property `interface` names. */
  GstAfringSource * (*make_source)  (GstAfringBaseSrc *self,
                                     GstCaptureLink  **link,
                                     GError          **error);

  /* The source is open, and nothing is told of it yet. */
  void              (*opened)       (GstAfringBaseSrc *self,
                                     GstAfringSource  *source);

  /* The ring is turned, and will be closed; what has not been started, because it could
   * not be, is stopped as well. Any of these can be NULL. */
  gboolean          (*started)      (GstAfringBaseSrc *self,
                                     GstAfringSource  *source,
                                     GError          **error);
  void              (*stopping)     (GstAfringBaseSrc *self,
                                     GstAfringSource  *source);

  /* There is nothing to capture on, as @error says: how many milliseconds to wait before
   * the next attempt; -1: until an interface of the namespace @netns (NULL: of this
   * thread) has changed; 0: none can help, and the stream ends, with @error if it is left
   * as it is, and with EOS if it is cleared. NULL: as if it was 0. */
  gint              (*get_wait)     (GstAfringBaseSrc *self,
                                     GError          **error,
                                     GstNetns        **netns);

  /* The source cannot go on; on a thread that does nothing but tell, as is the next. */
  GstAfringSourceFate (*source_error) (GstAfringBaseSrc *self,
                                     const GError     *error);

  /* The interface has changed; with an error, as if the source had failed by it. NULL: it
   * is not followed. */
  void              (*link_changed) (GstAfringBaseSrc   *self,
                                     const GstLinkState *state,
                                     GError            **error);
};

/* The open source, or NULL; transfer full, any thread. */
GstAfringSource * gst_afring_base_src_get_source (GstAfringBaseSrc *self);

/* Ends the stream when the ring is empty, with EOS or with @error; any thread. */
void              gst_afring_base_src_end        (GstAfringBaseSrc *self,
                                                  const GError     *error);

/* What get_wait() would say has changed; any thread. */
void              gst_afring_base_src_look_again (GstAfringBaseSrc *self);

/* Packets are of another time: they are stamped from the first one on. To be
 * called from make_source(). */
void              gst_afring_base_src_set_replay (GstAfringBaseSrc *self,
                                                  gboolean          replay);

/* PREFERRED unless said otherwise; from make_source(), too. */
void              gst_afring_base_src_set_blocks (GstAfringBaseSrc *self,
                                                  GstAfringBlocks   blocks);

G_END_DECLS
