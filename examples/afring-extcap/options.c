/* afring-extcap: what Wireshark asks for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "options.h"

#include <string.h>

static const gchar summary[] =
    "Wireshark runs it, from its extcap folder, and shows its interfaces beside its own; "
    "see extcap(4).";

static GOptionEntry *
make_entries (ExtcapOptions * self)
{
  const GOptionEntry entries[] = {
    {"extcap-interfaces", 0, 0, G_OPTION_ARG_NONE, &self->list_interfaces,
        "List the interfaces", NULL},
    {"extcap-version", 0, 0, G_OPTION_ARG_STRING, &self->wireshark_version,
        "Version of the Wireshark that asks", "VERSION"},
    {"extcap-dlts", 0, 0, G_OPTION_ARG_NONE, &self->list_dlts,
        "Say the link type of the interface", NULL},
    {"extcap-config", 0, 0, G_OPTION_ARG_NONE, &self->list_config,
        "Say what can be set", NULL},
    {"extcap-interface", 0, 0, G_OPTION_ARG_STRING, &self->interface,
        "Interface, as it is listed", EXTCAP_PREFIX "NAME"},
    {"extcap-capture-filter", 0, 0, G_OPTION_ARG_STRING, &self->filter,
        "Only packets that match, see pcap-filter(7); without --capture it is only "
          "looked at, and what is wrong with it is printed", "EXPRESSION"},
    {"capture", 0, 0, G_OPTION_ARG_NONE, &self->capture, "Capture", NULL},
    {"fifo", 0, 0, G_OPTION_ARG_FILENAME, &self->fifo,
        "Where Wireshark reads", "FILE"},
    {"promiscuous", 0, 0, G_OPTION_ARG_NONE, &self->promiscuous,
        "Also what is for other machines", NULL},
    {"snaplen", 0, 0, G_OPTION_ARG_INT64, &self->snaplen,
        "Bytes to keep of a packet, 0: all", "BYTES"},
    {"buffer-size", 0, 0, G_OPTION_ARG_INT64, &self->buffer_size,
        "Memory of the ring (64)", "MIB"},
    {"netns", 0, 0, G_OPTION_ARG_STRING, &self->netns,
        "Network namespace of the interface, a name or a path", "NAME"},
    {"record", 0, 0, G_OPTION_ARG_FILENAME, &self->record,
        "File to record into meanwhile", "FILE"},
    {"record-size", 0, 0, G_OPTION_ARG_INT64, &self->record_size,
        "Another file after so many MB", "MB"},
    {"record-minutes", 0, 0, G_OPTION_ARG_INT64, &self->record_minutes,
        "Another file after so many minutes", "N"},
    {"record-files", 0, 0, G_OPTION_ARG_INT64, &self->record_files,
        "Keep the newest N files only", "N"},
    {"version", 'v', 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL},
    {NULL}
  };

  return g_memdup2 (entries, sizeof (entries));
}

/* A field of Wireshark's dialog that was left empty. */
static void
drop_empty (gchar ** text)
{
  if (*text != NULL && (*text)[0] == '\0')
    g_clear_pointer (text, g_free);
}

static const gchar *
find_mistake (const ExtcapOptions * self)
{
  if (self->list_interfaces || self->version)
    return NULL;
  if (!self->list_dlts && !self->list_config && !self->capture
      && self->filter == NULL)
    return "nothing to do; Wireshark runs it (see --help)";
  if (self->interface == NULL)
    return "--extcap-interface is missing";
  if (self->name == NULL)
    return "--extcap-interface takes what --extcap-interfaces lists, " EXTCAP_PREFIX
        "NAME";
  if (self->capture && self->fifo == NULL)
    return "--fifo is missing";
  if (self->snaplen < -1 || self->snaplen > G_MAXUINT32 || self->buffer_size < 0
      || self->buffer_size > G_MAXUINT32 || self->record_size < 0
      || self->record_size > G_MAXUINT32 || self->record_minutes < 0
      || self->record_minutes > G_MAXUINT32 || self->record_files < 0
      || self->record_files > G_MAXUINT32)
    return "a number is out of range";
  if (self->record_files > 0 && self->record_size == 0
      && self->record_minutes == 0)
    return "--record-files: say with --record-size or --record-minutes, too, when "
        "another file begins";
  return NULL;
}

gboolean
extcap_options_parse (ExtcapOptions * self, int *argc, char ***argv,
    GError ** error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree GOptionEntry *entries = make_entries (self);
  const gchar *mistake;

  self->snaplen = -1;
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  drop_empty (&self->netns);
  drop_empty (&self->record);
  if (self->interface != NULL && g_str_has_prefix (self->interface, EXTCAP_PREFIX)
      && self->interface[strlen (EXTCAP_PREFIX)] != '\0')
    self->name = self->interface + strlen (EXTCAP_PREFIX);
  mistake = find_mistake (self);
  if (*argc > 1)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "\"%s\" belongs to no option", (*argv)[1]);
  else if (mistake != NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, mistake);
  return *argc <= 1 && mistake == NULL;
}

void
extcap_options_clear (ExtcapOptions * self)
{
  g_free (self->wireshark_version);
  g_free (self->interface);
  g_free (self->fifo);
  g_free (self->filter);
  g_free (self->netns);
  g_free (self->record);
}
