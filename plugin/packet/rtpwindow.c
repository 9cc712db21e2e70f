/* gst-afring: which of the last numbers of a stream have come
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpwindow.h"

void
rtp_window_begin (RtpWindow * self)
{
  for (guint i = 0; i < RTP_WINDOW_SIZE; i++)
    rtp_window_step (self, TRUE);
}

gboolean
rtp_window_fill (RtpWindow * self, guint back)
{
  guint64 *bits = back < 64 ? &self->recent : &self->older;
  guint64 bit = G_GUINT64_CONSTANT (1) << (back & 63);

  if (*bits & bit)
    return FALSE;
  *bits |= bit;
  return TRUE;
}

void
rtp_window_measure (const RtpWindow * self, guint64 * holes,
    guint64 * largest)
{
  RtpWindow copy = *self;

  rtp_window_begin (&copy);
  *holes = copy.holes;
  *largest = copy.largest;
}
