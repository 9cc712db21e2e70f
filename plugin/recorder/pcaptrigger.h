/* gst-afring: packets that trigger a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* An expression, compiled for whatever link type comes. */
typedef struct _PcapTrigger PcapTrigger;

PcapTrigger * pcap_trigger_new        (void);
void          pcap_trigger_free       (PcapTrigger         *self);

/* FALSE if it is none for any link type that is usual. */
gboolean      pcap_trigger_check      (const gchar         *expression,
                                       GError             **error);

/* Any thread: from the next pcap_trigger_begin() on. NULL or "": nothing triggers. */
void          pcap_trigger_set        (PcapTrigger         *self,
                                       const gchar         *expression);

gboolean      pcap_trigger_is_set     (PcapTrigger         *self);

/* Copied. */
gchar *       pcap_trigger_get        (PcapTrigger         *self);

/* Streaming thread, as what follows: TRUE if there is an expression now. */
gboolean      pcap_trigger_begin      (PcapTrigger         *self);

/* @meta: of the packet, or NULL. */
gboolean      pcap_trigger_matches    (PcapTrigger         *self,
                                       const GstPcapPacket *packet,
                                       const GstPacketMeta *meta);

/* Why nothing of some link type triggers, once for each; transfer full, or NULL. */
GError *      pcap_trigger_take_error (PcapTrigger         *self);

G_END_DECLS
