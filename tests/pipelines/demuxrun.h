/* gst-afring tests: capture files through flowdemux.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a program wants of each file. Each function may be NULL. */
typedef struct
{
  const gchar *properties;      /* of flowdemux, besides those for all */
  gpointer (*begin) (GstElement * demux);       /* makes the state of a file */
  void (*end) (GstElement * demux);     /* at the end, while it is still there */
  void (*gone) (gpointer state);        /* behind the pipeline; frees that */
} DemuxRun;

/* The whole of a program with the arguments CHAIN FILE...: for each file it prints "F" and
 * its name, and runs "filesrc ! CHAIN ! flowdemux" to its end. */
int demux_run_main (const DemuxRun * self, int argc, char **argv);

G_END_DECLS
