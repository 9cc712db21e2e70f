/* gst-afring: what the first fragments of packets were
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpackettunnel.h>

G_BEGIN_DECLS

/* The ports of a packet that was cut into fragments are in the first one only: those
 * that follow are of a tunnel or not as that was. Remembers the last ones, in 8 KiB;
 * what it has forgotten it does not know. */
typedef struct _DecapFirsts DecapFirsts;

DecapFirsts *     decap_firsts_new  (void);
void              decap_firsts_free (DecapFirsts            *self);
void              decap_firsts_clear (DecapFirsts           *self);

/* A fragment seen at @link that was judged so: the same, or if it is AS_FIRST what
 * is known of its first one, AS_FIRST if nothing is. */
GstTunnelFragment decap_firsts_judge (DecapFirsts            *self,
                                      const GstPacketHeaders *headers,
                                      guint64                 link,
                                      GstTunnelFragment       own);

G_END_DECLS
