/* gst-afring: records the packets of network interfaces, with dumpcap's letters
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "options.h"
#include "recording.h"

#include <locale.h>

#define EXIT_USAGE 2

/* As dumpcap -D does. */
static int
list_interfaces (void)
{
  GstDeviceProvider *provider =
      gst_device_provider_factory_get_by_name ("afringdeviceprovider");
  GList *devices;
  guint n = 0;

  if (provider == NULL) {
    g_printerr ("afring-record: there is no device provider: is gst-afring "
        "installed, or GST_PLUGIN_PATH set?\n");
    return EXIT_FAILURE;
  }
  devices = gst_device_provider_get_devices (provider);
  for (GList * i = devices; i != NULL; i = i->next) {
    g_autofree gchar *name = gst_device_get_display_name (i->data);

    g_print ("%u. %s\n", ++n, name);
  }
  g_print ("%u. any (all of them)\n", ++n);
  g_list_free_full (devices, gst_object_unref);
  gst_object_unref (provider);
  return EXIT_SUCCESS;
}

static int
run (const RecordOptions * options)
{
  Recording *recording;
  int status;

  if (options->version) {
    g_print ("afring-record " VERSION "\n");
    return EXIT_SUCCESS;
  }
  if (options->list)
    return list_interfaces ();
  recording = recording_new (options);
  if (recording == NULL)
    return EXIT_FAILURE;
  status = recording_run (recording);
  recording_free (recording);
  return status;
}

int
main (int argc, char **argv)
{
  RecordOptions options = { NULL, };
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  if (!record_options_parse (&options, &argc, &argv, &error)) {
    g_printerr ("afring-record: %s\n", error->message);
    record_options_clear (&options);
    return EXIT_USAGE;
  }
  gst_init (NULL, NULL);
  status = run (&options);
  record_options_clear (&options);
  return status;
}
