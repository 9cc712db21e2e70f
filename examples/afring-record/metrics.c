/* afring-record: its counters for whoever watches it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "metrics.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define UNIX "unix:"
#define MOST_ANSWERS 16         /* at once */
/* Who says nothing for so long has gone. Seconds. */
#define PATIENCE 5

struct _Metrics
{
  gchar *file;                  /* or NULL */
  gchar *socket;                /* path, or NULL */
  GSocketService *service;      /* or NULL */
  guint answers;                /* under way */
  gboolean open;                /* OpenMetrics 1.0, or Prometheus' text format 0.0.4 */
  GString *text;
  gboolean failed;              /* which has been said */
};

/* The text. */

/* OpenMetrics has families: afring_files of afring_files_total. What it has grown out of,
 * and what node_exporter reads, has not, nor units. */
static void
add_head (Metrics * self, const gchar * name, const gchar * type,
    const gchar * unit, const gchar * help)
{
  const gchar *suffix = !self->open && type[0] == 'c' ? "_total" : "";

  g_string_append_printf (self->text, "# TYPE afring_%s%s %s\n", name, suffix,
      type);
  if (self->open && unit != NULL)
    g_string_append_printf (self->text, "# UNIT afring_%s %s\n", name, unit);
  g_string_append_printf (self->text, "# HELP afring_%s%s %s\n", name, suffix,
      help);
}

static void
add_counter (Metrics * self, const gchar * name, const gchar * unit,
    const gchar * help, guint64 value)
{
  add_head (self, name, "counter", unit, help);
  g_string_append_printf (self->text, "afring_%s_total %" G_GUINT64_FORMAT "\n", name,
      value);
}

static void
add_gauge (Metrics * self, const gchar * name, const gchar * unit,
    const gchar * help, gdouble value)
{
  gchar number[G_ASCII_DTOSTR_BUF_SIZE];

  add_head (self, name, "gauge", unit, help);
  g_string_append_printf (self->text, "afring_%s %s\n", name, g_ascii_dtostr (number,
          sizeof (number), value));
}

static void
add_drops (Metrics * self, const RecordCounts * counts)
{
  const struct
  {
    const gchar *place;
    guint64 packets;
  } drops[] = {
    {"ring", counts->ring_dropped},
    {"interface", counts->interface_dropped},
    {"stop", counts->discarded},
  };

  add_head (self, "dropped_packets", "counter", "packets",
      "Packets in no file: for want of room in a ring, dropped by the network adapter, "
      "lost by a stop");
  for (guint i = 0; i < G_N_ELEMENTS (drops); i++)
    g_string_append_printf (self->text, "afring_dropped_packets_total{place=\"%s\"} %"
        G_GUINT64_FORMAT "\n", drops[i].place, drops[i].packets);
}

static void
add_preroll (Metrics * self, const RecordCounts * counts)
{
  add_counter (self, "triggers", NULL, "Triggers", counts->triggers);
  add_counter (self, "aged_out_packets", "packets",
      "Packets that nothing triggered for", counts->aged_out);
  add_counter (self, "cut_packets", "packets",
      "Packets that went sooner, as the memory of the pre-roll was full",
      counts->cut);
  add_gauge (self, "held_bytes", "bytes", "Held by the pre-roll",
      counts->held_bytes);
  add_gauge (self, "held_seconds", "seconds", "From the first to the last of those",
      counts->held_time / (gdouble) GST_SECOND);
}

static void
write_text (Metrics * self, const RecordCounts * counts)
{
  g_string_truncate (self->text, 0);
  add_counter (self, "captured_packets", "packets", "Packets captured",
      counts->captured);
  add_counter (self, "captured_bytes", "bytes", "Bytes of those packets",
      counts->bytes);
  add_drops (self, counts);
  add_counter (self, "recorded_packets", "packets", "Packets in files",
      counts->recorded);
  add_counter (self, "written_bytes", "bytes", "Bytes of files",
      counts->disk_bytes);
  add_counter (self, "uncompressed_bytes", "bytes",
      "Those bytes before they were compressed", counts->file_bytes);
  add_counter (self, "stored_bytes", "bytes",
      "Of those, what there was no time to compress", counts->stored_bytes);
  add_counter (self, "files", NULL, "Files begun", counts->files);
  add_gauge (self, "kept_bytes", "bytes", "Memory kept beside the rings",
      counts->kept_bytes);
  add_gauge (self, "disk_free_bytes", "bytes", "Room where the files are",
      counts->disk_free);
  if (counts->last_packet > 0)
    add_gauge (self, "last_packet_timestamp_seconds", "seconds",
        "When packets were captured last, seconds since 1970",
        counts->last_packet / (gdouble) G_USEC_PER_SEC);
  if (counts->has_preroll)
    add_preroll (self, counts);
  if (self->open)
    g_string_append (self->text, "# EOF\n");
}

