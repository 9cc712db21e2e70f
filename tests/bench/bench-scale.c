/* bench-scale: whether a packet costs more as something grows.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Wants a network namespace of its own: tests/net/in-namespace.sh bench-scale */

#include "bench.h"
#include "scale.h"
#include "sender.h"

#include <stdio.h>
#include <string.h>

static gint option_packets = 1000000;
static gint option_rounds = 3;
static gchar *option_directory;
static gchar *option_only;

static const GOptionEntry options[] = {
  {"packets", 0, 0, G_OPTION_ARG_INT, &option_packets,
      "Packets that are sent, or read, in each run (1000000)", "N"},
  {"rounds", 0, 0, G_OPTION_ARG_INT, &option_rounds, "Rounds (3)", "N"},
  {"directory", 0, 0, G_OPTION_ARG_FILENAME, &option_directory,
      "Where to write files, which are removed (the temporary one)", "NAME"},
  {"only", 0, 0, G_OPTION_ARG_STRING, &option_only,
      "sources, recording or held", "PART"},
  {NULL}
};

static gboolean
is_wanted (const gchar * part)
{
  return option_only == NULL || strcmp (option_only, part) == 0;
}

int
main (int argc, char **argv)
{
  g_autofree gchar *filesystem = NULL;
  gchar *directory;

  sender_start ();
  bench_init (&argc, &argv, options,
      "Measures whether a packet costs more as something grows.");
  directory = bench_make_directory (option_directory);
  filesystem = bench_get_filesystem (directory);
  bench_print_machine ();
  printf ("%d rounds, files on %s\n", option_rounds, filesystem);

  if (is_wanted ("sources")) {
    sender_make_link ();
    scale_sources (option_rounds, option_packets, directory);
  }
  /* before the other, which leaves the process with memory that it has had */
  if (is_wanted ("recording"))
    scale_recording (option_rounds, directory);
  if (is_wanted ("held"))
    scale_held (option_rounds, option_packets);
  return 0;
}
