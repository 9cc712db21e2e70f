/* gst-afring: the kernel's part of a mock ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturepacket.h>
#include <gst/afring/ring/gstafringring.h>
#include <gst/afring/ring/gstafringgeometry.h>

G_BEGIN_DECLS

/* Does with memory of its own what af_packet.c does with a socket's ring: lays
 * packets into blocks, in order, and closes a block when it is full or due. It
 * writes through a mapping of its own, as the kernel does, and shares nothing
 * with the reader but the memory and the file that wakes it.
 *
 * Unlike the kernel it hands a closed block over only when it runs: packets can
 * be laid in before. Thread-safe. */
typedef struct _GstAfringMockKernel GstAfringMockKernel;

typedef struct
{
  const guint8 *data;
  guint32 captured_length;
  guint32 wire_length;
  GstPacketType type;
  guint32 interface_id;
  GstClockTime time;            /* nanoseconds since 1970 */
} GstAfringMockPacket;

typedef enum
{
  GST_AFRING_MOCK_STORED,
  GST_AFRING_MOCK_FULL,         /* the next block is in use */
  GST_AFRING_MOCK_STOPPED
} GstAfringMockResult;

/* @ring: a new ring over the same memory, for the reader. */
GstAfringMockKernel * gst_afring_mock_kernel_new      (const GstAfringGeometry *geometry,
                                                       guint                link_header,
                                                       GstAfringRing      **ring,
                                                       GError             **error);

/* Stops and frees; the ring goes on for as long as it is referenced. */
void                  gst_afring_mock_kernel_free     (GstAfringMockKernel *self);

/* TRUE in a child that was forked since: there is neither its memory nor its thread, and
 * all that can be done with it is to free it. */
gboolean              gst_afring_mock_kernel_is_dead  (GstAfringMockKernel *self);

/* Lays a packet into the open block, opening one where there is none. Where the
 * kernel would drop the packet, because the next block is in use, it waits. */
GstAfringMockResult   gst_afring_mock_kernel_store_wait (GstAfringMockKernel *self,
                                                       const GstAfringMockPacket *packet);

/* TRUE if a packet of @length bytes would find room. */
gboolean              gst_afring_mock_kernel_has_room (GstAfringMockKernel *self,
                                                       guint32              length);

/* The kernel takes the tag out of what it received. TRUE if the packet has one. */
gboolean              gst_afring_mock_kernel_takes_tag (const GstAfringMockKernel *self,
                                                       const GstAfringMockPacket *packet,
                                                       guint32              length);

/* Closes the open block; with @force an empty one too. */
void                  gst_afring_mock_kernel_close_block (GstAfringMockKernel *self,
                                                       gboolean             force);

/* From now on closed blocks are handed over, and due ones are closed. FALSE if there is
 * no thread to be had for it. */
gboolean              gst_afring_mock_kernel_run      (GstAfringMockKernel *self,
                                                       GError             **error);

/* Hands over all blocks again as soon as they are given back, or, with an
 * interval, one each so many nanoseconds. FALSE if not every block is filled,
 * or there is no thread to be had. */
gboolean              gst_afring_mock_kernel_run_endlessly (GstAfringMockKernel *self,
                                                       GstClockTime         interval,
                                                       GError             **error);

/* No packet is laid in any more; what has been is handed over. */
void                  gst_afring_mock_kernel_finish   (GstAfringMockKernel *self);

/* Waits until a finished kernel has handed over its last block. */
void                  gst_afring_mock_kernel_join     (GstAfringMockKernel *self);

/* Stops at once. */
void                  gst_afring_mock_kernel_stop     (GstAfringMockKernel *self);

/* Sets the status of all blocks, whoever has them. */
void                  gst_afring_mock_kernel_mark_all (GstAfringMockKernel *self,
                                                       guint32              status);

/* Returns and clears; what PACKET_STATISTICS gives. */
void                  gst_afring_mock_kernel_read_counters (GstAfringMockKernel *self,
                                                       guint32             *received,
                                                       guint32             *dropped,
                                                       guint32             *freezes);

G_END_DECLS
