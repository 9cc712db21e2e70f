/* A strict reader of the pcapng that this project writes, for tests.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapngwalk.h"

#include <gst/afring/pcap/gstpcapindexblock.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define FILLER 0xaf00

/* Options that a block may have: code and length, 0 for any. */
typedef struct
{
  guint16 code;
  guint16 length;
} Option;

static const Option section_options[] = { {1, 0}, {2, 0}, {3, 0}, {4, 0}, {0} };

static const Option interface_options[] =
    { {2, 0}, {9, 1}, {11, 0}, {FILLER, 0}, {0} };
static const Option statistics_options[] = { {2, 8}, {3, 8}, {4, 8}, {5, 8},
{FILLER, 0}, {0}
};
static const Option packet_options[] = { {2, 4}, {FILLER, 0}, {0} };

PcapngWalk *
pcapng_walk_new (void)
{
  PcapngWalk *walk = g_new0 (PcapngWalk, 1);

  walk->packets = g_ptr_array_new_with_free_func (g_free);
  walk->section = g_string_new (NULL);
  return walk;
}

void
pcapng_walk_free (PcapngWalk * walk)
{
  g_ptr_array_unref (walk->packets);
  g_string_free (walk->section, TRUE);
  g_free (walk->wrong);
  g_free (walk);
}

static gboolean
blame (PcapngWalk * walk, gsize at, const gchar * what, guint64 value)
{
  if (walk->wrong == NULL)
    walk->wrong = g_strdup_printf ("at %" G_GSIZE_FORMAT " of the stream: %s, %"
        G_GUINT64_FORMAT, walk->length + at, what, value);
  return FALSE;
}

static guint16
read16 (const guint8 * data)
{
  guint16 value;

  memcpy (&value, data, sizeof (value));
  return value;
}

static guint32
read32 (const guint8 * data)
{
  guint32 value;

  memcpy (&value, data, sizeof (value));
  return value;
}

static guint64
read64 (const guint8 * data)
{
  guint64 value;

  memcpy (&value, data, sizeof (value));
  return value;
}

static gboolean
is_zero (const guint8 * data, gsize length)
{
  return length == 0 || (data[0] == 0 && memcmp (data, data + 1, length - 1)
      == 0);
}

static const Option *
find_option (const Option * known, guint code)
{
  while (known->code != 0 && known->code != code)
    known++;
  return known->code != 0 ? known : NULL;
}

/* What the options of a block say. Each may be there once, but for comments. */
static gboolean
take_option (PcapngWalk * walk, guint32 type, guint code, const guint8 * value,
    guint length, WalkedPacket * packet)
{
  if (code == FILLER) {
    walk->filler += length;
    walk->padding = length;
    return is_zero (value, length);
  }
  if (type == PCAPNG_SECTION) {
    g_string_append_len (walk->section, (const gchar *) value, length);
    g_string_append_c (walk->section, '\n');
  } else if (type == PCAPNG_INTERFACE) {
    return code != 9 || value[0] == 9;
  } else if (type == PCAPNG_PACKET) {
    packet->flags = read32 (value);
    return packet->flags != 0;
  } else if (code == 4) {
    walk->received = read64 (value);
  } else if (code == 5) {
    walk->dropped = read64 (value);
  }
  return TRUE;
}

/* From @at to @end, which is where the length at the end begins. */
static gboolean
walk_options (PcapngWalk * walk, const guint8 * data, gsize at, gsize end,
    guint32 type, const Option * known, WalkedPacket * packet)
{
  guint64 seen = 0;
  gboolean filled = FALSE;

  walk->padding = 0;
  if (at == end)
    return TRUE;
  while (at + 4 <= end) {
    guint code = read16 (data + at), length = read16 (data + at + 2);
    guint padded = (length + 3) / 4 * 4;
    const Option *option = find_option (known, code);

    if (code == 0)
      return length != 0 ? blame (walk, at, "opt_endofopt is as long as",
          length) : at + 4 != end ? blame (walk, at, "bytes behind "
          "opt_endofopt", end - at - 4) : TRUE;
    if (option == NULL)
      return blame (walk, at, "an option of code", code);
    if (option->length != 0 && option->length != length)
      return blame (walk, at, "an option has as length", length);
    if (at + 4 + padded > end)
      return blame (walk, at, "an option is longer than its block", length);
    if (!is_zero (data + at + 4 + length, padded - length))
      return blame (walk, at, "bytes behind an option of length", length);
    if (code != FILLER && code != 1 && seen & G_GUINT64_CONSTANT (1) << code)
      return blame (walk, at, "the second option of code", code);
    if (code == FILLER)
      filled = TRUE;
    else if (filled)
      return blame (walk, at, "behind a filler an option of code", code);
    else
      seen |= G_GUINT64_CONSTANT (1) << code;
    if (!take_option (walk, type, code, data + at + 4, length, packet))
      return blame (walk, at, "wrong bytes in an option of code", code);
    at += 4 + padded;
  }
  return blame (walk, at, "no opt_endofopt, and bytes left", end - at);
}

static gboolean
walk_section (PcapngWalk * walk, const guint8 * data, gsize length)
{
  if (length < 28 || read32 (data + 8) != 0x1a2b3c4d || read16 (data + 12) != 1
      || read16 (data + 14) != 0 || read64 (data + 16) != G_MAXUINT64)
    return blame (walk, 0, "a section header of bytes", length);
  walk->sections++;
  walk->interfaces = 0;
  g_string_truncate (walk->section, 0);
  return walk_options (walk, data, 24, length - 4, PCAPNG_SECTION,
      section_options, NULL);
}

