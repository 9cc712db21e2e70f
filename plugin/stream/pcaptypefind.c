/* gst-afring: recognising capture files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptypefind.h"
#include "common/streamcaps.h"

/* draft-ietf-opsawg-pcap section 4: the magic number in either byte order, and
 * version 2.4 in the same one. */
static gboolean
is_pcap (const guint8 * data)
{
  guint32 magic = GST_READ_UINT32_BE (data);

  if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d)
    return GST_READ_UINT16_BE (data + 4) == 2;
  if (magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1)
    return GST_READ_UINT16_LE (data + 4) == 2;
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
