/* gst-afring: pieces of a capture stream as packet buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

/* Where what was found goes, in the order of the stream. */
typedef struct
{
  /* The packets from here on are of this type. */
  GstFlowReturn (*link_type)  (guint32        link_type,
                               gpointer       user_data);
  /* Takes the list; its buffers have no timestamps yet. */
  GstFlowReturn (*packets)    (GstBufferList *list,
                               gpointer       user_data);
  /* An interface or statistics, for downstream; takes the event. */
  void          (*event)      (GstEvent      *event,
                               gpointer       user_data);
} PcapStreamFuncs;

/* Takes a pcap or pcapng stream apart. The buffers share the memory of the pieces
 * that go in, but for those of packets that lie in two of them. */
typedef struct _PcapStream PcapStream;

PcapStream *     pcap_stream_new         (const PcapStreamFuncs *funcs,
                                          gpointer               user_data);
void             pcap_stream_free        (PcapStream            *self);

/* Takes @buffer. GST_FLOW_ERROR with @error: the stream is corrupt; what was whole
 * before has been given on. */
GstFlowReturn    pcap_stream_append      (PcapStream            *self,
                                          GstBuffer             *buffer,
                                          GError               **error);

/* Bytes of a record that did not come to its end. */
gsize            pcap_stream_get_rest    (PcapStream            *self);

/* The next piece is the start of the stream. */
void             pcap_stream_reset       (PcapStream            *self);

/* The next piece is from @position on, where a record begins. */
void             pcap_stream_jump        (PcapStream            *self,
                                          guint64                position);

GstPcapDecoder * pcap_stream_get_decoder (PcapStream            *self);

G_END_DECLS
