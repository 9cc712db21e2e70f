/* A run of afringmocksrc with synthetic packets, of which every byte is checked.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockrun.h"

#include <stdio.h>
#include <string.h>

#define WAIT_LIMIT ((mock_is_slow () ? 120 : 30) * G_TIME_SPAN_SECOND)

gboolean
mock_is_slow (void)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL;
}

static void
kept_free (gpointer data)
{
  MockKept *kept = data;

  gst_buffer_unref (kept->buffer);
  g_free (kept->copy);
  g_free (kept);
}

void
mock_run_blame (MockRun * run, const gchar * what, guint number)
{
  if (run->wrong == NULL)
    run->wrong = g_strdup_printf ("packet %u: %s", number, what);
}

static void
keep (MockRun * run, GstBuffer * buffer, const GstMapInfo * map)
{
  MockKept *kept = g_new (MockKept, 1);

  kept->buffer = gst_buffer_ref (buffer);
  kept->size = map->size;
  kept->copy = g_memdup2 (map->data, map->size);
  g_ptr_array_add (run->kept, kept);
}

/* With the lock. */
static void
take (MockRun * run, GstBuffer * buffer)
{
  guint keep_every = g_atomic_int_get (&run->keep_every);
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    guint32 number = GST_READ_UINT32_BE (map.data + MOCK_NUMBER_AT);

    if (run->expected == NULL)
      run->expected = g_memdup2 (map.data, map.size);
    if (run->gaps && number > run->next)
      run->next = number;
    GST_WRITE_UINT32_BE (run->expected + MOCK_NUMBER_AT, run->next);
    if (map.size != run->size || memcmp (map.data, run->expected, map.size))
      mock_run_blame (run, "lost, or with wrong bytes", run->next);
    if (keep_every != 0 && run->next % keep_every == 0)
      keep (run, buffer, &map);
    gst_buffer_unmap (buffer, &map);
  } else {
    mock_run_blame (run, "cannot be mapped", run->next);
  }
  if (run->took != NULL)
    run->took (run, buffer, run->next);
  run->next++;
  run->n++;
}

static GstPadProbeReturn
take_list (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  MockRun *run = user_data;

  g_mutex_lock (&run->lock);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    take (run, gst_buffer_list_get (list, i));
  g_cond_broadcast (&run->cond);
  g_mutex_unlock (&run->lock);
  if (run->pushing != NULL)
    run->pushing (run);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_eos (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  MockRun *run = user_data;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS) {
    g_mutex_lock (&run->lock);
    run->n_eos++;
    g_mutex_unlock (&run->lock);
  }
  return GST_PAD_PROBE_OK;
}

MockRun *
mock_run_new (guint size, guint keep_every, const gchar * format, ...)
{
  MockRun *run = g_new0 (MockRun, 1);
  g_autofree gchar *properties = NULL, *line = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  properties = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strdup_printf ("afringmocksrc name=src packet-size=%u %s ! fakesink "
      "async=false sync=false enable-last-sample=false", size, properties);
  run->pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  run->src = gst_bin_get_by_name (GST_BIN (run->pipeline), "src");
  run->bus = gst_element_get_bus (run->pipeline);
  run->size = size;
  run->keep_every = keep_every;
  g_mutex_init (&run->lock);
  g_cond_init (&run->cond);
  run->kept = g_ptr_array_new_with_free_func (kept_free);
  run->pad = gst_element_get_static_pad (run->src, "src");
  gst_pad_add_probe (run->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, take_list, run,
      NULL);
  gst_pad_add_probe (run->pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, count_eos,
      run, NULL);
  return run;
}

void
mock_run_set_state (MockRun * run, GstState state)
{
  gint64 start = g_get_monotonic_time ();

  fail_unless (gst_element_set_state (run->pipeline, state) !=
      GST_STATE_CHANGE_FAILURE);
  fail_unless (g_get_monotonic_time () - start <
      (mock_is_slow () ? 60 : 10) * G_TIME_SPAN_SECOND);
}

void
mock_run_play (MockRun * run)
{
  mock_run_set_state (run, GST_STATE_PLAYING);
}

guint
mock_run_count (MockRun * run)
{
  guint n;

  g_mutex_lock (&run->lock);
  n = run->n;
  g_mutex_unlock (&run->lock);
  return n;
}

void
mock_run_wait (MockRun * run, guint n)
{
  gint64 limit = g_get_monotonic_time () + WAIT_LIMIT;
  guint come;

  g_mutex_lock (&run->lock);
  while (run->n < n && g_cond_wait_until (&run->cond, &run->lock, limit));
  come = run->n;
  g_mutex_unlock (&run->lock);
  fail_unless (come >= n, "%u of %u packets came", come, n);
}

