/* Packets made by hand, and pads that remember what came to them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

G_BEGIN_DECLS

/* Capture time of a packet whose timestamp is 0. */
#define KIT_START (1700000000 * GST_SECOND)

#define KIT_CAPS "application/x-packet, link-type=(int)1"

/* A UDP packet over IPv4 and Ethernet, from 10.0.0.1 to 10.0.0.2. */
typedef struct
{
  GstClockTime time;            /* timestamp */
  guint src_port;
  guint dst_port;               /* 0: 5004 */
  guint vlans[2];               /* ids of tags, 0: none */
  guint32 interface_id;
  const guint8 *payload;
  gsize size;                   /* without payload: so many zeros */
  /* Of a fragment: the payload is that of the IP header, without a UDP one. */
  gboolean fragment;
  guint16 id;
  gsize offset;
  gboolean more;
} KitPacket;

GstBuffer *     kit_make        (const KitPacket *packet);

/* A packet of an RTP stream with the static payload type 0, of 20 ms: number @n. */
GstBuffer *     kit_make_rtp    (guint            src_port,
                                 guint32          ssrc,
                                 guint            n,
                                 GstClockTime     time);

/* A pad that keeps what it gets, in order. */
typedef struct
{
  GstPad *pad;
  GPtrArray *items;             /* of GstBuffer, those of lists too, and GstEvent */
  GArray *lists;                /* of guint: how many buffers each list has had */
  GstFlowReturn ret;            /* what it returns */
} KitPad;

KitPad *        kit_pad_new     (void);
void            kit_pad_free    (KitPad          *self);
void            kit_pad_forget  (KitPad          *self);

guint           kit_pad_count_buffers (KitPad    *self);
guint           kit_pad_count_events  (KitPad    *self,
                                       GstEventType type);

/* The one with a number, from 0 on; NULL if there are not so many. Borrowed. */
GstBuffer *     kit_pad_get_buffer    (KitPad    *self,
                                       guint      n);
GstEvent *      kit_pad_get_event     (KitPad    *self,
                                       GstEventType type,
                                       guint      n);

/* An element with one sink pad that plays, and a pad for each of its source pads. */
typedef struct
{
  GstElement *element;
  GstHarness *harness;
  GstBus *bus;
  GQueue messages;              /* that have been taken off it */
  GPtrArray *pads;              /* of KitPad, in the order in which they came */
  guint removed;                /* pads that have gone */
  gboolean unlinked;            /* to be set: pads that come stay alone */
} KitRun;

/* As of gst_parse_bin_from_description(). */
KitRun *        kit_run_new     (const gchar     *description);
KitRun *        kit_run_new_with_caps (const gchar *description,
                                 const gchar     *caps);
void            kit_run_free    (KitRun          *self);

KitPad *        kit_run_get_pad (KitRun          *self,
                                 guint            n);

GstFlowReturn   kit_run_push    (KitRun          *self,
                                 GstBuffer       *buffer);

/* A flow with @n packets that are no RTP, from @time on, one each millisecond. */
void            kit_run_push_flow (KitRun        *self,
                                 guint            src_port,
                                 guint            n,
                                 GstClockTime     time);

/* Takes @event, which has to be handled. */
void            kit_run_event   (KitRun          *self,
                                 GstEvent        *event);

void            kit_run_flush   (KitRun          *self);

guint64         kit_run_get_stat (KitRun         *self,
                                 const gchar     *field);

/* Flows in stats, or those of a kind. */
guint           kit_run_count_flows (KitRun      *self,
                                 const gchar     *kind);

/* The next message of a type; NULL: there is none. Others stay. */
GstMessage *    kit_run_pop     (KitRun          *self,
                                 GstMessageType   type);

/* The text of the next error or warning; NULL: there is none. */
gchar *         kit_run_pop_error (KitRun        *self,
                                 GstMessageType   type);

/* Metas of any kind on a buffer. */
guint       kit_count_metas     (GstBuffer      *buffer);

/* Most bytes of a packet of a file. */
#define KIT_MOST_BYTES 256

/* Puts packet @number into @bytes, and sets what of it is not 0; its data is there. */
typedef void (* KitPacketFunc)  (guint           number,
                                 guint8         *bytes,
                                 GstPcapPacket  *packet);

/* A file of pcapng with @n packets of Ethernet; its name, free with g_free(). */
gchar *     kit_write_file      (const gchar    *folder,
                                 guint           n,
                                 KitPacketFunc   func);

G_END_DECLS
