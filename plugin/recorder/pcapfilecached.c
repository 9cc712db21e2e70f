/* gst-afring: a capture file through the page cache
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile-private.h"

static gboolean
cached_write (PcapFile * self, PcapChunk * chunk, guint8 * data,
    gboolean flush, gsize * done)
{
  return pcap_file_write_all (self, self->fd, data, chunk->length,
      chunk->offset, done);
}

static void
cached_close (PcapFile * self)
{
}

const PcapFileClass pcap_file_cached_class = {
  .size = sizeof (PcapFile),
  .write = cached_write,
  .close = cached_close,
  .map_flags = GST_MAP_READ,
};
