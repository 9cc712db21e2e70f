/* gst-afring: reading a ring source packet by packet (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturesource.h>
#include <gst/afring/ring/gstafringwalk.h>

G_BEGIN_DECLS

/* What a source has for the thread that asks it for packets. All zero at first, but for
 * the timeout. */
typedef struct
{
  gint closed;                  /* atomic: there are no more packets */
  guint link_type;
  GstAfringLease *lease;        /* the block in hand, or NULL */
  GstAfringWalk walk;
  GstCaptureFilter *filter;     /* of the walk */
  gint timeout;                 /* milliseconds, -1: none */
  gboolean signals;             /* somebody polls, see gst_afring_ring_get_user_fd() */
} GstAfringReader;

/* Where a source has it; set before there is one. */
extern gint gst_afring_reader_offset;

void gst_afring_reader_clear          (GstAfringReader                   *self);

void gst_afring_reader_init_source    (GstCaptureSourceInterface         *iface);
void gst_afring_reader_init_zero_copy (GstCaptureSourceZeroCopyInterface *iface);

G_END_DECLS