void
mock_run_wait_eos (MockRun * run)
{
  GstMessage *message = gst_bus_timed_pop_filtered (run->bus,
      WAIT_LIMIT * GST_USECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "no end after %u packets",
      mock_run_count (run));
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  fail_unless_equals_int (run->n_eos, 1);
  mock_run_check (run);
}

void
mock_run_to_end (MockRun * run, guint n)
{
  mock_run_wait_eos (run);
  fail_unless_equals_int (mock_run_count (run), n);
}

guint
mock_run_wait_stall (MockRun * run, guint64 bound)
{
  const gint64 quiet = (mock_is_slow () ? 2000 : 400) *
      G_TIME_SPAN_MILLISECOND;
  gint64 now = g_get_monotonic_time (), since = now, limit = now + WAIT_LIMIT;
  guint n = mock_run_count (run), last = n;

  for (; now < since + quiet; now = g_get_monotonic_time ()) {
    guint64 evicted = mock_run_get_stat (run, "evicted-bytes");

    fail_unless (evicted <= bound, "%" G_GUINT64_FORMAT " evicted", evicted);
    fail_unless (now < limit, "%u packets and no stop", n);
    n = mock_run_count (run);
    if (n != last)
      since = now;
    last = n;
    g_usleep (500);
  }
  return n;
}

void
mock_kept_check (GPtrArray * kept)
{
  for (guint i = 0; i < kept->len; i++) {
    MockKept *one = g_ptr_array_index (kept, i);

    fail_unless_equals_int (gst_buffer_get_size (one->buffer), one->size);
    fail_unless (gst_buffer_memcmp (one->buffer, 0, one->copy, one->size) == 0,
        "kept packet %u", GST_READ_UINT32_BE (one->copy + MOCK_NUMBER_AT));
  }
}

void
mock_run_check (MockRun * run)
{
  g_mutex_lock (&run->lock);
  fail_unless (run->wrong == NULL, "%s", run->wrong);
  mock_kept_check (run->kept);
  g_mutex_unlock (&run->lock);
}

void
mock_run_let_go (MockRun * run)
{
  g_mutex_lock (&run->lock);
  g_ptr_array_set_size (run->kept, 0);
  g_mutex_unlock (&run->lock);
}

void
mock_run_let_go_of_half (MockRun * run)
{
  g_mutex_lock (&run->lock);
  g_ptr_array_remove_range (run->kept, 0, run->kept->len / 2);
  g_mutex_unlock (&run->lock);
}

guint64
mock_run_get_stat (MockRun * run, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (run->src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "no %s", field);
  return value;
}

void
mock_run_wait_for_stat (MockRun * run, const gchar * field, guint64 expected)
{
  gint64 limit = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;
  guint64 value;

  while ((value = mock_run_get_stat (run, field)) != expected
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless (value == expected, "%s is %" G_GUINT64_FORMAT, field, value);
}

GPtrArray *
mock_run_free_but_kept (MockRun * run)
{
  GPtrArray *kept;

  mock_run_set_state (run, GST_STATE_NULL);
  fail_unless (run->wrong == NULL, "%s", run->wrong);
  kept = g_steal_pointer (&run->kept);
  gst_object_unref (run->bus);
  gst_object_unref (run->pad);
  gst_object_unref (run->src);
  gst_object_unref (run->pipeline);
  g_mutex_clear (&run->lock);
  g_cond_clear (&run->cond);
  g_free (run->expected);
  g_free (run->wrong);
  g_free (run);
  return kept;
}

void
mock_run_free (MockRun * run)
{
  g_ptr_array_unref (mock_run_free_but_kept (run));
}

static gchar **
read_maps (void)
{
  g_autofree gchar *maps = NULL;

  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  return g_strsplit (maps, "\n", -1);
}

gboolean
mock_is_in_ring (gconstpointer address)
{
  g_auto (GStrv) lines = read_maps ();

  for (gchar ** line = lines; *line != NULL; line++) {
    gulong start, end;

    if (sscanf (*line, "%lx-%lx", &start, &end) == 2
        && (gulong) address >= start && (gulong) address < end)
      return strstr (*line, "memfd:") != NULL;
  }
  return FALSE;
}

guint
mock_count_maps (void)
{
  g_auto (GStrv) lines = read_maps ();

  return g_strv_length (lines);
}
