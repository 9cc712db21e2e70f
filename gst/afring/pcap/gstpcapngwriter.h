/* gst-afring: pcapng as bytes (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/capture/gstcapturepacket.h>

G_BEGIN_DECLS

/* pcapng as in draft-ietf-opsawg-pcapng, in the byte order of this machine, with
 * timestamps in nanoseconds. Each function appends one whole block to @out.
 * Interfaces are numbered from 0 in the order in which they are appended. */

/* Section header block (section 4.1), with a comment option for each of
 * @comments (NULL-terminated, or NULL). */
GST_AFRING_API
void gst_pcapng_append_section_header (GByteArray                 *out,
                                       const gchar                *application,
                                       const gchar *const         *comments);

/* Adds comments to the section header, of either byte order, that @out begins
 * with. */
GST_AFRING_API
void gst_pcapng_insert_comments       (GByteArray                 *out,
                                       const gchar *const         *comments);

/* Interface description block (section 4.2). */
GST_AFRING_API
void gst_pcapng_append_interface      (GByteArray                 *out,
                                       const GstCaptureInterface  *iface);

/* Enhanced packet block (section 4.3), with a flags word if @type is known:
 * how long it is, and the block itself. @time in nanoseconds since 1970;
 * GST_CLOCK_TIME_NONE writes 0. */
GST_AFRING_API
gsize gst_pcapng_get_packet_size      (GstPacketType               type,
                                       guint32                     captured_length);

GST_AFRING_API
void gst_pcapng_write_packet          (guint8                     *out,
                                       guint32                     interface,
                                       GstClockTime                time,
                                       GstPacketType               type,
                                       const guint8               *data,
                                       guint32                     captured_length,
                                       guint32                     wire_length);

/* Interface statistics block (section 4.6): how long one is, and the block. */
#define GST_PCAPNG_STATISTICS_LENGTH 76

GST_AFRING_API
void gst_pcapng_write_statistics      (guint8                     *out,
                                       guint32                     interface,
                                       const GstCaptureStatistics *statistics);

GST_AFRING_API
void gst_pcapng_append_statistics     (GByteArray                 *out,
                                       guint32                     interface,
                                       const GstCaptureStatistics *statistics);

/* A statistics block of the first interface that has nothing but a comment: what is to
 * be said where a file has begun long ago. */
GST_AFRING_API
void gst_pcapng_append_remark         (GByteArray                 *out,
                                       GstClockTime                time,
                                       const gchar                *comment);

/* One that says nothing and takes up @length bytes: at least 28, a multiple of
 * four. */
#define GST_PCAPNG_LEAST_FILLER 28

GST_AFRING_API
void gst_pcapng_write_filler          (guint8                     *out,
                                       gsize                       length);

/* Lengthens the last block of @out, which begins at @at, so that @out is a multiple
 * of @alignment long. */
GST_AFRING_API
void gst_pcapng_pad                   (GByteArray                 *out,
                                       guint                       at,
                                       gsize                       alignment);

G_END_DECLS
