/* gst-afring: network interfaces for Wireshark, through its extcap interface
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "answers.h"
#include "capture.h"

#include <gst/gst.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static int
capture (const ExtcapOptions * options)
{
  Capture *self;
  int status;

  /* a reader that goes away is an end like others */
  signal (SIGPIPE, SIG_IGN);
  gst_init (NULL, NULL);
  self = capture_new (options);
  if (self == NULL)
    return EXIT_FAILURE;
  status = capture_run (self);
  capture_free (self);
  return status;
}

static int
run (const ExtcapOptions * options)
{
  if (options->version) {
    g_print ("afring-extcap " VERSION "\n");
    return EXIT_SUCCESS;
  }
  if (options->list_interfaces)
    return extcap_print_interfaces ();
  if (options->list_dlts)
    return extcap_print_dlts (options);
  if (options->list_config)
    return extcap_print_config ();
  return options->capture ? capture (options) : extcap_check_filter (options);
}

int
main (int argc, char **argv)
{
  ExtcapOptions options = { FALSE, };
  g_autoptr (GError) error = NULL;
  int status = EXIT_USAGE;

  setlocale (LC_ALL, "");
  if (extcap_options_parse (&options, &argc, &argv, &error))
    status = run (&options);
  else
    g_printerr ("afring-extcap: %s\n", error->message);
  extcap_options_clear (&options);
  return status;
}