static gboolean
walk_interface (PcapngWalk * walk, const guint8 * data, gsize length)
{
  if (length < 20 || read16 (data + 10) != 0)
    return blame (walk, 0, "an interface description of bytes", length);
  walk->interfaces++;
  walk->link_type = read16 (data + 8);
  walk->snaplen = read32 (data + 12);
  return walk_options (walk, data, 16, length - 4, PCAPNG_INTERFACE,
      interface_options, NULL);
}

static gboolean
walk_statistics (PcapngWalk * walk, const guint8 * data, gsize length)
{
  if (length < 24 || read32 (data + 8) != 0)
    return blame (walk, 0, "interface statistics of bytes", length);
  walk->statistics++;
  return walk_options (walk, data, 20, length - 4, PCAPNG_STATISTICS,
      statistics_options, NULL);
}

static gboolean
walk_packet (PcapngWalk * walk, const guint8 * data, gsize length)
{
  WalkedPacket packet = { 0, }, *copy;
  gsize end;

  if (length < 32)
    return blame (walk, 0, "a packet block of bytes", length);
  if (read32 (data + 8) != 0)
    return blame (walk, 0, "a packet of interface", read32 (data + 8));
  packet.time = (guint64) read32 (data + 12) << 32 | read32 (data + 16);
  packet.captured = read32 (data + 20);
  packet.wire = read32 (data + 24);
  packet.at = walk->length + 28;
  packet.size = length;
  if (packet.captured > length - 32)
    return blame (walk, 0, "a packet longer than its block",
        packet.captured);
  if (packet.wire < packet.captured)
    return blame (walk, 0, "a packet shorter on the wire", packet.wire);
  if (walk->snaplen != 0 && packet.captured > walk->snaplen)
    return blame (walk, 0, "a packet longer than the snaplen",
        packet.captured);
  end = 28 + (packet.captured + 3) / 4 * 4;
  if (!is_zero (data + 28 + packet.captured, end - 28 - packet.captured))
    return blame (walk, 28 + packet.captured, "stale bytes behind a packet",
        packet.captured);
  if (!walk_options (walk, data, end, length - 4, PCAPNG_PACKET,
          packet_options, &packet))
    return FALSE;
  copy = g_malloc (sizeof (packet) + packet.captured);
  *copy = packet;
  copy->data = (guint8 *) (copy + 1);
  memcpy (copy->data, data + 28, packet.captured);
  g_ptr_array_add (walk->packets, copy);
  return TRUE;
}

/* Of the recorder; what it says is for other tests. */
static gboolean
walk_index (PcapngWalk * walk, const guint8 * data, gsize length)
{
  GstPcapIndexHeader header;
  gsize spans_at;

  if (!gst_pcap_index_block_read (data, length, &header, &spans_at))
    return blame (walk, 0, "an index that cannot be read, of bytes", length);
  walk->indexes++;
  return TRUE;
}

static gboolean
walk_block (PcapngWalk * walk, const guint8 * data, gsize left, gsize * length)
{
  guint32 type;

  if (left < 12)
    return blame (walk, 0, "too little is left for a block", left);
  type = read32 (data);
  *length = read32 (data + 4);
  if (*length < 12 || *length % 4 != 0 || *length > left)
    return blame (walk, 0, "a block of length", *length);
  if (read32 (data + *length - 4) != *length)
    return blame (walk, 0, "a block whose length at the end is",
        read32 (data + *length - 4));
  if (type == GST_PCAP_INDEX_BLOCK_TYPE)
    return walk_index (walk, data, *length);
  if (walk->first_type == 0)
    walk->first_type = type;
  walk->last_type = type;
  if (type == PCAPNG_SECTION)
    return walk_section (walk, data, *length);
  if (walk->sections == 0)
    return blame (walk, 0, "before the section header a block of type", type);
  if (type == PCAPNG_INTERFACE)
    return walk_interface (walk, data, *length);
  if (walk->interfaces == 0)
    return blame (walk, 0, "before the interface a block of type", type);
  if (type == PCAPNG_STATISTICS)
    return walk_statistics (walk, data, *length);
  if (type == PCAPNG_PACKET)
    return walk_packet (walk, data, *length);
  return blame (walk, 0, "a block of type", type);
}

gboolean
pcapng_walk (PcapngWalk * walk, const guint8 * data, gsize length)
{
  walk->first_type = walk->last_type = 0;
  for (gsize used = 0; length > 0 && walk->wrong == NULL;
      data += used, length -= used) {
    if (walk_block (walk, data, length, &used))
      walk->length += used;
  }
  return walk->wrong == NULL;
}

PcapngWalk *
pcapng_walk_file (const gchar * location)
{
  PcapngWalk *walk = pcapng_walk_new ();
  g_autofree gchar *contents = NULL;
  gsize length = 0;

  fail_unless (g_file_get_contents (location, &contents, &length, NULL), "%s",
      location);
  pcapng_walk (walk, (const guint8 *) contents, length);
  fail_unless (walk->wrong == NULL, "%s: %s", location, walk->wrong);
  return walk;
}

const WalkedPacket *
pcapng_walk_get (PcapngWalk * walk, guint n)
{
  return g_ptr_array_index (walk->packets, n);
}
