/* gst-afring: which of the last numbers of a stream have come
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define RTP_WINDOW_SIZE 128

/* A bit for each number, from the latest one back; what leaves it is settled. */
typedef struct
{
  guint64 recent;               /* bit 0: the latest */
  guint64 older;
  guint missing;                /* numbers in a row that have left it and had not come */
  guint64 holes;                /* rows of such */
  guint64 largest;              /* of them */
} RtpWindow;

/* Nothing is missing before the number that is the latest now. */
void     rtp_window_begin   (RtpWindow       *self);

/* The next number has come, or has not. */
static inline void
rtp_window_step (RtpWindow * self, gboolean come)
{
  if (G_UNLIKELY (!(self->older >> 63))) {
    self->holes += self->missing++ == 0;
    self->largest = MAX (self->largest, self->missing);
  } else {
    self->missing = 0;
  }
  self->older = self->older << 1 | self->recent >> 63;
  self->recent = self->recent << 1 | (come != FALSE);
}

/* So many have not. */
void     rtp_window_skip    (RtpWindow       *self,
                             guint            n);

/* A number that is @back behind the latest one comes now. FALSE if it had come. */
gboolean rtp_window_fill    (RtpWindow       *self,
                             guint            back);

/* With those that are in it yet. */
void     rtp_window_measure (const RtpWindow *self,
                             guint64         *holes,
                             guint64         *largest);

G_END_DECLS
