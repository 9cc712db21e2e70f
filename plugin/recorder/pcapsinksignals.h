/* gst-afring: the signals of the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapsink-private.h"

G_BEGIN_DECLS

void     pcap_sink_signals_install  (GObjectClass *klass);

/* As PcapFilesFuncs has it: the data is the element. */
gchar *  pcap_sink_signals_ask_name (guint         index,
                                     gpointer      element);

/* Somebody may answer that. */
gboolean pcap_sink_signals_is_named (GstElement   *element);

/* Any thread, any state. */
void     pcap_sink_signals_trigger  (GstPcapSink  *sink,
                                     const gchar  *comment);

G_END_DECLS
