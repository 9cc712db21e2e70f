/* gst-afring: records the packets of network interfaces, with dumpcap's letters
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "options.h"
#include "privileges.h"
#include "recording.h"

#include <gst/afring/pcap/gstpcaprecovery.h>
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

static void
print_recovered (const gchar * path, const GstPcapRecovery * report)
{
  if (report->location == NULL)
    g_print ("%s: nothing was in it\n", path);
  else if (report->damaged_at > 0)
    g_print ("%s: damaged behind byte %" G_GUINT64_FORMAT ", not cut\n",
        report->location, report->damaged_at);
  else
    g_print ("%s: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
        " bytes cut off\n", report->location, report->packets, report->cut);
}

/* Those of a folder that nobody writes. */
static int
recover (const gchar * folder)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = gst_pcap_recovery_list (folder, &error);
  int status = EXIT_SUCCESS;

  if (paths == NULL) {
    g_printerr ("afring-record: %s\n", error->message);
    return EXIT_FAILURE;
  }
  for (gchar ** i = paths; *i != NULL; i++) {
    g_autofree gchar *aside = gst_pcap_recovery_set_aside (*i, &error);
    GstPcapRecovery report;

    if (aside != NULL && gst_pcap_recovery_complete (aside, TRUE, NULL,
            &report, &error)) {
      print_recovered (*i, &report);
      g_free (report.location);
    } else {
      g_printerr ("afring-record: %s\n", error->message);
      g_clear_error (&error);
      status = EXIT_FAILURE;
    }
  }
  return status;
}

/* Before there are threads, all of which are to be that. */
static gboolean
take_privileges (const RecordOptions * options)
{
  gboolean namespaces = options->netns != NULL;
  gboolean adapter = g_str_equal (options->timestamp_source, "hardware");
  g_autoptr (GError) error = NULL;

  if (options->user == NULL || options->list) {
    privileges_limit (namespaces, adapter);
    return TRUE;
  }
  if (privileges_become (options->user, namespaces, adapter, &error))
    return TRUE;
  g_printerr ("afring-record: %s\n", error->message);
  return FALSE;
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
  if (options->recover != NULL)
    return recover (options->recover);
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
  status = EXIT_FAILURE;
  if (take_privileges (&options)) {
    gst_init (NULL, NULL);
    status = run (&options);
  }
  record_options_clear (&options);
  return status;
}
