/* afring-record: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "options.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

#define KB 1000                 /* what dumpcap counts sizes of files in */
#define MOST_LEVEL 22           /* of any compression */
#define DEFAULT_MODE 0600       /* what is captured is nobody else's business */

static const gchar summary[] =
    "Records the packets of network interfaces. Ctrl-C ends it; with no -w it writes "
    "afring-DATE.pcapng in this folder.\n\n"
    "SIZE is a number with k, M, G (of 1000) or Ki, Mi, Gi (of 1024), TIME one with ms, s, m, "
    "h or d; alone they are what dumpcap takes: kB, and seconds.";

static const gchar description[] =
    "-b begins another file: after duration:TIME, filesize:SIZE or packets:N, at each "
    "multiple of interval:TIME since midnight; files:N keeps the newest N. -a ends "
    "the recording: after duration:TIME, filesize:SIZE (some more, of all files), "
    "packets:N or files:N. Both can be given several times.\n\n"
    "Signals: INT and TERM end it, and nothing is lost; HUP begins another file; USR1 prints "
    "what was recorded up to now; USR2 is a trigger.\n\n"
    "Exit status: 0 if all that was captured is in the files, 3 if packets were dropped, 2 "
    "for a wrong option, 1 for any other error.\n\n"
    "Example: afring-record -i eth0 -f \"udp port 5004\" -w day.pcapng -b interval:1h -b files:24";

static GOptionEntry *
make_entries (RecordOptions * self)
{
  const GOptionEntry entries[] = {
    {"interface", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &self->interfaces,
        "Interface to capture on, or \"any\"; several: all of them into the same "
          "files. The first that is up if not given", "NAME"},
    {"list-interfaces", 'D', 0, G_OPTION_ARG_NONE, &self->list,
        "List the interfaces and end", NULL},
    {"filter", 'f', 0, G_OPTION_ARG_STRING, &self->filter,
        "Only packets that match, see pcap-filter(7)", "EXPRESSION"},
    {"write", 'w', 0, G_OPTION_ARG_FILENAME, &self->location,
        "File to write; - is the standard output. With -b a number and the time are put "
          "into its name, unless it has %d or a date (strftime(3)) in it", "FILE"},
    {"snapshot-length", 's', 0, G_OPTION_ARG_STRING, &self->snaplen,
        "Bytes to keep of a packet", "SIZE"},
    {"no-promiscuous-mode", 'p', 0, G_OPTION_ARG_NONE, &self->not_promiscuous,
        "Only what is for this machine", NULL},
    {"ring-buffer", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &self->rotation,
        "Begin another file, see below", "WHAT:VALUE"},
    {"autostop", 'a', 0, G_OPTION_ARG_STRING_ARRAY, &self->ends,
        "End the recording, see below", "WHAT:VALUE"},
    {"count", 'c', 0, G_OPTION_ARG_STRING, &self->count,
        "End after so many packets", "N"},
    {"buffer-size", 'B', 0, G_OPTION_ARG_STRING, &self->buffer_size,
        "Memory of the ring of each interface; alone in MiB (64)", "SIZE"},
    {"thread-per-interface", 't', 0, G_OPTION_ARG_NONE, &self->thread,
        "As it is anyway", NULL},
    {"pcapng", 'n', 0, G_OPTION_ARG_NONE, &self->pcapng,
        "Write pcapng, as it does anyway unless the name ends in .pcap", NULL},
    {"pcap", 'P', 0, G_OPTION_ARG_NONE, &self->pcap, "Write classic pcap", NULL},
    {"compress", 0, 0, G_OPTION_ARG_STRING, &self->compress,
        "zstd or gzip, with :LEVEL if it is not to be what the processors can do; by "
          "itself if the name ends in .zst or .gz, or else none", "TYPE"},
    {"time-stamp-type", 0, 0, G_OPTION_ARG_STRING, &self->time_stamp_type,
        "host (the kernel's), or adapter (the network adapter's own clock)", "TYPE"},
    {"netns", 0, 0, G_OPTION_ARG_STRING, &self->netns,
        "Network namespace of the interfaces, a name or a path", "NAME"},
    {"mode", 0, 0, G_OPTION_ARG_STRING, &self->mode,
        "Permissions of the files, octal (600)", "MODE"},
    {"make-folders", 0, 0, G_OPTION_ARG_NONE, &self->make_folders,
        "Make the folders of files, as is done for a name with % in it anyway", NULL},
    {"relinquish-privileges", 'Z', 0, G_OPTION_ARG_STRING, &self->user,
        "Run as that user, with no right but to capture; the files are his", "USER"},
    {"pre-roll", 0, 0, G_OPTION_ARG_STRING, &self->pre_roll,
        "Write nothing until a trigger, and then from so long before it on", "TIME"},
    {"pre-roll-size", 0, 0, G_OPTION_ARG_STRING, &self->pre_roll_size,
        "Memory for that; alone in MiB (1024)", "SIZE"},
    {"post-roll", 0, 0, G_OPTION_ARG_STRING, &self->post_roll,
        "End the file so long after the last trigger (not before the end)", "TIME"},
    {"trigger", 0, 0, G_OPTION_ARG_STRING, &self->trigger,
        "A packet that matches is a trigger, see pcap-filter(7)", "EXPRESSION"},
    {"trigger-rtp-loss", 0, 0, G_OPTION_ARG_NONE, &self->trigger_loss,
        "RTP of which the network has lost packets is a trigger", NULL},
    {"exec", 0, 0, G_OPTION_ARG_STRING, &self->exec,
        "Run it for each finished file, whose name is put behind it", "COMMAND"},
    {"metrics", 0, 0, G_OPTION_ARG_STRING, &self->metrics,
        "Write its counters into a file for Prometheus, or serve them at :PORT or unix:PATH", "WHERE"},
    {"recover", 0, 0, G_OPTION_ARG_FILENAME, &self->recover,
        "Complete the files that a crash has left in a folder, and end", "FOLDER"},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet,
        "Print no line about the packets while it records", NULL},
    {"version", 'v', 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL},
    {NULL}
  };

  return g_memdup2 (entries, sizeof (entries));
}

