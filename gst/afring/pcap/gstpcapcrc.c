/* gst-afring: CRC-32C
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* zlib's CRC is of another polynomial. Processors have an instruction for this one, which
 * matters where the indexes of many files are read: hundreds of megabytes. */

#include "gstpcapcrc.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78

static guint32
update_by_table (guint32 crc, const guint8 * data, gsize length)
{
  static gsize made = 0;
  static guint32 table[256];

  if (g_once_init_enter (&made)) {
    for (guint i = 0; i < 256; i++) {
      guint32 value = i;

      for (guint bit = 0; bit < 8; bit++)
        value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
      table[i] = value;
    }
    g_once_init_leave (&made, 1);
  }
  for (gsize i = 0; i < length; i++)
    crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
  return crc;
}

#ifdef __x86_64__
__attribute__((target ("sse4.2")))
static guint32
update_by_instruction (guint32 crc, const guint8 * data, gsize length)
{
  guint64 wide = crc;

  for (; length >= 8; data += 8, length -= 8) {
    guint64 word;

    memcpy (&word, data, sizeof (word));
    wide = __builtin_ia32_crc32di (wide, word);
  }
  for (crc = wide; length > 0; data++, length--)
    crc = __builtin_ia32_crc32qi (crc, *data);
  return crc;
}
#endif

guint32
gst_pcap_crc32c (const guint8 * data, gsize length)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports ("sse4.2"))
    return ~update_by_instruction (G_MAXUINT32, data, length);
#endif
  return ~update_by_table (G_MAXUINT32, data, length);
}
