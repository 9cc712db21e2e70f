/* gst-afring: what the files of the base of ring sources share
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringarrival.h"
#include "gstafringbasesrc.h"
#include "gstafringgate.h"
#include "gstafringrunslot.h"

G_BEGIN_DECLS

typedef struct
{
  /* Object lock. */
  GstAfringSettings settings;
  gboolean replay;
  GstAfringBlocks blocks;

  GstAfringRunSlot slot;
  GstAfringGate gate;

  /* While there is no run, of whoever would make one. */
  GstAfringArrival arrival;
  gchar *interface;             /* that was captured on last since the start, or NULL */
} GstAfringBaseSrcPrivate;

GstAfringBaseSrcPrivate * gst_afring_base_src_get_parts (GstAfringBaseSrc *self);

/* Of GstBaseSrc. */
gboolean      gst_afring_base_src_start  (GstBaseSrc       *src);
gboolean      gst_afring_base_src_stop   (GstBaseSrc       *src);

/* Stops a run that is over and waits for what is to be captured next, for create(). */
GstFlowReturn gst_afring_base_src_follow (GstAfringBaseSrc *self);

/* A packet that the kernel could have refused costs room in the ring. */
void          gst_afring_base_src_warn_of_user_space (GstAfringBaseSrc *self,
                                                      GstAfringSource  *source);

G_END_DECLS
