/* A file of any bytes, compressed or not, by the library's reader: packets or an error.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/afring.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of a bomb, so many packets are looked at. */
#define MOST 100000

static void
read_packets (GstCaptureSource * source)
{
  g_autoptr (GstCapturePacket) packet = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < MOST; i++) {
    gsize length;

    if (!gst_capture_source_next_packet (source, &packet, &error)) {
      fuzz_check (error != NULL);
      return;
    }
    gst_capture_packet_get_payload (packet, &length);
    fuzz_check (length == gst_capture_packet_get_length (packet));
    gst_capture_packet_get_ip_layer (packet, &length);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;
  GstPcapSource *source;
  int fd;

  fuzz_init ();
  fd = memfd_create ("fuzz", MFD_CLOEXEC);
  fuzz_check (write (fd, data, size) == (gssize) size);
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  source = gst_pcap_source_new (path, &error);
  if (source != NULL) {
    read_packets (GST_CAPTURE_SOURCE (source));
    g_object_unref (source);
  } else {
    fuzz_check (error != NULL);
  }
  close (fd);
  return 0;
}
