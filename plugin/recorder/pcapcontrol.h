/* gst-afring: what a stream says beside its packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaprecorder.h"

G_BEGIN_DECLS

typedef enum
{
  PCAP_CONTROL_SET_INTERFACE,
  PCAP_CONTROL_NOTE_INTERFACE,
  PCAP_CONTROL_NOTE_INTERFACE_IN_BLOCKS,
  PCAP_CONTROL_SET_STATISTICS,
  PCAP_CONTROL_NOTE_STATISTICS,
  PCAP_CONTROL_SET_SECTION,     /* to GBytes */
  PCAP_CONTROL_SET_LINK_TYPE,
  PCAP_CONTROL_LEAVE_SECTION,
  PCAP_CONTROL_BLOCK            /* of pcapng, that is no packet */
} PcapControlType;

/* One call of a recorder that may come later: what the stream says of the packets that
 * follow. */
typedef struct _PcapControl PcapControl;

PcapControl * pcap_control_new_interface  (PcapControlType             type,
                                           const GstCaptureInterface  *iface);
PcapControl * pcap_control_new_statistics (PcapControlType             type,
                                           const GstCaptureStatistics *statistics);
PcapControl * pcap_control_new_section    (GPtrArray                  *blocks);
PcapControl * pcap_control_new_link_type  (guint32                     link_type);
PcapControl * pcap_control_new_leave      (void);
PcapControl * pcap_control_new_block      (const guint8               *block,
                                           gsize                       length);

void          pcap_control_free           (PcapControl                *self);

/* With the recorder's lock. */
PcapRecorderResult pcap_control_apply     (const PcapControl          *self,
                                           PcapRecorder               *recorder);

G_END_DECLS
