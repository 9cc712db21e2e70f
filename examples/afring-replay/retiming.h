/* afring-replay: packets at a rate, and so many of them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* At one of the rates, or at their own times if both are 0. */
typedef struct
{
  gdouble mbps;
  gdouble pps;
  guint64 limit;                /* packets; 0: none */

  guint64 packets;              /* that have passed */
  guint64 bits;
  gboolean has_segment;
  gboolean ended;
} Retiming;

/* Watches what leaves @pad; @self stays for as long as that. */
void retiming_watch (Retiming *self,
                     GstPad   *pad);

G_END_DECLS
