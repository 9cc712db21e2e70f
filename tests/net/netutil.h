/* Interfaces and frames for tests that use the real ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* What goes into test frames: Ethernet, optional tags, IPv4, UDP, a number. */
#define NET_UDP_HEADERS 42
#define NET_MIN_FRAME (NET_UDP_HEADERS + 4)

typedef struct
{
  guint16 protocol;
  guint16 tci;
} NetTag;

/* Runs a command and fails the test if it fails. */
void     net_run            (const gchar  *format, ...) G_GNUC_PRINTF (1, 2);

/* A pair of interfaces, both up, both in this namespace: what is sent on one is
 * received on the other. Goes with the namespace, or with net_remove(). */
void     net_add_veth       (const gchar  *name,
                             const gchar  *peer);

/* Brings one end of a pair up again, and waits for both: until the other one has its
 * carrier back, the kernel throws away what it sends. */
void     net_set_up         (const gchar *name,
                             const gchar *peer);

void     net_remove         (const gchar  *name);

/* A network namespace of its own, empty but for lo, which is up. */
typedef struct _NetNamespace NetNamespace;

NetNamespace * net_namespace_new     (void);

/* Of a process that is in it. */
GPid           net_namespace_get_pid (NetNamespace *self);

/* Runs a command in it and fails the test if it fails. */
void           net_namespace_run     (NetNamespace *self,
                                      const gchar  *format, ...) G_GNUC_PRINTF (2, 3);

void           net_namespace_free    (NetNamespace *self);

/* A packet socket to send on @interface with; close() it. */
int      net_open_sender    (const gchar  *interface);

void     net_send           (int           sender,
                             const guint8 *frame,
                             gsize         size);

/* Fills a frame of @size bytes with UDP to @port that carries @number and bytes
 * that follow from it. @tags ends with a protocol of 0; NULL: none. */
void     net_make_frame     (guint8       *frame,
                             gsize         size,
                             const NetTag *tags,
                             guint16       port,
                             guint32       number);

/* @n frames numbered from @first on. */
void     net_send_frames    (const gchar  *interface,
                             guint         first,
                             guint         n,
                             gsize         size,
                             guint16       port);

/* The number of a test frame without tags; -1 if it is not one, or if a byte of
 * it is wrong. */
gint64   net_check_frame    (const guint8 *frame,
                             gsize         size);

/* Buffers that leave @element's source pad. */
typedef struct
{
  GstElement *pipeline;
  GstElement *src;
  GstPad *pad;
  GMutex lock;
  GCond cond;
  GPtrArray *buffers;           /* GstBuffer: references, if kept */
  guint n;
  guint n_lists;
  gboolean keep;
} NetCollector;

/* Makes "afringsrc PROPERTIES ! fakesink" and collects what the source pushes. */
NetCollector * net_collector_new       (const gchar  *properties,
                                        gboolean      keep);

void           net_collector_play      (NetCollector *self);

/* Waits until @n packets have come, for thirty seconds. */
void           net_collector_wait      (NetCollector *self,
                                        guint         n);

/* Sends EOS and waits for it; what was in the ring has come then. */
void           net_collector_end       (NetCollector *self);

/* The next of that type, for thirty seconds; transfer full. */
GstMessage *   net_wait_message        (GstElement   *pipeline,
                                        GstMessageType type);

/* The next message about the link says that; what it says of the carrier on the way there
 * does not count. */
void           net_expect_link         (NetCollector *self,
                                        const gchar  *name,
                                        gboolean      up,
                                        gboolean      carrier);

guint          net_collector_get_count (NetCollector *self);

void           net_collector_free      (NetCollector *self);

guint64        net_get_stat            (GstElement   *element,
                                        const gchar  *field);

G_END_DECLS
