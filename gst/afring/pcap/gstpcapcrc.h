/* gst-afring: CRC-32C (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <glib.h>

G_BEGIN_DECLS

/* Castagnoli's polynomial, as of iSCSI (RFC 3720, appendix B.4). */
GST_AFRING_API
guint32 gst_pcap_crc32c (const guint8 *data,
                         gsize         length);

G_END_DECLS
