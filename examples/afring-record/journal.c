/* afring-record: what it says, for people or for the journal
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "journal.h"

#include <unistd.h>

struct _JournalEntry
{
  GLogLevelFlags level;
  GArray *fields;               /* GLogField */
  GPtrArray *values;            /* that they borrow */
};

/* As syslog has them, in systemd.journal-fields(7). */
static const gchar *
get_priority (GLogLevelFlags level)
{
  switch (level) {
    case G_LOG_LEVEL_CRITICAL:
      return "3";
    case G_LOG_LEVEL_WARNING:
      return "4";
    default:
      return "6";
  }
}

JournalEntry *
journal_entry_new (GLogLevelFlags level)
{
  JournalEntry *self = g_new0 (JournalEntry, 1);

  self->level = level;
  self->fields = g_array_new (FALSE, FALSE, sizeof (GLogField));
  self->values = g_ptr_array_new_with_free_func (g_free);
  journal_entry_add (self, "PRIORITY", get_priority (level));
  journal_entry_add (self, "SYSLOG_IDENTIFIER", "afring-record");
  return self;
}

void
journal_entry_add (JournalEntry * self, const gchar * field,
    const gchar * value)
{
  GLogField entry = { field, NULL, -1 };

  if (value == NULL)
    return;
  entry.value = g_strdup (value);
  g_ptr_array_add (self->values, (gpointer) entry.value);
  g_array_append_val (self->fields, entry);
}

void
journal_entry_add_number (JournalEntry * self, const gchar * field,
    guint64 number)
{
  g_autofree gchar *value = g_strdup_printf ("%" G_GUINT64_FORMAT, number);

  journal_entry_add (self, field, value);
}

gboolean
journal_entry_send (JournalEntry * self, const gchar * message)
{
  gboolean sent = FALSE;

  if (g_log_writer_is_journald (STDERR_FILENO)) {
    journal_entry_add (self, "MESSAGE", message);
    sent = g_log_writer_journald (self->level, (GLogField *) self->fields->data,
        self->fields->len, NULL) == G_LOG_WRITER_HANDLED;
  }
  g_array_unref (self->fields);
  g_ptr_array_unref (self->values);
  g_free (self);
  return sent;
}

void
journal_say (GLogLevelFlags level, const gchar * message)
{
  if (!journal_entry_send (journal_entry_new (level), message))
    g_printerr ("afring-record: %s\n", message);
}
