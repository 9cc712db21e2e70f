/* afring-find: looking for packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"

#include <gst/afring/afring.h>

G_BEGIN_DECLS

/* Of a packet that was found; @packet is there for the call only. */
typedef void (*SearchPacketFunc) (GstBuffer                  *packet,
                                  guint                       link_type,
                                  gpointer                    user_data);
typedef void (*SearchStatisticsFunc) (const GstCaptureStatistics *statistics,
                                  gpointer                    user_data);

typedef struct
{
  SearchPacketFunc packet;      /* or NULL */
  SearchStatisticsFunc statistics;      /* or NULL */
  gpointer user_data;
} SearchFuncs;

/* Looks through @locations, NULL-terminated, up to the end, or SIGINT. @found: how many
 * packets. FALSE, and it has said why: something cannot be done. */
gboolean search_run (const FindOptions  *options,
                     gchar             **locations,
                     const SearchFuncs  *funcs,
                     guint64            *found);

G_END_DECLS
