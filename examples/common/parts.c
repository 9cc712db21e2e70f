/* What programs that capture have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "parts.h"

#include <gst/afring/pcap/gstpcapcompression.h>
#include <string.h>

/* What dumpcap puts into a name. */
#define ROTATED "%s_%%05d_%%Y%%m%%d%%H%%M%%S%s"

GstElement *
parts_make (GstElement * bin, const gchar * factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    g_printerr ("%s: there is no element %s: is gst-afring installed, or "
        "GST_PLUGIN_PATH set?\n", g_get_prgname (), factory);
  else
    gst_bin_add (GST_BIN (bin), element);
  return element;
}

void
parts_set_ring (GstElement * source, guint64 bytes)
{
  guint block_size;

  if (bytes == 0)
    return;
  g_object_get (source, "block-size", &block_size, NULL);
  g_object_set (source, "block-count", (guint) CLAMP (bytes / block_size, 2,
          G_MAXUINT), NULL);
}

gchar *
parts_make_rotated (const gchar * location, const gchar * extension)
{
  const gchar *own = gst_pcap_compression_find_extension (location);
  g_autofree gchar *base = g_strndup (location, own - location);

  if (strchr (location, '%') != NULL)
    return g_strdup (location);
  return g_strdup_printf (ROTATED, base, own[0] != '\0' ? own : extension);
}
