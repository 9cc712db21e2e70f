/* afring-find: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  gchar **read;                 /* files, folders, patterns */
  gchar *from;
  gchar *to;
  gchar *write;                 /* or "-" */
  gchar *filter;                /* or NULL */
  gboolean count;
  gboolean list;
  gboolean flows;
  gboolean json;
  gboolean index;
  gboolean append;
  gboolean verify;
  gboolean no_index;
  gboolean trust_order;
  gboolean follow;
  gboolean quiet;
  gboolean version;
  gchar **words;                /* of the filter; files with index and verify */
} FindOptions;

/* FALSE with an error that is one of G_OPTION_ERROR. */
gboolean find_options_parse (FindOptions *self,
                             int         *argc,
                             char      ***argv,
                             GError     **error);

void     find_options_clear (FindOptions *self);

G_END_DECLS
