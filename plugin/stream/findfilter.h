/* gst-afring: which packets of files are looked for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findtimes.h"

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* An expression, as "tcpdump -r" takes it: what it asks of a packet is asked of its bytes
 * as they stand in the file, a VLAN tag with them. One program for each link type. */
typedef struct _FindFilter FindFilter;

/* @expression: NULL or "": all packets. NULL with an error: libpcap takes it for no link
 * type. */
FindFilter *  find_filter_new         (const gchar         *expression,
                                       GError             **error);
void          find_filter_free        (FindFilter          *self);

gboolean      find_filter_has_expression (const FindFilter *self);

gboolean      find_filter_match       (FindFilter          *self,
                                       const GstPcapPacket *packet);

/* In libpcap's words, why the expression matches no packet of a link type; once for each.
 * NULL: it says nothing more. Transfer full. */
gchar *       find_filter_pop_refusal (FindFilter          *self);

G_END_DECLS
