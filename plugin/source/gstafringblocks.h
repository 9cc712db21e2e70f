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

/* TRUE if all that is downstream of the source pad @pad prefers blocks to packets.
 * @wanted: what it takes, in its own order. */
gboolean gst_afring_blocks_are_preferred (GstPad        *pad,
                                          const GstCaps *wanted);

G_END_DECLS
