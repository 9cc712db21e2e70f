/* gst-afring: the files that there are
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findset.h"
#include "findfolder.h"

#include <string.h>

/* Of all files together. */
#define MOST_OPEN 64

struct _FindSet
{
  const gchar *const *locations;        /* borrowed */
  FindHandles *handles;
  GPtrArray *files;             /* FindFile */
  GHashTable *by_inode;         /* the same; files of two disks can have the same */
};

FindSet *
find_set_new (const gchar * const *locations)
{
  FindSet *self = g_new0 (FindSet, 1);

  self->locations = locations;
  self->handles = find_handles_new (MOST_OPEN);
  self->files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) find_file_free);
  self->by_inode = g_hash_table_new (g_int64_hash, g_int64_equal);
  return self;
}

void
find_set_free (FindSet * self)
{
  g_hash_table_unref (self->by_inode);
  g_ptr_array_unref (self->files);
  find_handles_free (self->handles);
  g_free (self);
}

GPtrArray *
find_set_get_files (FindSet * self)
{
  return self->files;
}

static FindFile *
find (FindSet * self, const FindEntry * entry)
{
  FindFile *file = g_hash_table_lookup (self->by_inode, &entry->inode);

  if (file == NULL || file->device == entry->device)
    return file;
  for (guint i = 0; i < self->files->len; i++) {
    file = g_ptr_array_index (self->files, i);
    if (file->inode == entry->inode && file->device == entry->device)
      return file;
  }
  return NULL;
}

/* A file that is shorter than it was, or younger, is another one. */
static gboolean
is_reused (const FindFile * file, const FindEntry * entry)
{
  return entry->size < file->size || entry->born != file->born;
}

/* pcapsink names a file so when it is whole. */
static void
rename_file (FindFile * file, const gchar * path)
{
  gboolean was_part = find_file_is_part (file);

  g_free (file->path);
  file->path = g_strdup (path);
  if (was_part && !find_file_is_part (file))
    file->final = TRUE;
}

static FindFile *
add (FindSet * self, const FindEntry * entry)
{
  FindFile *file = find_file_new (self->handles, entry->path, entry->device,
      entry->inode);

  file->number = self->files->len;
  file->named = entry->named;
  file->born = entry->born;
  g_ptr_array_add (self->files, file);
  g_hash_table_replace (self->by_inode, &file->inode, file);
  return file;
}

gboolean
find_set_look (FindSet * self, GPtrArray * added, GError ** error)
{
  g_autoptr (GPtrArray) entries = find_folder_list (self->locations, error);

  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < self->files->len; i++)
    ((FindFile *) g_ptr_array_index (self->files, i))->seen = FALSE;
  for (guint i = 0; i < entries->len; i++) {
    const FindEntry *entry = g_ptr_array_index (entries, i);
    FindFile *file = find (self, entry);

    if (file == NULL || is_reused (file, entry)) {
      file = add (self, entry);
      if (added != NULL)
        g_ptr_array_add (added, file);
    } else if (strcmp (file->path, entry->path) != 0) {
      rename_file (file, entry->path);
    }
    file->size = entry->size;
    file->seen = TRUE;
  }
  return TRUE;
}
