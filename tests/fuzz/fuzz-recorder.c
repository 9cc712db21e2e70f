/* Streams of any bytes into the recorder, with rotation, into a folder of the process's own:
 * an error, or files that the decoder reads.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapdecoder.h>

/* A file of a few packets takes a millisecond of the kernel's time, to make and to rename
 * it, whatever is in it, and longer on a disk that others use: more of them than this
 * many bytes make say nothing new. */
#define MOST_WITH_ROTATION 1024
/* And pieces of one byte are not all that there is. */
#define MOST_PIECES 1024

static gchar *folder;

static void
remove_folder (void)
{
  g_rmdir (folder);
}

static void
make_folder (void)
{
  if (folder != NULL)
    return;
  folder = g_dir_make_tmp ("fuzz-XXXXXX", NULL);
  fuzz_check (folder != NULL);
  atexit (remove_folder);
}

/* Whole records only, whatever came. */
static void
read_file (const gchar * path)
{
  g_autofree gchar *data = NULL;
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();
  gsize length, used, at = 0;
  GstPcapPacket packet;

  fuzz_check (g_file_get_contents (path, &data, &length, NULL));
  while (at < length) {
    g_autoptr (GError) error = NULL;
    GstPcapDecoderResult result = gst_pcap_decoder_next (decoder,
        (const guint8 *) data + at, length - at, &used, &packet, &error);

    /* what is in a packet's header that came is passed on as it came */
    if (result == GST_PCAP_DECODER_ERROR)
      break;
    fuzz_check (result != GST_PCAP_DECODER_MORE);
    at += used;
  }
  gst_pcap_decoder_free (decoder);
}

static void
read_files (void)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (!g_str_has_suffix (path, ".part"))
      read_file (path);
    g_unlink (path);
  }
  g_dir_close (dir);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const gchar *const types[] = { "application/x-pcapng", "raw/x-pcap",
    "application/x-packet, link-type=(int)1"
  };
  FuzzInput input = { data, size };
  g_autofree gchar *location = NULL;
  GstHarness *harness;
  GstElement *sink;
  guint type, pace, most;

  fuzz_init ();
  make_folder ();
  type = fuzz_take_byte (&input) % G_N_ELEMENTS (types);
  /* up to half a MiB at once, as files come */
  pace = 1 << (fuzz_take_byte (&input) % 20);
  most = fuzz_take_byte (&input);
  if (most > 0)
    input.size = MIN (input.size, MOST_WITH_ROTATION);
  pace = MAX (pace, input.size / MOST_PIECES);
  location = g_build_filename (folder, most > 0 ? "%05d.pcapng" : "a.pcapng", NULL);
  sink = gst_parse_launch ("pcapsink sync-mode=never direct-io=never", NULL);
  gst_object_ref_sink (sink);
  g_object_set (sink, "location", location, "max-file-packets",
      (guint64) most / 16, "max-file-size", (guint64) (most % 16) * 100, NULL);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_set_src_caps_str (harness, types[type]);
  while (input.size > 0) {
    gsize length;
    guint8 *bytes = fuzz_take (&input, pace, &length);

    if (gst_harness_push (harness, gst_buffer_new_wrapped (bytes,
                length)) != GST_FLOW_OK)
      break;
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
  gst_object_unref (sink);
  read_files ();
  return 0;
}
