/* afring-find: packets in many capture files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afring-find -r capture/ --from '2026-11-28 14:00' --to +5m 'host 192.0.2.7' -w out.pcapng
 *   afring-find -r capture/ --list
 */

#include "config.h"

#include "describe.h"
#include "indexing.h"
#include "verifying.h"

#include "../../plugin/stream/findfolder.h"

#include <locale.h>
#include <stdio.h>

/* As grep's. */
#define EXIT_FOUND 0
#define EXIT_NOTHING 1
#define EXIT_TROUBLE 2

/* Of one file. */
typedef struct
{
  GstClockTime first, last;
  GHashTable *drops;            /* guint64 by interface; the last ones count */
} Listed;

static void
list_packet (GstBuffer * packet, guint link_type, gpointer user_data)
{
  GstClockTime time = gst_buffer_get_packet_meta (packet)->capture_time;
  Listed *self = user_data;

  if (time == GST_CLOCK_TIME_NONE)
    return;
  self->first = MIN (self->first, time);
  self->last = self->last == GST_CLOCK_TIME_NONE ? time : MAX (self->last,
      time);
}

static void
list_statistics (const GstCaptureStatistics * statistics, gpointer user_data)
{
  Listed *self = user_data;
  guint64 *drops = g_new (guint64, 1);

  *drops = statistics->packets_dropped;
  g_hash_table_insert (self->drops, GUINT_TO_POINTER (statistics->id), drops);
}

static guint64
sum_drops (Listed * self)
{
  GHashTableIter iter;
  gpointer drops;
  guint64 sum = 0;

  g_hash_table_iter_init (&iter, self->drops);
  while (g_hash_table_iter_next (&iter, NULL, &drops))
    sum += *(guint64 *) drops;
  return sum;
}

static gboolean
list_file (const FindOptions * options, gchar * path, guint64 * found)
{
  Listed listed = { GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
    g_hash_table_new_full (NULL, NULL, NULL, g_free)
  };
  const SearchFuncs funcs = { list_packet, list_statistics, &listed };
  gchar *locations[] = { path, NULL };
  gboolean done = search_run (options, locations, &funcs, found);
  g_autofree gchar *first = describe_time (listed.first, options->json);
  g_autofree gchar *last = describe_time (listed.last, options->json);
  g_autofree gchar *escaped = describe_json_string (path);

  /* JSON is UTF-8, whatever the terminal's is */
  if (done && options->json)
    printf ("{\"file\":%s,\"first\":\"%s\",\"last\":\"%s\",\"packets\":%"
        G_GUINT64_FORMAT ",\"dropped\":%" G_GUINT64_FORMAT "}\n", escaped,
        first, last, *found, sum_drops (&listed));
  else if (done)
    g_print ("%s: %s to %s, %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
        " dropped\n", path, first, last, *found, sum_drops (&listed));
  g_hash_table_unref (listed.drops);
  return done;
}

/* One bad file does not end it. */
static int
list (const FindOptions * options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries =
      find_folder_list ((const gchar * const *) options->read, &error);
  int status = EXIT_NOTHING;

  if (entries == NULL) {
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
    return EXIT_TROUBLE;
  }
  for (guint i = 0; i < entries->len; i++) {
    FindEntry *entry = g_ptr_array_index (entries, i);
    guint64 found;

    if (!entry->named && !find_folder_is_capture_name (entry->path))
      continue;
    if (!list_file (options, entry->path, &found))
      status = EXIT_TROUBLE;
    else if (status == EXIT_NOTHING)
      status = EXIT_FOUND;
  }
  return status;
}

static int
find (const FindOptions * options)
{
  gboolean plain = options->write == NULL && !options->count
      && !options->flows;
  Flows *flows = options->flows ? flows_new () : NULL;
  SearchFuncs funcs = { NULL, NULL, NULL };
  guint64 found;
  gboolean done;

  if (plain) {
    funcs.packet = describe_packet;
    funcs.user_data = GINT_TO_POINTER (options->json);
  } else if (flows != NULL) {
    funcs.packet = flows_take;
    funcs.user_data = flows;
  }
  done = search_run (options, options->read, &funcs, &found);
  if (done && options->count)
    g_print (options->json ? "{\"packets\":%" G_GUINT64_FORMAT "}\n" : "%"
        G_GUINT64_FORMAT "\n", found);
  if (flows != NULL) {
    flows_print (flows, options->json);
    flows_free (flows);
  }
  if (!done)
    return EXIT_TROUBLE;
  return found > 0 ? EXIT_FOUND : EXIT_NOTHING;
}

static int
handle_indexes (const FindOptions * options)
{
  int status = EXIT_FOUND;

  for (gchar ** file = options->words; *file != NULL; file++)
    if (!(options->index ? indexing_make (*file, options->append) :
            verifying_run (*file)))
      status = EXIT_TROUBLE;
  return status;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  FindOptions options;
  int status;

  setlocale (LC_CTYPE, "");
  g_set_prgname ("afring-find");
  if (!find_options_parse (&options, &argc, &argv, &error)) {
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
    status = EXIT_TROUBLE;
  } else if (options.version) {
    g_print ("afring-find %s\n", VERSION);
    status = EXIT_FOUND;
  } else if (options.index || options.verify) {
    status = handle_indexes (&options);
  } else {
    status = options.list ? list (&options) : find (&options);
  }
  find_options_clear (&options);
  return status;
}
