/* gst-afring: waiting for PLAYING
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A live stream goes on only while the pipeline plays: before that there is no
 * running time. All functions can be called from any thread. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean open;
  gboolean flushing;
} PcapGate;

void     pcap_gate_init         (PcapGate *self);
void     pcap_gate_clear        (PcapGate *self);
void     pcap_gate_set_open     (PcapGate *self,
                                 gboolean  open);

/* Nobody waits any more. */
void     pcap_gate_set_flushing (PcapGate *self,
                                 gboolean  flushing);

/* FALSE if it is flushing. */
gboolean pcap_gate_wait         (PcapGate *self);

G_END_DECLS
