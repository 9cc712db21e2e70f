/* afring-find: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "options.h"

#define SUMMARY "Finds packets in capture files: those of all files together, in the order of their " \
    "times, that\nmatch an expression as for tcpdump. Without -w, -c, --list or --flows it " \
    "prints a line for each.\n\n" \
    "  afring-find -r capture/ --from '2026-11-28 14:00' --to +5m 'host 192.0.2.7' -w out.pcapng\n" \
    "  afring-find --index old.pcapng"

static GOptionContext *
make_context (FindOptions * self)
{
  const GOptionEntry entries[] = {
    {"read", 'r', 0, G_OPTION_ARG_FILENAME_ARRAY, &self->read,
        "Capture file, folder of them, or pattern; several times for more", "PATH"},
    {"from", 0, 0, G_OPTION_ARG_STRING, &self->from,
        "Packets of that time and later: '2026-11-28 14:00' (local), ISO 8601, "
        "nanoseconds since 1970", "TIME"},
    {"to", 0, 0, G_OPTION_ARG_STRING, &self->to,
        "Packets before that time; +5m: so long behind --from", "TIME"},
    {"write", 'w', 0, G_OPTION_ARG_FILENAME, &self->write,
        "Write what is found into this file; -: as pcapng to the standard output",
        "FILE"},
    {"count", 'c', 0, G_OPTION_ARG_NONE, &self->count,
        "Print how many packets match", NULL},
    {"list", 0, 0, G_OPTION_ARG_NONE, &self->list,
        "Print of each file its times, packets and drops", NULL},
    {"flows", 0, 0, G_OPTION_ARG_NONE, &self->flows,
        "Print the flows with their packets and bytes", NULL},
    {"json", 0, 0, G_OPTION_ARG_NONE, &self->json,
        "Print a JSON object a line", NULL},
    {"index", 0, 0, G_OPTION_ARG_NONE, &self->index,
        "Make an index for each FILE, beside it", NULL},
    {"append", 0, 0, G_OPTION_ARG_NONE, &self->append,
        "With --index: at the end of the file itself", NULL},
    {"verify", 0, 0, G_OPTION_ARG_NONE, &self->verify,
        "Check what the index of each FILE says against its packets", NULL},
    {"no-index", 0, 0, G_OPTION_ARG_NONE, &self->no_index,
        "Read all of the files", NULL},
    {"trust-order", 0, 0, G_OPTION_ARG_NONE, &self->trust_order,
        "With --from and --to, take files without an index to be in the order of time",
        NULL},
    {"follow", 'f', 0, G_OPTION_ARG_NONE, &self->follow,
        "Go on with what is written next, until it is ended", NULL},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet,
        "No progress, no warnings", NULL},
    {"version", 'V', 0, G_OPTION_ARG_NONE, &self->version,
        "Say which version this is", NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->words, NULL,
        "[EXPRESSION | FILE...]"},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_set_summary (context, SUMMARY);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  return context;
}

static const gchar *
find_fault (const FindOptions * self)
{
  guint modes = (self->write != NULL) + self->count + self->list + self->flows;

  if (self->index || self->verify) {
    if (self->words == NULL)
      return "Say which files: afring-find --index FILE...";
    return self->read != NULL || modes > 0 || (self->index && self->verify) ?
        "--index and --verify are for files, and nothing else" : NULL;
  }
  if (self->append)
    return "--append is for --index";
  if (self->read == NULL)
    return "Say where to look: -r PATH";
  if (modes > 1)
    return "Only one of -w, -c, --list and --flows";
  if (self->list && (self->from != NULL || self->to != NULL
          || self->words != NULL))
    return "--list is of whole files: no times, no expression";
  if (self->json && self->write != NULL)
    return "--json is for what is printed";
  return NULL;
}

gboolean
find_options_parse (FindOptions * self, int *argc, char ***argv,
    GError ** error)
{
  g_autoptr (GOptionContext) context = NULL;
  const gchar *fault;

  *self = (FindOptions) { 0 };
  context = make_context (self);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  fault = self->version ? NULL : find_fault (self);
  if (fault != NULL) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        fault);
    return FALSE;
  }
  if (self->words != NULL && !self->index && !self->verify)
    self->filter = g_strjoinv (" ", self->words);
  return TRUE;
}

void
find_options_clear (FindOptions * self)
{
  g_strfreev (self->read);
  g_free (self->from);
  g_free (self->to);
  g_free (self->write);
  g_free (self->filter);
  g_strfreev (self->words);
}
