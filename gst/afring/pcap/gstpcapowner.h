/* gst-afring: whose a file is
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>
#include <glib/gstdio.h>

G_BEGIN_DECLS

/* TRUE if @path, of which lstat() or fstat() said @info, may have been put there by
 * somebody to lead astray who writes captures: everybody may write into its folder, and
 * it belongs neither to this process nor to the owner of the folder. Linux judges links
 * by the same rule (fs.protected_symlinks, Documentation/admin-guide/sysctl/fs.rst). */
GST_AFRING_API
gboolean gst_pcap_owner_is_foreign (const gchar    *path,
                                    const GStatBuf *info);

/* open() of whatever it is, close-on-exec, which no signal interrupts: a disk behind a
 * network or a program lets them in. */
GST_AFRING_API
int      gst_pcap_owner_open_any   (const gchar    *path,
                                    int             flags,
                                    int             mode);

/* Opens a file that exists or, with O_CREAT, is made with @mode: never through a link of
 * that name, nor through one on the way that is foreign. -1 with an errno, which is EPERM
 * where something is foreign, or has a second name in a folder of everybody. */
GST_AFRING_API
int      gst_pcap_owner_open       (const gchar    *path,
                                    int             flags,
                                    int             mode);

/* Makes a folder, by the same way, and opens it: -1 with an errno. */
GST_AFRING_API
int      gst_pcap_owner_make_folder (const gchar   *path,
                                    int             mode);

/* rename() within one folder, found by the same way: -1 with an errno, which is EEXIST
 * where something is there that is not to be replaced, EPERM where it is foreign. */
GST_AFRING_API
int      gst_pcap_owner_rename     (const gchar    *from,
                                    const gchar    *to,
                                    gboolean        replace);

G_END_DECLS
