/* afring-record: what is run for each finished file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "finished.h"

#include <gio/gio.h>

#define AT_ONCE 2

struct _Finished
{
  gchar **command;
  GQueue waiting;               /* locations, owned */
  guint running;
  gboolean failed;
  gboolean given_up;
};

Finished *
finished_new (const gchar * command, GError ** error)
{
  Finished *self;
  gchar **words;

  if (!g_shell_parse_argv (command, NULL, &words, error)) {
    g_prefix_error (error, "--exec: ");
    return NULL;
  }
  self = g_new0 (Finished, 1);
  self->command = words;
  g_queue_init (&self->waiting);
  return self;
}

void
finished_free (Finished * self)
{
  g_strfreev (self->command);
  g_queue_clear_full (&self->waiting, g_free);
  g_free (self);
}

static void
print_error (Finished * self, const GError * error)
{
  g_printerr ("afring-record: %s: %s\n", self->command[0], error->message);
  self->failed = TRUE;
}

static void run_next (Finished * self);

static void
ended (GObject * process, GAsyncResult * result, gpointer user_data)
{
  Finished *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error))
    print_error (self, error);
  self->running--;
  run_next (self);
}

/* The words of the command, and the location behind them. */
static GSubprocess *
spawn (Finished * self, const gchar * location, GError ** error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (gchar ** i = self->command; *i != NULL; i++)
    g_ptr_array_add (words, *i);
  g_ptr_array_add (words, (gchar *) location);
  g_ptr_array_add (words, NULL);
  return g_subprocess_newv ((const gchar * const *) words->pdata,
      G_SUBPROCESS_FLAGS_NONE, error);
}

static void
run_next (Finished * self)
{
  while (self->running < AT_ONCE && !g_queue_is_empty (&self->waiting)) {
    g_autofree gchar *location = g_queue_pop_head (&self->waiting);
    g_autoptr (GError) error = NULL;
    g_autoptr (GSubprocess) process = spawn (self, location, &error);

    if (process == NULL) {
      print_error (self, error);
      continue;
    }
    self->running++;
    g_subprocess_wait_check_async (process, NULL, ended, self);
  }
}

void
finished_add (Finished * self, const gchar * location)
{
  g_queue_push_tail (&self->waiting, g_strdup (location));
  run_next (self);
}

void
finished_give_up (Finished * self)
{
  self->given_up = TRUE;
}

gboolean
finished_wait (Finished * self)
{
  while (self->running > 0 && !self->given_up)
    g_main_context_iteration (NULL, TRUE);
  if (self->running == 0)
    return !self->failed;
  g_printerr ("afring-record: %s: not waited for; it still runs for %u file%s, and was not "
      "run for %u more\n", self->command[0], self->running,
      self->running == 1 ? "" : "s", g_queue_get_length (&self->waiting));
  return FALSE;
}
