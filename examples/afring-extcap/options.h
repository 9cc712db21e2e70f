/* afring-extcap: what Wireshark asks for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean list_interfaces;
  gboolean list_dlts;
  gboolean list_config;
  gboolean capture;
  gboolean version;
  gchar *wireshark_version;     /* nothing depends on it */
  gchar *interface;             /* as typed */
  gchar *fifo;
  gchar *filter;                /* these and what follows: NULL or 0 if not given */
  gchar *netns;
  gchar *record;
  gboolean promiscuous;
  gint64 snaplen;               /* bytes, -1: not given */
  gint64 buffer_size;           /* MiB */
  gint64 record_size;           /* MB */
  gint64 record_minutes;
  gint64 record_files;

  const gchar *name;            /* of the interface, as the kernel has it */
} ExtcapOptions;

/* What stands in front of a name: Wireshark has interfaces of its own. */
#define EXTCAP_PREFIX "afring:"

/* FALSE with an error that is one of G_OPTION_ERROR. */
gboolean extcap_options_parse (ExtcapOptions *self,
                               int           *argc,
                               char        ***argv,
                               GError       **error);

void     extcap_options_clear (ExtcapOptions *self);

G_END_DECLS
