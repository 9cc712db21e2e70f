/* gst-afring: the mappings that a process may have
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringmappings.h"

/* The rest is the application's, which has to have most of it. */
#define SHARE 3
#define DEFAULT_MAX_MAP_COUNT 65530     /* Linux, include/linux/mm.h */

static gint taken = 0;          /* atomic */

static gint
read_budget (void)
{
  g_autofree gchar *text = NULL;
  guint64 most = DEFAULT_MAX_MAP_COUNT;

  if (g_file_get_contents ("/proc/sys/vm/max_map_count", &text, NULL, NULL))
    most = g_ascii_strtoull (text, NULL, 10);
  return (gint) MIN (most / SHARE, G_MAXINT / 2);
}

gboolean
gst_afring_mappings_take (guint n)
{
  static gint budget = 0;       /* atomic; whoever is first reads it */
  gint most = g_atomic_int_get (&budget);

  if (G_UNLIKELY (most == 0)) {
    most = MAX (read_budget (), 1);
    g_atomic_int_set (&budget, most);
  }
  if (g_atomic_int_add (&taken, (gint) n) + (gint) n <= most)
    return TRUE;
  gst_afring_mappings_give_back (n);
  return FALSE;
}

void
gst_afring_mappings_give_back (guint n)
{
  g_atomic_int_add (&taken, -(gint) n);
}
