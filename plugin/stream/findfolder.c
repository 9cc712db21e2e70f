/* gst-afring: which files are to be read
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findfolder.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

void
find_entry_free (FindEntry * self)
{
  g_free (self->path);
  g_free (self);
}

typedef struct
{
  GPtrArray *entries;
  GHashTable *known;            /* the same, by file */
} Listing;

static guint
entry_hash (gconstpointer key)
{
  const FindEntry *entry = key;

  return g_int64_hash (&entry->inode) ^ (guint) entry->device;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const FindEntry *first = a, *second = b;

  return first->inode == second->inode && first->device == second->device;
}

/* Disks give the number of a file that was removed to the next. */
static guint64
get_birth (const gchar * path)
{
  struct statx info;

  if (statx (AT_FDCWD, path, 0, STATX_BTIME, &info) != 0
      || !(info.stx_mask & STATX_BTIME))
    return 0;
  return info.stx_btime.tv_sec * G_GUINT64_CONSTANT (1000000000) +
      info.stx_btime.tv_nsec;
}

/* Two names, or two patterns, can be of one file. */
static void
add (Listing * self, const gchar * path, const struct stat *info,
    gboolean named)
{
  FindEntry *entry = g_new0 (FindEntry, 1);

  entry->path = g_strdup (path);
  entry->device = info->st_dev;
  entry->inode = info->st_ino;
  entry->size = info->st_size;
  entry->born = get_birth (path);
  entry->named = named;
  if (g_hash_table_contains (self->known, entry)) {
    find_entry_free (entry);
    return;
  }
  g_hash_table_add (self->known, entry);
  g_ptr_array_add (self->entries, entry);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

static gboolean
is_index (const gchar * path)
{
  return g_str_has_suffix (path, FIND_INDEX_SUFFIX)
      || g_str_has_suffix (path, FIND_INDEX_SUFFIX ".part");
}

static gboolean
add_folder (Listing * self, const gchar * path, GError ** error)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;
  struct stat info;

  if (folder == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    if (name[0] != '.')
      g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    /* one that has gone meanwhile is none */
    if (!is_index (g_ptr_array_index (names, i))
        && stat (g_ptr_array_index (names, i), &info) == 0
        && S_ISREG (info.st_mode))
      add (self, g_ptr_array_index (names, i), &info, FALSE);
  return TRUE;
}

static void
add_pattern (Listing * self, const gchar * pattern)
{
  struct stat info;
  glob_t found;

  if (glob (pattern, 0, NULL, &found) == 0)
    for (gsize i = 0; i < found.gl_pathc; i++)
      if (!is_index (found.gl_pathv[i]) && stat (found.gl_pathv[i], &info) == 0 && S_ISREG (info.st_mode))
        add (self, found.gl_pathv[i], &info, FALSE);
  globfree (&found);
}

static gboolean
add_location (Listing * self, const gchar * location, GError ** error)
{
  struct stat info;
  int reason;

  if (stat (location, &info) == 0) {
    if (S_ISDIR (info.st_mode))
      return add_folder (self, location, error);
    if (S_ISREG (info.st_mode)) {
      add (self, location, &info, TRUE);
      return TRUE;
    }
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "\"%s\" is neither a file nor a folder: what comes through a pipe is for "
        "\"filesrc ! pcapdec\"", location);
    return FALSE;
  }
  reason = errno;
  if (strpbrk (location, "*?[") != NULL) {
    add_pattern (self, location);
    return TRUE;
  }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason),
      "Cannot read \"%s\": %s", location, g_strerror (reason));
  return FALSE;
}

GPtrArray *
find_folder_list (const gchar * const *locations, GError ** error)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) find_entry_free);
  g_autoptr (GHashTable) known = g_hash_table_new (entry_hash, entry_equal);
  Listing listing = { entries, known };

  for (guint i = 0; locations[i] != NULL; i++)
    if (!add_location (&listing, locations[i], error))
      return NULL;
  return g_steal_pointer (&entries);
}

/* Also "a.pcap12" of tcpdump -C, "a.pcapng.zst" and "a.pcapng.part". */
gboolean
find_folder_is_capture_name (const gchar * path)
{
  static const gchar *const parts[] = { ".pcap", ".pcapng", ".cap", ".ntar",
    ".dmp"
  };
  const gchar *slash = strrchr (path, G_DIR_SEPARATOR);
  const gchar *name = slash != NULL ? slash + 1 : path;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    const gchar *found = strstr (name, parts[i]);

    if (found != NULL && !g_ascii_isalpha (found[strlen (parts[i])]))
      return TRUE;
  }
  return FALSE;
}
