/* gst-afring: what a recorder says on the bus
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinkreport.h"

#include <gio/gio.h>

/* A file has any bytes for a name, a message has not. */
static gchar *
make_valid (const gchar * location)
{
  return location != NULL ? g_utf8_make_valid (location, -1) : NULL;
}

void
pcap_sink_report_opened (const gchar * location, gpointer element)
{
  g_autofree gchar *valid = make_valid (location);

  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkFileOpened",
              "location", G_TYPE_STRING, valid, NULL)));
}

void
pcap_sink_report_closed (const PcapFileReport * report, gpointer element)
{
  g_autofree gchar *valid = make_valid (report->location);

  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkFileClosed",
              "location", G_TYPE_STRING, valid,
              "packets", G_TYPE_UINT64, report->packets,
              "bytes", G_TYPE_UINT64, report->bytes,
              "disk-bytes", G_TYPE_UINT64, report->disk_bytes,
              "first-time", G_TYPE_UINT64, report->first_time,
              "last-time", G_TYPE_UINT64, report->last_time, NULL)));
}

void
pcap_sink_report_triggered (const gchar * comment, GstClockTime time,
    GstClockTime begin, gpointer element)
{
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkTriggered",
              "comment", G_TYPE_STRING, comment,
              "time", G_TYPE_UINT64, time,
              "begin", G_TYPE_UINT64, begin, NULL)));
}

void
pcap_sink_report_recovered (const GstPcapRecovery * report, gpointer element)
{
  g_autofree gchar *valid = make_valid (report->location);

  /* of one in which there was nothing there is nothing to say */
  if (valid == NULL)
    return;
  if (report->damaged_at > 0)
    GST_ELEMENT_WARNING (element, RESOURCE, READ,
        ("An earlier recording, %s, is damaged behind its byte %" G_GUINT64_FORMAT
            ", and is not cut", valid, report->damaged_at), (NULL));
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkFileRecovered",
              "location", G_TYPE_STRING, valid,
              "packets", G_TYPE_UINT64, report->packets,
              "bytes", G_TYPE_UINT64, report->bytes,
              "cut", G_TYPE_UINT64, report->cut, NULL)));
  GST_ELEMENT_INFO (element, RESOURCE, WRITE,
      ("An earlier recording was not completed; it is %s", valid),
      ("%" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " bytes cut off",
          report->packets, report->cut));
}

void
pcap_sink_report_not_recovered (const GError * error, gpointer element)
{
  g_autofree gchar *valid = make_valid (error->message);

  GST_ELEMENT_WARNING (element, RESOURCE, READ,
      ("An earlier recording cannot be completed: %s", valid), (NULL));
}

/* With commas, whatever the locale: people compare these with other numbers. */
static gchar *
group_digits (guint64 number)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT, number);
  for (gssize at = (gssize) text->len - 3; at > 0; at -= 3)
    g_string_insert_c (text, at, ',');
  return g_string_free (text, FALSE);
}

static gchar *
describe_losses (const PcapRecorderLosses * losses)
{
  GString *text = g_string_new (NULL);
  g_autofree gchar *times = group_digits (losses->bad_times);
  g_autofree gchar *blocks = group_digits (losses->blocks_left_out);

  if (losses->bad_times > 0)
    g_string_append_printf (text, ", %s without their time", times);
  if (losses->blocks_left_out > 0)
    g_string_append_printf (text, ", %s blocks not in each file", blocks);
  return g_string_free (text, FALSE);
}

static void
add_preroll_stats (GstStructure * structure, const PcapPrerollStats * stats)
{
  gst_structure_set (structure,
      "state", G_TYPE_STRING, stats->recording ? "recording" : "armed",
      "triggers", G_TYPE_UINT64, stats->triggers,
      "held-packets", G_TYPE_UINT64, stats->held_packets,
      "held-bytes", G_TYPE_UINT64, stats->held_bytes,
      "held-time", G_TYPE_UINT64, stats->held_time,
      "held-memory", G_TYPE_UINT64, stats->memory,
      "aged-out", G_TYPE_UINT64, stats->aged_out,
      "cut", G_TYPE_UINT64, stats->cut,
      "lost", G_TYPE_UINT64, stats->lost, NULL);
}

