/* afring-replay: capture files back onto the wire
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afring-replay -i eth0 a.pcapng
 *   afring-replay -i eth0 --topspeed --loop 10 a.pcapng
 */

#include "config.h"

#include "options.h"
#include "replay.h"

#define EXIT_USAGE 2

/* Of those that were not sent, and why. */
static const struct
{
  const gchar *field;
  const gchar *words;
} rest[] = {
  {"too-big", "above the MTU of the interface"},
  {"too-short", "too short for it"},
  {"no-frame", "that no frame can be made of"},
  {"queue-full", "for which its queue had no room"},
  {"refused", "that it refused, by a rule or a shaper"},
  {"link-down", "while it was down"},
  {"late", "too late"},
  {"outside-segment", "outside what was to be played"},
  {"flushed", "left when it ended"},
};

static guint64
get (const ReplayResult * result, const gchar * field)
{
  guint64 value = 0;

  gst_structure_get_uint64 (result->stats, field, &value);
  return value;
}

static void
print_summary (const ReplayOptions * options, const ReplayResult * result)
{
  guint64 packets = get (result, "packets-sent");
  guint64 bytes = get (result, "bytes-sent");

  g_print ("%" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
      " bytes sent on %s in %.3f s", packets, bytes, options->interface,
      result->seconds);
  if (result->seconds > 0)
    g_print (": %.2f Mbit/s, %.0f packets/s", bytes * 8 / result->seconds / 1e6,
        packets / result->seconds);
  g_print ("\n");
  if (!options->topspeed && packets > 0)
    g_print ("%.3f ms after its time at most\n",
        get (result, "max-lateness") / 1e6);
  if (get (result, "segmented") > 0)
    g_print ("%" G_GUINT64_FORMAT " of them cut to the MTU\n",
        get (result, "segmented"));
  if (get (result, "cut") > 0)
    g_print ("%" G_GUINT64_FORMAT " of them shorter than they were captured from the "
        "wire (snaplen)\n", get (result, "cut"));
  for (guint i = 0; i < G_N_ELEMENTS (rest); i++) {
    if (get (result, rest[i].field) > 0)
      g_print ("not sent: %" G_GUINT64_FORMAT " %s\n",
          get (result, rest[i].field), rest[i].words);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  ReplayOptions options;
  ReplayResult result;
  int status;

  g_set_prgname ("afring-replay");
  if (!replay_options_parse (&options, &argc, &argv, &error)) {
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
    replay_options_clear (&options);
    return EXIT_USAGE;
  }
  if (options.version) {
    g_print ("afring-replay %s\n", VERSION);
    replay_options_clear (&options);
    return 0;
  }
  replay_run (&options, &result);
  if (!options.quiet && !(result.failed && get (&result, "packets-sent") == 0))
    print_summary (&options, &result);
  status = result.failed;
  gst_structure_free (result.stats);
  replay_options_clear (&options);
  return status;
}
