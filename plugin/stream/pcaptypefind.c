/* gst-afring: recognising capture files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptypefind.h"
#include "common/streamcaps.h"

/* draft-ietf-opsawg-pcap section 4: the magic number in either byte order, and the
 * version in the same one. Those that pcapdec reads: with microseconds and nanoseconds,
 * "modified", and of IXIA's hardware and software. */
static gboolean
is_pcap (const guint8 * data)
{
  static const guint32 magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34,
    0x1c0001ac, 0x1c0001ab
  };

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++) {
    if (GST_READ_UINT32_BE (data) == magics[i])
      return GST_READ_UINT16_BE (data + 4) == 2
          || GST_READ_UINT16_BE (data + 4) == 543;
    if (GST_READ_UINT32_LE (data) == magics[i])
      return GST_READ_UINT16_LE (data + 4) == 2
          || GST_READ_UINT16_LE (data + 4) == 543;
  }
  return FALSE;
}

static void
find_pcap (GstTypeFind * find, gpointer user_data)
{
  const guint8 *data = gst_type_find_peek (find, 0, 24);

  if (data != NULL && is_pcap (data))
    gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_MAXIMUM,
        PCAP_MEDIA_TYPE);
}

/* draft-ietf-opsawg-pcapng section 4.1: a section header, the same in both byte
 * orders, its length, and the byte-order magic. */
static void
find_pcapng (GstTypeFind * find, gpointer user_data)
{
  const guint8 *data = gst_type_find_peek (find, 0, 12);
  guint32 magic;

  if (data == NULL || GST_READ_UINT32_BE (data) != 0x0a0d0d0a)
    return;
  magic = GST_READ_UINT32_BE (data + 8);
  if (magic == 0x1a2b3c4d || magic == 0x4d3c2b1a)
    gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_MAXIMUM,
        PCAPNG_MEDIA_TYPE);
}

GST_TYPE_FIND_REGISTER_DEFINE (pcap, PCAP_MEDIA_TYPE, GST_RANK_PRIMARY,
    find_pcap, "pcap,cap", NULL, NULL, NULL)

GST_TYPE_FIND_REGISTER_DEFINE (pcapng, PCAPNG_MEDIA_TYPE, GST_RANK_PRIMARY,
    find_pcapng, "pcapng,ntar", NULL, NULL, NULL)
