/* A capture file of many flows.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flows.h"
#include "bench.h"

#include <string.h>

/* Bytes, of frames and what the kernel puts before each: more than the ring has. */
#define RING (66 * 1024 * 1024)
#define SLOT_HEADER 82

#define HEADER 24               /* of the file */
#define RECORD 16               /* what is before a packet */

static void
write_frame (guint8 * frame, guint size, guint flow)
{
  memset (frame, 2, 12);
  GST_WRITE_UINT16_BE (frame + 12, 0x0800);
  frame[14] = 0x45;
  GST_WRITE_UINT16_BE (frame + 16, size - 14);
  frame[22] = 64;
  frame[23] = 17;
  GST_WRITE_UINT32_BE (frame + 26, 0x0a000000 + flow / 1000);
  GST_WRITE_UINT32_BE (frame + 30, 0x0affff01);
  GST_WRITE_UINT16_BE (frame + 34, 1024 + flow % 1000);
  GST_WRITE_UINT16_BE (frame + 36, 5004);
  GST_WRITE_UINT16_BE (frame + 38, size - 34);
}

gchar *
flows_write (const gchar * directory, guint flows, guint size)
{
  static const guint32 start[HEADER / 4] = { 0xa1b2c3d4, 0x00040002, 0, 0,
    65535, 1
  };
  g_autofree gchar *name = g_strdup_printf ("flows-%u-%u.pcap", flows, size);
  gchar *path = g_build_filename (directory, name, NULL);
  guint n = RING / GST_ROUND_UP_16 (SLOT_HEADER + size);
  gsize length = HEADER + (gsize) n * (RECORD + size);
  g_autofree guint8 *bytes = g_malloc0 (length);

  memcpy (bytes, start, sizeof (start));
  for (guint i = 0; i < n; i++) {
    guint8 *record = bytes + HEADER + (gsize) i * (RECORD + size);
    const guint32 header[RECORD / 4] = { 1700000000, i, size, size };

    memcpy (record, header, sizeof (header));
    write_frame (record + RECORD, size, i % flows);
  }
  if (!g_file_set_contents (path, (const gchar *) bytes, length, NULL))
    bench_fail ("%s cannot be written", path);
  return path;
}
