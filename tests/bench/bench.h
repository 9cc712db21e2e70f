/* What the instruments have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Parses options, then starts GStreamer so that it finds the plugin of this build
 * and with GLib's own allocator. Ends the program if an option is wrong. */
void        bench_init          (int                 *argc,
                                 char              ***argv,
                                 const GOptionEntry  *options,
                                 const gchar         *summary);

/* On what machine, when, and with what. */
void        bench_print_machine (void);

/* Ends the program with words that say why. */
void        bench_fail          (const gchar         *format,
                                 ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* A list of numbers with commas between; free with g_array_unref(). */
GArray *    bench_parse_numbers (const gchar         *text);

/* A new directory in @parent, or where temporary files are if that is NULL. It is
 * removed with the files in it, at the end of the program if not before. */
gchar *     bench_make_directory   (const gchar      *parent);

void        bench_remove_directory (gchar            *name);

/* What kind of filesystem @path is on. */
gchar *     bench_get_filesystem   (const gchar      *path);

/* A pipeline, even if it is only one element. */
GstElement *bench_parse_launch  (const gchar         *format,
                                 ...) G_GNUC_PRINTF (1, 2);

/* Ends the program if the pipeline does not start. */
void        bench_play          (GstElement          *pipeline);

/* Sends EOS to a whole pipeline and waits until it is through. */
void        bench_end           (GstElement          *pipeline);

G_END_DECLS