void
metrics_update (Metrics * self, const RecordCounts * counts)
{
  g_autoptr (GError) error = NULL;

  write_text (self, counts);
  /* whatever the mode of recordings is, these may be read */
  if (self->file == NULL || (g_file_set_contents (self->file, self->text->str,
              self->text->len, &error) && g_chmod (self->file, 0644) == 0)) {
    self->failed = FALSE;
    return;
  }
  if (!self->failed)
    g_printerr ("afring-record: --metrics: %s\n", error != NULL ? error->message :
        g_strerror (errno));
  self->failed = TRUE;
}

/* Over HTTP: whatever is asked for, that is the answer. */

typedef struct
{
  Metrics *metrics;
  GSocketConnection *connection;
  gchar request[4096];
  gchar *answer;
} Answer;

static void
free_answer (Answer * self)
{
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_object_unref (self->connection);
  if (self->metrics->answers-- == MOST_ANSWERS)
    g_socket_service_start (self->metrics->service);
  g_free (self->answer);
  g_free (self);
}

static void
written (GObject * stream, GAsyncResult * result, gpointer user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, NULL);
  free_answer (user_data);
}

static void
asked (GObject * stream, GAsyncResult * result, gpointer user_data)
{
  Answer *self = user_data;

  if (g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL) <= 0) {
    free_answer (self);
    return;
  }
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM
          (self->connection)), self->answer, strlen (self->answer),
      G_PRIORITY_LOW, NULL, written, self);
}

static gboolean
incoming (GSocketService * service, GSocketConnection * connection,
    GObject * source, gpointer user_data)
{
  Metrics *self = user_data;
  Answer *answer = g_new0 (Answer, 1);

  answer->metrics = self;
  answer->connection = g_object_ref (connection);
  if (++self->answers == MOST_ANSWERS)
    g_socket_service_stop (self->service);
  answer->answer = g_strdup_printf ("HTTP/1.0 200 OK\r\nContent-Type: "
      CONTENT_TYPE "\r\nContent-Length: %" G_GSIZE_FORMAT
      "\r\nConnection: close\r\n\r\n%s", self->text->len, self->text->str);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), PATIENCE);
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM
          (connection)), answer->request, sizeof (answer->request),
      G_PRIORITY_LOW, NULL, asked, answer);
  return TRUE;
}

/* Of an earlier one that did not get to its end. */
static void
remove_socket (const gchar * path)
{
  GStatBuf info;

  if (g_stat (path, &info) == 0 && S_ISSOCK (info.st_mode))
    g_unlink (path);
}

static GSocketAddress *
make_address (Metrics * self, const gchar * where, GError ** error)
{
  const gchar *colon = strrchr (where, ':');
  g_autofree gchar *host = g_strndup (where, colon - where);
  GSocketAddress *address;
  guint64 port;

  if (g_str_has_prefix (where, UNIX)) {
    self->socket = g_strdup (where + strlen (UNIX));
    remove_socket (self->socket);
    return g_unix_socket_address_new (self->socket);
  }
  address = g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port,
      NULL) ? g_inet_socket_address_new_from_string (host[0] != '\0' ? host :
      "127.0.0.1", port) : NULL;
  if (address == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--metrics %s: it takes a file, ADDRESS:PORT, :PORT or unix:PATH", where);
  return address;
}

static gboolean
serve (Metrics * self, const gchar * where, GError ** error)
{
  g_autoptr (GSocketAddress) address = make_address (self, where, error);

  if (address == NULL)
    return FALSE;
  self->service = g_socket_service_new ();
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
          G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error)) {
    g_prefix_error (error, "--metrics %s: ", where);
    return FALSE;
  }
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming), self);
  return TRUE;
}

Metrics *
metrics_new (const gchar * where, GError ** error)
{
  Metrics *self = g_new0 (Metrics, 1);
  const RecordCounts nothing = { 0, };

  self->text = g_string_new (NULL);
  self->open = TRUE;
  if (!g_str_has_prefix (where, UNIX)
      && (strchr (where, '/') != NULL || strchr (where, ':') == NULL)) {
    self->file = g_strdup (where);
    self->open = FALSE;
  } else if (!serve (self, where, error)) {
    metrics_free (self);
    return NULL;
  }
  metrics_update (self, &nothing);
  return self;
}

void
metrics_free (Metrics * self)
{
  if (self->service != NULL) {
    g_socket_service_stop (self->service);
    g_socket_listener_close (G_SOCKET_LISTENER (self->service));
    g_object_unref (self->service);
  }
  if (self->socket != NULL)
    remove_socket (self->socket);
  g_free (self->file);
  g_free (self->socket);
  g_string_free (self->text, TRUE);
  g_free (self);
}
