/* gst-afring: what every capture source does
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstcapturepacket.h>
#include <gio/gio.h>

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
 * @vlan_tci: tag control information of the outermost VLAN tag, in host byte order;
 *   valid with %GST_PACKET_FLAG_VLAN, else 0
 * @vlan_tpid: its EtherType, 0x8100 or 0x88a8
 * @flags: what the kernel, or the file, says of the packet
 * @interface_id: the kernel's index of the interface (ifindex), or the number of the
 *   interface in a pcapng file
 * @capture_time: when it was captured, nanoseconds since 1970-01-01 UTC, or
 *   %GST_CLOCK_TIME_NONE
 *
 * A packet where it lies, valid until the next call on its source. After a fork() it
 * is not there in the child.
 */
typedef struct
{
  const guint8 *payload;
  gsize length;
  guint32 total_length;
  GstPacketType type;
  guint8 ip_offset;
  guint16 vlan_tci;
  guint16 vlan_tpid;
  GstPacketFlags flags;
  guint32 interface_id;
  GstClockTime capture_time;
} GstCaptureView;

/**
 * GstCaptureTotals:
 * @packets_received: packets that passed the filter and were stored
 * @packets_dropped: packets that passed the filter and found no room
 * @queue_freezes: times that the kernel found the next block in use
 *
 * Counters since the source was opened.
 */
typedef struct
{
  guint64 packets_received;
  guint64 packets_dropped;
  guint64 queue_freezes;

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
} GstCaptureTotals;

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
 * @next_views: see gst_capture_source_next_views(); %NULL: one at a time
 * @next_payload: as #GstCaptureSourceZeroCopyInterface.next_payload(), where that is
 *   less work than a whole view; %NULL: it is made of a view
 * @next_ip_packet: likewise
 * @next_packet_fn: likewise, see gst_capture_source_next_packet_fn()
 * @set_timeout: see gst_capture_source_set_timeout(); %NULL: it never waits
 * @get_fd: see gst_capture_source_get_fd(); %NULL: there is none
 * @get_totals: see gst_capture_source_get_totals(); any thread
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
  guint            (*next_views)  (GstCaptureSource *self, GstCaptureView *views, guint n, GError **error);
  gboolean         (*next_payload) (GstCaptureSource *self, const guint8 **payload,
                                    gsize *length, GstPacketType *type,
                                    guint32 *total_length, GError **error);
  gboolean         (*next_ip_packet) (GstCaptureSource *self, const guint8 **payload,
                                    gsize *length, GstPacketType *type,
                                    guint32 *total_length, GError **error);
  gboolean         (*next_packet_fn) (GstCaptureSource *self, GstCapturePacketFunc func,
                                    gpointer user_data, GError **error);
  void             (*set_timeout) (GstCaptureSource *self, gint timeout);
  gint             (*get_fd)      (GstCaptureSource *self);
  void             (*get_totals)  (GstCaptureSource *self, GstCaptureTotals *totals);

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

GST_AFRING_API
gboolean          gst_capture_source_next_view      (GstCaptureSource      *self,
                                                     GstCaptureView        *view,
                                                     GError               **error);

GST_AFRING_API
guint             gst_capture_source_next_views     (GstCaptureSource      *self,
                                                     GstCaptureView        *views,
                                                     guint                  n,
                                                     GError               **error);

GST_AFRING_API
void              gst_capture_source_set_timeout    (GstCaptureSource      *self,
                                                     gint                   timeout);

GST_AFRING_API
gint              gst_capture_source_get_fd         (GstCaptureSource      *self);

/**
 * GstCaptureSourceFunc:
 * @self: the source
 * @user_data: data given with the function
 *
 * Called when there is something to read from @self.
 *
 * Returns: %G_SOURCE_REMOVE to be called no more
 */
typedef gboolean (*GstCaptureSourceFunc)            (GstCaptureSource      *self,
                                                     gpointer               user_data);

GST_AFRING_API
GSource *         gst_capture_source_create_source  (GstCaptureSource      *self,
                                                     GCancellable          *cancellable);

GST_AFRING_API
void              gst_capture_source_get_totals     (GstCaptureSource      *self,
                                                     GstCaptureTotals      *totals);

/**
 * GstCaptureSourceZeroCopy:
 *
 * A #GstCaptureSource whose packets can be looked at where they lie: in the ring, or
 * in what was read of a file. They are there until the next call.
 */
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
