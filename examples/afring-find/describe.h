/* afring-find: packets and flows in words
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "search.h"

G_BEGIN_DECLS

/* Local time, with microseconds; or in JSON, with a zone and nanoseconds. */
gchar * describe_time     (GstClockTime  time,
                           gboolean      json);

/* With quotes; what is not UTF-8 is U+FFFD. */
gchar * describe_json_string (const gchar *text);

/* SearchPacketFuncs that print a line. @user_data: whether as JSON, gboolean. */
void    describe_packet   (GstBuffer    *packet,
                           guint         link_type,
                           gpointer      user_data);

/* The flows of packets. */
typedef struct _Flows Flows;

Flows * flows_new         (void);
void    flows_free        (Flows        *self);

/* A SearchPacketFunc; @user_data is the flows. */
void    flows_take        (GstBuffer    *packet,
                           guint         link_type,
                           gpointer      user_data);

/* The largest first. */
void    flows_print       (Flows        *self,
                           gboolean      json);

G_END_DECLS
