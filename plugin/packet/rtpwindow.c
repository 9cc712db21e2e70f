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

/* Behind as many as it has, all that leaves it is missing. */
void
rtp_window_skip (RtpWindow * self, guint n)
{
  guint first = MIN (n, RTP_WINDOW_SIZE);

  for (guint i = 0; i < first; i++)
    rtp_window_step (self, FALSE);
  if (n == first)
    return;
  self->holes += self->missing == 0;
  self->missing += n - first;
  self->largest = MAX (self->largest, self->missing);
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
