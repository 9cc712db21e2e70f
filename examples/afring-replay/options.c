/* afring-replay: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "options.h"

#define SUMMARY "Sends the packets of capture files out of a network interface, each at the " \
    "time that it\nwas captured at, or at another rate. The letters are tcpreplay's."

static GOptionContext *
make_context (ReplayOptions * self)
{
  const GOptionEntry entries[] = {
    {"interface", 'i', 0, G_OPTION_ARG_STRING, &self->interface,
        "Interface to send on", "NAME"},
    {"intf1", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &self->interface,
        NULL, NULL},
    {"multiplier", 'x', 0, G_OPTION_ARG_DOUBLE, &self->multiplier,
        "So many times as fast as it was captured", "N"},
    {"mbps", 'M', 0, G_OPTION_ARG_DOUBLE, &self->mbps,
        "So many megabits of packets a second", "N"},
    {"pps", 'p', 0, G_OPTION_ARG_DOUBLE, &self->pps,
        "So many packets a second", "N"},
    {"topspeed", 't', 0, G_OPTION_ARG_NONE, &self->topspeed,
        "As fast as it goes", NULL},
    {"loop", 'l', 0, G_OPTION_ARG_INT64, &self->loop,
        "So many times (1); 0: until it is ended", "N"},
    {"limit", 'L', 0, G_OPTION_ARG_INT64, &self->limit,
        "End after so many packets of the files", "N"},
    {"spin", 0, 0, G_OPTION_ARG_INT64, &self->spin,
        "Keep a processor busy so long before a packet's time, to be exact",
        "MICROSECONDS"},
    {"dst-mac", 0, 0, G_OPTION_ARG_STRING, &self->dst_mac,
        "Destination to put into all packets", "ADDRESS"},
    {"src-mac", 0, 0, G_OPTION_ARG_STRING, &self->src_mac,
        "Source to put into all packets", "ADDRESS"},
    {"vlan", 0, 0, G_OPTION_ARG_INT, &self->vlan,
        "VLAN of all packets; 0: take the tag off", "ID"},
    {"netns", 0, 0, G_OPTION_ARG_STRING, &self->netns,
        "Network namespace that the interface is in", "NAME"},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, "No summary", NULL},
    {"version", 'V', 0, G_OPTION_ARG_NONE, &self->version,
        "Say which version this is", NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL,
        "FILE..."},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_set_summary (context, SUMMARY);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  return context;
}

/* From one packet in eleven days to more than there can be; no NaN. */
static gboolean
is_rate (gdouble rate)
{
  return rate >= 1e-6 && rate <= 1e9;
}

static gboolean
is_mac (const gchar * text)
{
  return text == NULL || g_regex_match_simple ("^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$", text,
      G_REGEX_CASELESS, 0);
}

static const gchar *
find_fault (const ReplayOptions * self)
{
  guint rates = (self->mbps != REPLAY_NO_RATE) + (self->pps != REPLAY_NO_RATE)
      + (self->multiplier != 1) + self->topspeed;

  if (self->interface == NULL)
    return "Say on which interface: -i NAME";
  if (self->files == NULL)
    return "Say which file to send";
  if (rates > 1)
    return "Only one of --mbps, --pps, --multiplier and --topspeed";
  if ((self->mbps != REPLAY_NO_RATE && !is_rate (self->mbps))
      || (self->pps != REPLAY_NO_RATE && !is_rate (self->pps))
      || !is_rate (self->multiplier))
    return "A rate is 0.000001 to 1000000000";
  if (!is_mac (self->dst_mac) || !is_mac (self->src_mac))
    return "An address is six hexadecimal bytes with colons: 02:00:00:00:00:01";
  if (self->loop < 0 || self->limit < 0)
    return "--loop and --limit are 0 or more";
  if (self->spin < 0 || self->spin > G_USEC_PER_SEC)
    return "--spin is 0 to 1000000";
  if (self->vlan < -1 || self->vlan > 4094)
    return "--vlan is 0 to 4094";
  return NULL;
}

gboolean
replay_options_parse (ReplayOptions * self, int *argc, char ***argv,
    GError ** error)
{
  g_autoptr (GOptionContext) context = NULL;
  const gchar *fault;

  *self = (ReplayOptions) {
    .multiplier = 1,.loop = 1,.vlan = -1,.mbps = REPLAY_NO_RATE,
    .pps = REPLAY_NO_RATE
  };
  context = make_context (self);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  fault = self->version ? NULL : find_fault (self);
  if (fault == NULL)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, fault);
  return FALSE;
}

void
replay_options_clear (ReplayOptions * self)
{
  g_free (self->interface);
  g_free (self->netns);
  g_free (self->dst_mac);
  g_free (self->src_mac);
  g_strfreev (self->files);
}
