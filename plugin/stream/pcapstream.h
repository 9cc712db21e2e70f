/* gst-afring: pieces of a capture stream as packet buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

/* Where what was found goes, in the order of the stream. */
typedef struct
{
  /* The packets from here on are of this type. Comes before all else. */
  GstFlowReturn (*link_type)  (guint32        link_type,
                               gpointer       user_data);
  /* Takes the list; its buffers have no timestamps yet. */
  GstFlowReturn (*packets)    (GstBufferList *list,
                               gpointer       user_data);
  /* An interface, statistics or a section, for downstream; takes the event. */
  void          (*event)      (GstEvent      *event,
                               gpointer       user_data);
  /* Another file or section begins, whose times may be earlier. */
  void          (*file)       (gpointer       user_data);
  /* Something that was said of the section cannot be passed on: because there is so
   * much, or because nobody can read it. The first of each. */
  void          (*left_out)   (gpointer       user_data);
  void          (*unreadable) (gpointer       user_data);
  /* Whether a packet is given on at all: asked before anything is made of it. NULL: all
   * are. */
  gboolean      (*wanted)     (const GstPcapPacket *packet,
                               gpointer       user_data);
  /* Of pcapng, the header of a section or the description of an interface as it stands in
   * the stream, before anything else is told of it. NULL: of no interest. */
  void          (*described)  (const guint8  *block,
                               gsize          length,
                               gpointer       user_data);
} PcapStreamFuncs;

/* Takes a pcap or pcapng stream apart. The buffers share the memory of the pieces
 * that go in, but for those of packets that lie in two of them.
 *
 * A sink waits for the first buffer of a list, and then sends all of them: a list
 * spans no more than a millisecond, as their capture times say. */
typedef struct _PcapStream PcapStream;

/* Of pcap_stream_next(): the piece has come to its end. */
#define PCAP_STREAM_HUNGRY GST_FLOW_CUSTOM_SUCCESS

PcapStream *     pcap_stream_new         (const PcapStreamFuncs *funcs,
                                          gpointer               user_data);
void             pcap_stream_free        (PcapStream            *self);

/* Buffers are not the bytes of packets, but the blocks of pcapng that they are in, as
 * gst_pcapng_is_packet() has them: those of the stream where they are such, with the
 * number and the time that they have there. */
void             pcap_stream_set_in_blocks (PcapStream          *self,
                                          gboolean               in_blocks);

/* Takes @buffer, the next piece, when the one before has come to its end. */
gboolean         pcap_stream_feed        (PcapStream            *self,
                                          GstBuffer             *buffer,
                                          GError               **error);

/* Gives on what there is up to the end of one list. GST_FLOW_ERROR with @error: the
 * stream is corrupt; what was whole before has been given on. */
GstFlowReturn    pcap_stream_next        (PcapStream            *self,
                                          GError               **error);

/* No more comes: gives on what has waited for a packet. */
GstFlowReturn    pcap_stream_finish      (PcapStream            *self);

/* TRUE if there is a part of a record that did not come to its end. */
gboolean         pcap_stream_is_torn     (PcapStream            *self);

/* The next piece is the start of the stream. */
void             pcap_stream_reset       (PcapStream            *self);

/* The next piece is from @position on, where a record begins. */
void             pcap_stream_jump        (PcapStream            *self,
                                          guint64                position);

GstPcapDecoder * pcap_stream_get_decoder (PcapStream            *self);

G_END_DECLS
