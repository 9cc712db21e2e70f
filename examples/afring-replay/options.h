/* afring-replay: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define REPLAY_NO_RATE -1

typedef struct
{
  gchar *interface;
  gchar *netns;
  gdouble mbps;                 /* or REPLAY_NO_RATE */
  gdouble pps;                  /* likewise */
  gdouble multiplier;
  gboolean topspeed;
  gint64 loop;                  /* 0: for ever */
  gint64 limit;                 /* packets; 0: none */
  gint64 spin;                  /* microseconds */
  gchar *dst_mac;
  gchar *src_mac;
  gint vlan;
  gboolean quiet;
  gboolean version;
  gchar **files;
} ReplayOptions;

/* FALSE with an error that is one of G_OPTION_ERROR. */
gboolean replay_options_parse (ReplayOptions *self,
                               int           *argc,
                               char        ***argv,
                               GError       **error);

void     replay_options_clear (ReplayOptions *self);

G_END_DECLS
