/* gst-afring: chunks compressed, on threads of their own
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapchunk.h"

#include <gst/afring/pcap/gstpcapframe.h>

G_BEGIN_DECLS

typedef struct
{
  GstPcapCompression compression;
  gint level;                   /* PCAP_COMPRESSOR_CHOOSE, or as in GstPcapFrameEncoder */
} PcapCompressorConfig;

/* A higher one while little waits, a lower one if the processors do not keep up. */
#define PCAP_COMPRESSOR_CHOOSE -1

/* Compresses chunks, several at a time, each into a frame of its own. Where too many
 * wait they are only stored, as that is as fast as a copy: a capture is not to wait for
 * a processor. */
typedef struct _PcapCompressor PcapCompressor;

/* What comes of a chunk. */
typedef struct
{
  PcapChunk *bytes;             /* its frame; no records; empty: it could not be made */
  gboolean stored;              /* for lack of time */
} PcapFrame;

PcapCompressor * pcap_compressor_new     (const PcapCompressorConfig *config,
                                          GError                   **error);

/* No frame is under way. */
void             pcap_compressor_free    (PcapCompressor            *self);

/* Begins with a chunk, which is left alone until its frame has been awaited. What it has
 * borrowed is given back as soon as possible. */
PcapFrame *      pcap_compressor_begin   (PcapCompressor            *self,
                                          PcapChunk                 *chunk);

/* Waits until it is there. */
void             pcap_compressor_await   (PcapCompressor            *self,
                                          PcapFrame                 *frame);

/* It has been awaited. */
void             pcap_compressor_recycle (PcapCompressor            *self,
                                          PcapFrame                 *frame);

G_END_DECLS
