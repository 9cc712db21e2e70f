/* afring-record: what it says, for people or for the journal
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A message that goes to the journal of systemd, with fields to search it by, if that is
 * what standard error leads to. To anything else it is a line of text. */
typedef struct _JournalEntry JournalEntry;

/* @level: of its PRIORITY. */
JournalEntry * journal_entry_new        (GLogLevelFlags  level);

/* NULL is left out. */
void           journal_entry_add        (JournalEntry   *self,
                                         const gchar    *field,
                                         const gchar    *value);
void           journal_entry_add_number (JournalEntry   *self,
                                         const gchar    *field,
                                         guint64         number);

/* FALSE if there is no journal: then it is for the caller to print. Frees it. */
gboolean       journal_entry_send       (JournalEntry   *self,
                                         const gchar    *message);

/* Says it there, or as "afring-record: MESSAGE". */
void           journal_say              (GLogLevelFlags  level,
                                         const gchar    *message);

G_END_DECLS