static gboolean
set_unknown (const gchar * letter, const gchar * text, const gchar * known,
    GError ** error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "-%s %s: it takes %s", letter, text, known);
  return FALSE;
}

/* The value of "WHAT:VALUE"; NULL if it is another one. */
static const gchar *
get_value (const gchar * text, const gchar * what)
{
  gsize length = strlen (what);

  return strncmp (text, what, length) == 0 && text[length] == ':' ?
      text + length + 1 : NULL;
}

static gboolean
read_rotation (RecordOptions * self, const gchar * text, GError ** error)
{
  const gchar *value;

  if ((value = get_value (text, "duration")) != NULL)
    return units_parse_time (value, &self->max_duration, error);
  if ((value = get_value (text, "interval")) != NULL)
    return units_parse_time (value, &self->rotate_at, error);
  if ((value = get_value (text, "filesize")) != NULL)
    return units_parse_size (value, KB, &self->max_size, error);
  if ((value = get_value (text, "packets")) != NULL)
    return units_parse_count (value, &self->max_packets, error);
  if ((value = get_value (text, "files")) != NULL)
    return units_parse_count (value, &self->max_files, error);
  return set_unknown ("b", text, "duration:TIME, interval:TIME, filesize:SIZE, "
      "packets:N and files:N", error);
}

static gboolean
read_end (RecordOptions * self, const gchar * text, GError ** error)
{
  const gchar *value;

  if ((value = get_value (text, "duration")) != NULL)
    return units_parse_time (value, &self->end_duration, error);
  if ((value = get_value (text, "filesize")) != NULL)
    return units_parse_size (value, KB, &self->end_size, error);
  if ((value = get_value (text, "packets")) != NULL)
    return units_parse_count (value, &self->end_packets, error);
  if ((value = get_value (text, "files")) != NULL)
    return units_parse_count (value, &self->end_files, error);
  return set_unknown ("a", text, "duration:TIME, filesize:SIZE, packets:N and "
      "files:N", error);
}

static gboolean
read_mode (RecordOptions * self, GError ** error)
{
  guint64 mode = DEFAULT_MODE;

  if (self->mode != NULL && !g_ascii_string_to_unsigned (self->mode, 8, 0, 0777,
          &mode, NULL))
    return set_unknown ("-mode", self->mode, "permissions such as 640", error);
  self->umask = ~(guint) mode & 0777;
  return TRUE;
}

/* The names that libpcap has for them. */
static gboolean
read_timestamps (RecordOptions * self, GError ** error)
{
  if (self->time_stamp_type == NULL
      || strcmp (self->time_stamp_type, "host") == 0)
    self->timestamp_source = "software";
  else if (strcmp (self->time_stamp_type, "adapter") == 0
      || strcmp (self->time_stamp_type, "adapter_unsynced") == 0)
    self->timestamp_source = "hardware";
  else
    return set_unknown ("-time-stamp-type", self->time_stamp_type,
        "host and adapter", error);
  return TRUE;
}

