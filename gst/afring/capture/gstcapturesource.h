/* gst-afring: what every capture source does
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstcapturepacket.h>

G_BEGIN_DECLS

/**
 * GstCaptureStats:
 * @packets_received: packets that passed the filter and were stored
 * @packets_dropped: packets that passed the filter and found no room
 * @queue_freezes: times that the kernel found the next block in use
 *
 * Counters since the last gst_capture_source_get_stats().
 */
typedef struct
{
  guint64 packets_received;
  guint64 packets_dropped;
  guint64 queue_freezes;
} GstCaptureStats;

/**
 * GstCapturePacketFunc:
 * @payload: (array length=length): the packet from its link header on
 * @length: bytes in @payload
 * @total_length: bytes that the packet had on the wire
 * @type: which way it went
 * @ip_offset: where its IP header starts, or %GST_CAPTURE_NO_IP_OFFSET
 * @user_data: data given with the function
 * @error: return location for a #GError
 *
 * Called with one packet, on the thread that asked for it. The bytes are valid
 * until it returns.
 *
 * Returns: %TRUE, or %FALSE with @error set, which the caller then gets
 */
typedef gboolean (*GstCapturePacketFunc) (const guint8  *payload,
                                          gsize          length,
                                          guint32        total_length,
                                          GstPacketType  type,
                                          guint8         ip_offset,
                                          gpointer       user_data,
                                          GError       **error);

/**
 * GstCaptureView:
 * @payload: the packet from its link header on, in the source's own memory
 * @length: bytes in @payload
 * @total_length: bytes that the packet had on the wire
 * @type: which way it went
 * @ip_offset: where its IP header starts, or %GST_CAPTURE_NO_IP_OFFSET
 *
 * A packet where it lies, valid until the next call on its source. What an
 * implementation of #GstCaptureSource hands to the interface's functions.
 */
typedef struct
{
  const guint8 *payload;
  gsize length;
  guint32 total_length;
  GstPacketType type;
  guint8 ip_offset;
} GstCaptureView;

#define GST_TYPE_CAPTURE_SOURCE (gst_capture_source_get_type ())
GST_AFRING_API
G_DECLARE_INTERFACE (GstCaptureSource, gst_capture_source, GST, CAPTURE_SOURCE,
    GObject)

/**
 * GstCaptureSourceInterface:
 * @parent: the parent interface
 * @next_view: blocks until there is a packet and describes it where it lies;
 *   %FALSE with a #GError of %GST_CAPTURE_ERROR otherwise
 * @get_snaplen: the most bytes that a packet of the source can have
 * @get_stats: returns and clears the counters; any thread
 * @get_link: the link that is captured on
 * @unblock: see gst_capture_source_unblock(); any thread
 * @close: see gst_capture_source_close(); any thread
 *
 * What a capture source implements. Everything that copies is built on these.
 */
struct _GstCaptureSourceInterface
{
  GTypeInterface parent;

  gboolean         (*next_view)   (GstCaptureSource *self, GstCaptureView *view, GError **error);
  gsize            (*get_snaplen) (GstCaptureSource *self);
  gboolean         (*get_stats)   (GstCaptureSource *self, GstCaptureStats *stats, GError **error);
  GstCaptureLink * (*get_link)    (GstCaptureSource *self);
  gboolean         (*unblock)     (GstCaptureSource *self, GError **error);
  gboolean         (*close)       (GstCaptureSource *self, GError **error);

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
};

GST_AFRING_API
GstCapturePacket *gst_capture_source_new_packet     (GstCaptureSource      *self);

GST_AFRING_API
gboolean          gst_capture_source_next_packet    (GstCaptureSource      *self,
                                                     GstCapturePacket     **packet,
                                                     GError               **error);

GST_AFRING_API
gboolean          gst_capture_source_next_payload   (GstCaptureSource      *self,
                                                     GByteArray            *payload,
                                                     GstPacketType         *type,
                                                     guint32               *total_length,
                                                     GError               **error);

GST_AFRING_API
gboolean          gst_capture_source_next_ip_packet (GstCaptureSource      *self,
                                                     GByteArray            *payload,
                                                     GstPacketType         *type,
                                                     guint32               *total_length,
                                                     GError               **error);

GST_AFRING_API
gboolean          gst_capture_source_next_packet_fn (GstCaptureSource      *self,
                                                     GstCapturePacketFunc   func,
                                                     gpointer               user_data,
                                                     GError               **error);

GST_AFRING_API
gboolean          gst_capture_source_get_stats      (GstCaptureSource      *self,
                                                     GstCaptureStats       *stats,
                                                     GError               **error);

GST_AFRING_API
GstCaptureLink *  gst_capture_source_get_link       (GstCaptureSource      *self);

GST_AFRING_API
gboolean          gst_capture_source_unblock        (GstCaptureSource      *self,
                                                     GError               **error);

GST_AFRING_API
gboolean          gst_capture_source_close          (GstCaptureSource      *self,
                                                     GError               **error);

#define GST_TYPE_CAPTURE_SOURCE_ZERO_COPY (gst_capture_source_zero_copy_get_type ())
GST_AFRING_API
G_DECLARE_INTERFACE (GstCaptureSourceZeroCopy, gst_capture_source_zero_copy,
    GST, CAPTURE_SOURCE_ZERO_COPY, GstCaptureSource)

/**
 * GstCaptureSourceZeroCopyInterface:
 * @parent: the parent interface
 * @next_payload: see gst_capture_source_zero_copy_next_payload()
 * @next_ip_packet: see gst_capture_source_zero_copy_next_ip_packet()
 *
 * What a source implements whose views need no copy to be made. Both functions
 * have implementations over #GstCaptureSourceInterface.next_view().
 */
struct _GstCaptureSourceZeroCopyInterface
{
  GTypeInterface parent;

  gboolean (*next_payload)   (GstCaptureSourceZeroCopy *self, const guint8 **payload,
                              gsize *length, GstPacketType *type,
                              guint32 *total_length, GError **error);
  gboolean (*next_ip_packet) (GstCaptureSourceZeroCopy *self, const guint8 **payload,
                              gsize *length, GstPacketType *type,
                              guint32 *total_length, GError **error);

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
};

GST_AFRING_API
gboolean gst_capture_source_zero_copy_next_payload   (GstCaptureSourceZeroCopy  *self,
                                                      const guint8             **payload,
                                                      gsize                     *length,
                                                      GstPacketType             *type,
                                                      guint32                   *total_length,
                                                      GError                   **error);

GST_AFRING_API
gboolean gst_capture_source_zero_copy_next_ip_packet (GstCaptureSourceZeroCopy  *self,
                                                      const guint8             **payload,
                                                      gsize                     *length,
                                                      GstPacketType             *type,
                                                      guint32                   *total_length,
                                                      GError                   **error);

G_END_DECLS
