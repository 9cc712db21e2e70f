/* Writes a capture for each link type with the tunnels that tshark opens without being
 * told to, a second after the other, and prints their names.
 *
 * tunnel-captures FOLDER
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/tunnelcases.h"

#include <stdio.h>

/* What tshark takes for something else, or not for a packet, without a preference. */
static const gchar *const left_out[] = { "vxlan on the port of Linux",
  "gtp of ethernet", "erspan III of ip", "fabricpath", "pseudowire",
  "pseudowire behind two labels", "pseudowire with a control word", NULL
};

static const guint link_types[] = { 1, 105, 127, 192 };

static FILE *
begin (const gchar * folder, guint link_type)
{
  guint32 header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, link_type };
  g_autofree gchar *path =
      g_strdup_printf ("%s/link-%u.pcap", folder, link_type);
  FILE *file = fopen (path, "wb");

  if (file == NULL)
    g_error ("%s cannot be written", path);
  fwrite (header, sizeof (header), 1, file);
  return file;
}

int
main (int argc, char **argv)
{
  FILE *files[G_N_ELEMENTS (link_types)];

  if (argc != 2)
    return 2;
  for (guint i = 0; i < G_N_ELEMENTS (link_types); i++)
    files[i] = begin (argv[1], link_types[i]);
  for (guint i = 0; i < n_tunnel_cases; i++) {
    const TunnelCase *c = &tunnel_cases[i];
    guint link_type;
    g_autoptr (GByteArray) bytes = tunnel_case_make (c, &link_type);
    guint32 record[4] = { 1700000000 + i, 0, bytes->len, bytes->len };

    if (c->tunnel == NULL || g_strv_contains (left_out, c->name))
      continue;
    for (guint at = 0; at < G_N_ELEMENTS (link_types); at++) {
      if (link_types[at] != link_type)
        continue;
      fwrite (record, sizeof (record), 1, files[at]);
      fwrite (bytes->data, bytes->len, 1, files[at]);
      printf ("%s\n", c->name);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (link_types); i++)
    fclose (files[i]);
  return 0;
}
