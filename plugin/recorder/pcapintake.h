/* gst-afring: the way of a stream into a recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcappreroll.h"
#include "pcaptrigger.h"

G_BEGIN_DECLS

/* Straight, or by way of a pre-roll. Its functions are those of PcapRecorder of the same
 * names, for the streaming thread. */
typedef struct _PcapIntake PcapIntake;

/* All of them outlive it; @preroll may be NULL, and @trigger is for it. */
PcapIntake *       pcap_intake_new             (PcapRecorder         *recorder,
                                                PcapPreroll          *preroll,
                                                PcapTrigger          *trigger);
void               pcap_intake_free            (PcapIntake           *self);

void               pcap_intake_lock            (PcapIntake           *self);
void               pcap_intake_renew           (PcapIntake           *self);
void               pcap_intake_unlock          (PcapIntake           *self);

/* @meta: of the packet, or NULL. */
PcapRecorderResult pcap_intake_append          (PcapIntake           *self,
                                                const GstPcapPacket  *packet,
                                                const GstPacketMeta  *meta);
/* @of_section: without a packet, it says something of the whole section, too. */
PcapRecorderResult pcap_intake_append_block    (PcapIntake           *self,
                                                const guint8         *block,
                                                gsize                 length,
                                                const GstPcapPacket  *packet,
                                                gboolean              of_section);
PcapRecorderResult pcap_intake_append_buffer   (PcapIntake           *self,
                                                GstBuffer            *buffer,
                                                guint                 packets,
                                                GstClockTime          first_time,
                                                GstClockTime          last_time);
gboolean           pcap_intake_has_room        (PcapIntake           *self,
                                                gsize                 size,
                                                guint                 packets);

void               pcap_intake_set_interface   (PcapIntake           *self,
                                                const GstCaptureInterface *iface);
void               pcap_intake_note_interface  (PcapIntake           *self,
                                                const GstCaptureInterface *iface,
                                                gboolean              in_blocks);
void               pcap_intake_set_statistics  (PcapIntake           *self,
                                                const GstCaptureStatistics *statistics);
void               pcap_intake_note_statistics (PcapIntake           *self,
                                                const GstCaptureStatistics *statistics);
PcapRecorderResult pcap_intake_set_section     (PcapIntake           *self,
                                                GPtrArray            *blocks);
void               pcap_intake_set_link_type   (PcapIntake           *self,
                                                guint32               link_type);
void               pcap_intake_leave_section   (PcapIntake           *self);

/* Without the lock, as the next. */
const PcapRecorderLosses * pcap_intake_peek_losses (PcapIntake        *self);

/* As pcap_trigger_take_error(). */
GError *           pcap_intake_take_error      (PcapIntake           *self);

G_END_DECLS