/* What could be done all the same is not what was meant. */
static gboolean
check_rotation (const RecordOptions * self, GError ** error)
{
  const gchar *why = NULL;

  if (!record_options_rotates (self)) {
    if (self->end_files > 0 && self->pre_roll == NULL)
      why = "-a files: say with -b when another file begins";
  } else if (self->location != NULL && strcmp (self->location, "-") == 0)
    why = "-b: the standard output is one file, give another one with -w";
  else if (self->max_size == 0 && self->max_packets == 0
      && self->max_duration == 0 && self->rotate_at == 0)
    why = "-b files: say with duration, interval, filesize or packets, too, when "
        "another file begins";
  if (why != NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
  return why == NULL;
}

static gboolean
read_preroll (RecordOptions * self, GError ** error)
{
  if (self->pre_roll == NULL) {
    if (self->pre_roll_size == NULL && self->post_roll == NULL
        && self->trigger == NULL && !self->trigger_loss)
      return TRUE;
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--trigger, --trigger-rtp-loss, --post-roll and --pre-roll-size need a --pre-roll");
    return FALSE;
  }
  if (!units_parse_time (self->pre_roll, &self->pre_roll_time, error)
      || (self->pre_roll_size != NULL && !units_parse_size (self->pre_roll_size,
              1 << 20, &self->pre_roll_bytes, error)))
    return FALSE;
  return self->post_roll == NULL
      || units_parse_time (self->post_roll, &self->post_roll_time, error);
}

/* FALSE if it is not written. */
static gboolean
set_compression (RecordOptions * self, const gchar * name)
{
  static const GstPcapCompression written[] = {
    GST_PCAP_COMPRESSION_NONE, GST_PCAP_COMPRESSION_GZIP,
    GST_PCAP_COMPRESSION_ZSTD
  };

  for (guint i = 0; i < G_N_ELEMENTS (written); i++) {
    if (strcmp (name, gst_pcap_compression_get_name (written[i])) == 0) {
      self->compression = written[i];
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
read_compression (RecordOptions * self, GError ** error)
{
  g_auto (GStrv) parts = NULL;
  guint64 level = 0;
  gboolean known;

  self->compression_level = -1;
  if (self->compress == NULL) {
    if (self->location != NULL)
      set_compression (self, gst_pcap_compression_get_name
          (gst_pcap_compression_from_name (self->location)));
    return TRUE;
  }
  parts = g_strsplit (self->compress, ":", 2);
  known = parts[0] != NULL && set_compression (self, parts[0]);
  if (known && parts[1] == NULL)
    return TRUE;
  if (known && g_ascii_string_to_unsigned (parts[1], 10, 0, MOST_LEVEL, &level,
          NULL)) {
    self->compression_level = level;
    return TRUE;
  }
  return set_unknown ("-compress", self->compress, "zstd, gzip, none, and a level such "
      "as zstd:19", error);
}

static gboolean
read_all (RecordOptions * self, GError ** error)
{
  for (gchar ** i = self->rotation; i != NULL && *i != NULL; i++)
    if (!read_rotation (self, *i, error))
      return FALSE;
  for (gchar ** i = self->ends; i != NULL && *i != NULL; i++)
    if (!read_end (self, *i, error))
      return FALSE;
  if (self->count != NULL
      && !units_parse_count (self->count, &self->end_packets, error))
    return FALSE;
  if (self->snaplen != NULL
      && !units_parse_size (self->snaplen, 1, &self->snaplen_bytes, error))
    return FALSE;
  if (self->buffer_size != NULL
      && !units_parse_size (self->buffer_size, 1 << 20, &self->ring_bytes, error))
    return FALSE;
  if (self->pcap && self->pcapng) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "-n and -P: a file has one format");
    return FALSE;
  }
  return read_preroll (self, error) && read_compression (self, error)
      && check_rotation (self, error)
      && read_mode (self, error) && read_timestamps (self, error);
}

gboolean
record_options_parse (RecordOptions * self, int *argc, char ***argv,
    GError ** error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree GOptionEntry *entries = make_entries (self);

  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "\"%s\" belongs to no option; a filter has to be given with -f", (*argv)[1]);
    return FALSE;
  }
  return read_all (self, error);
}

gboolean
record_options_rotates (const RecordOptions * self)
{
  return self->rotation != NULL;
}

void
record_options_clear (RecordOptions * self)
{
  g_strfreev (self->interfaces);
  g_strfreev (self->rotation);
  g_strfreev (self->ends);
  g_free (self->filter);
  g_free (self->location);
  g_free (self->snaplen);
  g_free (self->buffer_size);
  g_free (self->count);
  g_free (self->netns);
  g_free (self->time_stamp_type);
  g_free (self->mode);
  g_free (self->pre_roll);
  g_free (self->pre_roll_size);
  g_free (self->post_roll);
  g_free (self->trigger);
  g_free (self->exec);
  g_free (self->metrics);
  g_free (self->user);
  g_free (self->recover);
  g_free (self->compress);
}
