/* gst-afring: pieces of a capture stream on their way into a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapintake.h"

G_BEGIN_DECLS

/* Takes a pcap or pcapng stream apart; which of the two it is its bytes say. The blocks
 * of pcapng go into a recording as they are, if that is pcapng too; else packets do. */
typedef struct _PcapInput PcapInput;

PcapInput * pcap_input_new      (PcapIntake     *intake);
void        pcap_input_free     (PcapInput      *self);

/* What the stream begins with, which is known before it comes: it is recorded now,
 * and passed over if the stream does begin with it. With the intake's lock, as the
 * next two. */
PcapRecorderResult pcap_input_add_header (PcapInput *self,
                                 const guint8   *data,
                                 gsize           length,
                                 GError        **error);

/* Sets @error, of GST_STREAM_ERROR, if the stream is corrupt or none. The lock may be
 * let go between its records, while the disk is behind. */
PcapRecorderResult pcap_input_append (PcapInput *self,
                                 const guint8   *data,
                                 gsize           length,
                                 GError        **error);

/* TRUE if a buffer of whole blocks with so many packets
 * may go to the recorder as it is, without being looked into here. */
gboolean    pcap_input_takes_whole (PcapInput   *self,
                                 gsize           size,
                                 guint           packets);

/* TRUE if there was a header: it is a capture. */
gboolean    pcap_input_has_begun (PcapInput     *self);

/* Bytes of a record that did not come to its end. */
gsize       pcap_input_get_rest (PcapInput      *self);

/* What comes now does not follow what came: it goes on at some record, or the stream
 * begins anew. */
void        pcap_input_flush    (PcapInput      *self);

G_END_DECLS
