/* gst-afring: pcap-filter(7) expressions as classic BPF (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <linux/filter.h>

G_BEGIN_DECLS

#define GST_FILTER_EXPRESSION_ACCEPT 0x7fffffff

/* Appends to @program, an array of struct sock_filter, what libpcap makes of an
 * expression for packets of a LINKTYPE_: as it does for a live capture, and the same
 * with any version of it. The program sees packets as gst_bpf_run() and the kernel do;
 * it returns GST_FILTER_EXPRESSION_ACCEPT or 0. FALSE with GST_CAPTURE_ERROR_FILTER
 * and libpcap's own words. */
GST_AFRING_API
gboolean gst_filter_expression_compile (const gchar  *expression,
                                        guint         link_type,
                                        GArray       *program,
                                        GError      **error);

/* With or without libpcap's optimizer. */
GST_AFRING_API
gboolean gst_filter_expression_compile_full (const gchar  *expression,
                                        guint         link_type,
                                        gboolean      optimize,
                                        GArray       *program,
                                        GError      **error);

G_END_DECLS
