/* gst-afring: how many packets a capture has lost
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* The sum over interfaces, and over captures that came one after the other, of what
 * their statistics say. */
typedef struct _PcapDrops PcapDrops;

PcapDrops * pcap_drops_new   (void);
void        pcap_drops_free  (PcapDrops                  *self);

/* The counters of an interface now, which were less before if it is the same capture.
 * What stands in a stream, @stated, is the same that its source tells: from then on
 * that counts, and nothing else. */
void        pcap_drops_take  (PcapDrops                  *self,
                              const GstCaptureStatistics *statistics,
                              gboolean                    stated);

guint64     pcap_drops_get   (const PcapDrops            *self);

G_END_DECLS
