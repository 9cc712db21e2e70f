/* pcapsrc over files that a test makes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "capturemake.h"

G_BEGIN_DECLS

extern gchar *find_folder;
extern GstElement *find_pipeline;
extern GstElement *find_source;
extern GstBus *find_bus;
extern CaptureWatch *find_watch;

/* Of the last seek: an end with another number is an earlier one. 0: there was none. */
extern guint32 find_seqnum;

/* Fixtures: a folder. */
void          find_setup        (void);
void          find_teardown     (void);

/* The file @name of it, of these bytes, which it takes. */
void          find_write        (const gchar  *name,
                                 GByteArray   *bytes);
void          find_append       (const gchar  *name,
                                 GByteArray   *bytes);
gchar *       find_path         (const gchar  *name);

/* Classic pcap (or @pcapng), packets @first and on of CAPTURE_START + i * @step. */
GByteArray *  find_make         (gboolean      pcapng,
                                 guint         first,
                                 guint         n,
                                 GstClockTime  step);

/* "pcapsrc @properties ! fakesink", with the folder, or (@name) what is in it, as its
 * location. */
void          find_launch       (const gchar  *name,
                                 const gchar  *properties);

/* Up to EOS. */
void          find_play         (void);

/* All threads of a test have to end in it. */
void          find_run          (void);
void          find_stop         (void);
void          find_wait_state   (GstState      state);
GstMessage *  find_wait_message (GstMessageType types);

/* Until there are so many packets, or the test's time is over. */
void          find_wait_packets (guint         n);

/* The one warning (or other message) that is there says @part. */
void          find_check_message (GstMessageType type,
                                 const gchar  *part);
void          find_check_no_message (void);

guint64       find_get_stat     (const gchar  *name);

/* The numbers of the packets that came, in their order. */
void          find_check_order  (const guint  *numbers,
                                 guint         n);

G_END_DECLS
