/* gst-afring: what a recorder says on the bus
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaprecording.h"

G_BEGIN_DECLS

/* As PcapFilesFuncs has them: the data is the element. */
void pcap_sink_report_opened  (const gchar          *location,
                               gpointer              element);

void pcap_sink_report_closed  (const PcapFileReport *report,
                               gpointer              element);

/* As PcapPreroll has it. */
void pcap_sink_report_triggered (const gchar        *comment,
                               GstClockTime          time,
                               GstClockTime          begin,
                               gpointer              element);

/* As PcapRecoveryFuncs has them. */
void pcap_sink_report_recovered (const GstPcapRecovery *report,
                               gpointer              element);

void pcap_sink_report_not_recovered (const GError   *error,
                               gpointer              element);

/* The property "stats". */
GstStructure * pcap_sink_report_make_stats (const PcapRecordingStats *stats);

/* How much stands in all files, for people. */
void pcap_sink_report_end     (GstElement           *element,
                               const PcapRecordingStats *stats);

/* Nothing came, and so nothing was written. */
void pcap_sink_report_nothing (GstElement           *element,
                               const gchar          *location);

/* Warns once of each kind of what is lost; @said are those of which it has. */
void pcap_sink_report_losses  (GstElement           *element,
                               const PcapRecorderLosses *losses,
                               PcapRecorderLosses   *said);

/* An error of a file; the place that it names is that of the caller. @code is for
 * what is not a full disk. */
#define pcap_sink_report_error(element, code, error) \
    pcap_sink_report_error_from (element, code, error, __FILE__, GST_FUNCTION, \
        __LINE__)

void pcap_sink_report_error_from (GstElement        *element,
                               gint                  code,
                               const GError         *error,
                               const gchar          *file,
                               const gchar          *function,
                               gint                  line);

G_END_DECLS