GstStructure *
pcap_sink_report_make_stats (const PcapRecordingStats * stats)
{
  const PcapRecorderStats *recorder = &stats->recorder;
  const PcapFilesStats *files = &recorder->files;
  g_autofree gchar *valid = make_valid (files->file.location);
  GstStructure *structure = gst_structure_new ("application/x-pcapsink-stats",
      "packets", G_TYPE_UINT64, files->packets,
      "bytes", G_TYPE_UINT64, files->bytes,
      "files", G_TYPE_UINT64, files->files,
      "location", G_TYPE_STRING, valid,
      "packets-in-file", G_TYPE_UINT64, files->file.packets,
      "bytes-in-file", G_TYPE_UINT64, files->file.bytes,
      "disk-bytes", G_TYPE_UINT64, files->disk_bytes,
      "stored-bytes", G_TYPE_UINT64, files->stored_bytes,
      "dropped", G_TYPE_UINT64, recorder->dropped,
      "bad-times", G_TYPE_UINT64, recorder->losses.bad_times, NULL);

  if (stats->has_preroll)
    add_preroll_stats (structure, &stats->preroll);
  return structure;
}

/* gst-launch-1.0 prints what is meant for who looks for faults. */
static void
report_untriggered (GstElement * element, const PcapPrerollStats * stats)
{
  g_autofree gchar *packets = group_digits (stats->aged_out + stats->cut);
  g_autofree gchar *text = g_strdup_printf ("Nothing triggered: %s packet%s "
      "passed by, and no file was written", packets,
      stats->aged_out + stats->cut == 1 ? "" : "s");

  GST_ELEMENT_INFO (element, RESOURCE, WRITE, ("%s", text), ("%s", text));
}

/* Of what is compressed. */
static gchar *
describe_compression (const PcapFilesStats * files)
{
  GString *text = g_string_new (NULL);
  g_autofree gchar *disk = group_digits (files->disk_bytes);
  g_autofree gchar *stored = group_digits (files->stored_bytes);

  if (files->disk_bytes != files->bytes)
    g_string_append_printf (text, " (%s on the disk)", disk);
  if (files->stored_bytes > 0)
    g_string_append_printf (text, ", %s of them not compressed as the processors "
        "did not keep up", stored);
  return g_string_free (text, FALSE);
}

static void
report_files (GstElement * element, const PcapRecorderStats * stats)
{
  const PcapFilesStats *files = &stats->files;
  g_autofree gchar *packets = group_digits (files->packets);
  g_autofree gchar *bytes = group_digits (files->bytes);
  g_autofree gchar *compression = describe_compression (files);
  g_autofree gchar *drops = group_digits (stats->dropped);
  g_autofree gchar *number = group_digits (files->files);
  g_autofree gchar *lost = describe_losses (&stats->losses);
  g_autofree gchar *valid = make_valid (files->file.location);
  g_autofree gchar *text = g_strdup_printf ("%s%s%s: %s packet%s, %s bytes%s, "
      "%s dropped%s", files->files > 1 ? number : "",
      files->files > 1 ? " files up to " : "", valid, packets,
      files->packets == 1 ? "" : "s", bytes, compression, drops, lost);

  GST_ELEMENT_INFO (element, RESOURCE, WRITE, ("%s", text), ("%s", text));
}

void
pcap_sink_report_end (GstElement * element, const PcapRecordingStats * stats)
{
  if (stats->recorder.files.files > 0)
    report_files (element, &stats->recorder);
  else
    report_untriggered (element, &stats->preroll);
}

void
pcap_sink_report_nothing (GstElement * element, const gchar * location)
{
  gboolean earlier = g_file_test (location, G_FILE_TEST_EXISTS);
  g_autofree gchar *valid = make_valid (location);

  GST_ELEMENT_WARNING (element, STREAM, FAILED,
      ("The stream ended before anything came: \"%s\" %s", valid,
          earlier ? "stays as it was" : "is not written"), (NULL));
}

void
pcap_sink_report_losses (GstElement * element,
    const PcapRecorderLosses * losses, PcapRecorderLosses * said)
{
  if (losses->bad_times > 0 && said->bad_times == 0)
    GST_ELEMENT_WARNING (element, STREAM, FORMAT,
        ("A packet has a time that the file cannot hold, or none: classic pcap "
            "has those from 1970 to 2106, pcapng those up to 2554. It is "
            "recorded with another"), ("counted, and not said again"));
  if (losses->blocks_left_out > 0 && said->blocks_left_out == 0)
    GST_ELEMENT_WARNING (element, STREAM, FORMAT,
        ("The names, secrets and custom blocks of this stream are too long to be "
            "repeated in each file: further ones are only where they stand"),
        ("counted, and not said again"));
  *said = *losses;
}

void
pcap_sink_report_error_from (GstElement * element, gint code,
    const GError * error, const gchar * file, const gchar * function, gint line)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
  gst_element_message_full (element, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
      code, make_valid (error->message), NULL, file, function, line);
}
