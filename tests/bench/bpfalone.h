/* A filter over packets in memory, and nothing else, for bench-pipeline.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "meter.h"

G_BEGIN_DECLS

typedef enum
{
  BPF_ALONE_NONE,
  BPF_ALONE_OURS,               /* what packetfilter has */
  BPF_ALONE_LIBPCAP             /* pcap_offline_filter() */
} BpfAlone;

/* The packets of the file @name that flows_write() made, one behind the other as
 * in a ring, until that has been measured: all pass @expression. */
void bpf_alone_run (BenchMeter  *meter,
                    BpfAlone     which,
                    const gchar *name,
                    const gchar *expression);

G_END_DECLS
