/* gst-afring: a packet as a frame of the interface that it leaves on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>
#include <linux/virtio_net.h>

G_BEGIN_DECLS

#define SINK_MAC_LENGTH 6

/* Room for changed headers: a link header with tags, IP and TCP with all options. */
#define SINK_FRAME_HEAD 192

/* What the kernel is given for one packet. */
typedef struct
{
  struct virtio_net_hdr vnet;
  guint8 head[SINK_FRAME_HEAD]; /* in place of the packet's first bytes */
  gsize head_length;
  const guint8 *rest;           /* of the packet where it is */
  gsize rest_length;
} SinkFrame;

static inline gsize
sink_frame_get_length (const SinkFrame * self)
{
  return self->head_length + self->rest_length;
}

/* Has the first @n bytes of the frame where they can be changed. FALSE if it has not as
 * many, or the head no room. */
gboolean sink_frame_pull (SinkFrame *self,
                          gsize      n);

#define SINK_VLAN_AS_IS -1
#define SINK_VLAN_NONE 0

/* How frames are made of packets. */
typedef struct
{
  guint link_type;              /* of the packets */
  gboolean ethernet;            /* the interface is, and not bare IP */
  gboolean has_dst, has_src;    /* what is to be put into Ethernet headers */
  guint8 dst[SINK_MAC_LENGTH];
  guint8 src[SINK_MAC_LENGTH];
  guint8 own[SINK_MAC_LENGTH];  /* address of the interface */
  gint vlan;                    /* an id, or one of those above */
} SinkFraming;

/* "02:00:00:00:00:01"; FALSE if it is no such thing. */
gboolean sink_framing_parse_mac (const gchar       *text,
                                 guint8            *mac);

/* Whether packets of its link type can go out of its interface: else why not, as the
 * end of a sentence; static. */
const gchar * sink_framing_check (const SinkFraming *self);

typedef enum
{
  SINK_FRAME_MADE,
  SINK_FRAME_SHORT,             /* it ends within its link header */
  SINK_FRAME_IMPOSSIBLE         /* it is none of the interface's kind */
} SinkFrameResult;

/* @frame points into @data. */
SinkFrameResult sink_framing_make (const SinkFraming *self,
                                   const guint8      *data,
                                   gsize              size,
                                   SinkFrame         *frame);

G_END_DECLS
