/* gst-afring: whether ring memory is written from where it lies
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a disk reads from where it lies must stay there until it has, and the ring
 * cannot turn past it. So that is only for traffic that is too fast to be copied at
 * little cost, for rings that are large beside what is under way, and for disks
 * that have not kept anybody waiting of late. */
typedef struct
{
  GstClockTime since;           /* capture time of an earlier buffer */
  guint n;                      /* buffers so far */
  gboolean fast;
} PcapLending;

/* TRUE if @buffer, which is to be recorded now and whose packets are from @time on, is
 * to be written from where it lies. */
gboolean pcap_lending_look (PcapLending  *self,
                            GstBuffer    *buffer,
                            GstClockTime  time);

G_END_DECLS
