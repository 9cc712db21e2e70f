/* gst-afring: a record of an index being made (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapindexblock.h"

G_BEGIN_DECLS

/* Gathers the packets of one piece of a file after the other. */
typedef struct _GstPcapIndexGatherer GstPcapIndexGatherer;

GstPcapIndexGatherer * gst_pcap_index_gatherer_new  (void);

void     gst_pcap_index_gatherer_free   (GstPcapIndexGatherer *self);

/* A packet of the piece. */
void     gst_pcap_index_gatherer_add    (GstPcapIndexGatherer *self,
                                         guint                 link_type,
                                         GstClockTime          time,
                                         const guint8         *data,
                                         guint32               captured_length);

guint32  gst_pcap_index_gatherer_get_packets (const GstPcapIndexGatherer *self);

/* Appends the record, of which the caller has said where it is, and begins the next
 * piece. */
void     gst_pcap_index_gatherer_append (GstPcapIndexGatherer *self,
                                         GstPcapIndexRecord   *record,
                                         GByteArray           *records);

/* More bytes than the record has with @more packets. */
gsize    gst_pcap_index_gatherer_get_bound (const GstPcapIndexGatherer *self,
                                         gsize                 more);

/* Forgets what was added. */
void     gst_pcap_index_gatherer_clear  (GstPcapIndexGatherer *self);

G_END_DECLS
