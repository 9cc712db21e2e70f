/* gst-afring: whether a source gives whole blocks on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* When a source gives on whole blocks of its ring, as pcapng, instead of packets. */
typedef enum
{
  GST_AFRING_BLOCKS_PREFERRED,  /* if downstream prefers them */
  GST_AFRING_BLOCKS_ON_DEMAND,  /* if it takes nothing else */
  GST_AFRING_BLOCKS_NEVER       /* the ring is not filled anew */
} GstAfringBlocks;

/* What there can be on a source pad that gives packets of the caps @packets: those
 * first, as most elements want them. */
GstCaps * gst_afring_blocks_make_caps  (GstAfringBlocks  self,
                                        GstCaps         *packets);

/* TRUE if downstream of the source pad @pad, which takes @wanted, in its own order, gets
 * blocks and not @packets. */
gboolean  gst_afring_blocks_are_wanted (GstAfringBlocks  self,
                                        GstPad          *pad,
                                        const GstCaps   *wanted,
                                        const GstCaps   *packets);

G_END_DECLS
