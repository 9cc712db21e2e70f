/* gst-afring: what a capture file says of a whole section
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcapturesection
 * @title: Section blocks
 * @short_description: what a capture file says of a whole section
 *
 * A pcapng file has blocks that are not about one packet or one interface: the names
 * that addresses had, the secrets that decrypt its packets, and what somebody else has
 * put in front of the packets as custom blocks. Without them the packets say less.
 * Who takes the packets out of a file sends them along in one sticky event, from
 * which a recorder writes them into each of its files.
 *
 * The event is named `GstCaptureSection`. A later one, because a block has been found
 * behind the first packets or because another section begins, says all again and takes
 * the place of the one before. Bound what it holds: each is written into each file.
 *
 * A block is a #GBytes: a whole block as draft-ietf-opsawg-pcapng has it, with its type
 * and both lengths, in the byte order of this machine.
 */

#include "gstcapturesection.h"

#include <string.h>

#define EVENT_NAME "GstCaptureSection"
#define BLOCKS "blocks"

/* draft-ietf-opsawg-pcapng, sections 4.5, 4.7, 4.8. The other kind of custom block says
 * that it is not to be copied. */
#define BLOCK_NAMES 4
#define BLOCK_SECRETS 10
#define BLOCK_CUSTOM 0xbad

#define LEAST_LENGTH 12
#define HEADER_LENGTH 8
#define PADDED(n) (((gsize) (n) + 3) & ~(gsize) 3)

/**
 * gst_capture_section_has_block:
 * @type: type of a pcapng block
 * @in_front: whether it stands before the first packet of its section
 *
 * Tells whether a block of a file is one that says something of the whole section:
 * name resolution and decryption secrets, and custom blocks in front of the packets,
 * which between packets can be anything.
 *
 * Returns: %TRUE if it is to be repeated in each file that packets of the section
 *   are in
 */
gboolean
gst_capture_section_has_block (guint32 type, gboolean in_front)
{
  return type == BLOCK_NAMES || type == BLOCK_SECRETS
      || (type == BLOCK_CUSTOM && in_front);
}

static guint32
read_u32 (const guint8 * data)
{
  guint32 value;

  memcpy (&value, data, sizeof (value));
  return value;
}

static guint32
swap_u32 (guint8 * data)
{
  guint32 value = GUINT32_SWAP_LE_BE (read_u32 (data));

  memcpy (data, &value, sizeof (value));
  return value;
}

static guint16
swap_u16 (guint8 * data)
{
  guint16 value;

  memcpy (&value, data, sizeof (value));
  value = GUINT16_SWAP_LE_BE (value);
  memcpy (data, &value, sizeof (value));
  return value;
}

/* Names and options are a code and a length and bytes. */
static gboolean
swap_records (guint8 * data, gsize at, gsize end)
{
  while (at < end) {
    if (end - at < 4)
      return FALSE;
    swap_u16 (data + at);
    at += 4 + PADDED (swap_u16 (data + at + 2));
  }
  return at == end;
}

/* A type and a length and bytes, and options. */
static gboolean
swap_secrets (guint8 * data, gsize at, gsize end)
{
  gsize size;

  if (end - at < 8)
    return FALSE;
  swap_u32 (data + at);
  size = PADDED (swap_u32 (data + at + 4));
  return size <= end - at - 8 && swap_records (data, at + 8 + size, end);
}

/* Of the bytes of a custom block nobody else knows the order. */
static gboolean
swap_block (guint8 * data, gsize length)
{
  gsize end = length - sizeof (guint32);
  guint32 type = swap_u32 (data);

  swap_u32 (data + sizeof (guint32));
  swap_u32 (data + end);
  return type == BLOCK_NAMES ? swap_records (data, HEADER_LENGTH, end) :
      type == BLOCK_SECRETS && swap_secrets (data, HEADER_LENGTH, end);
}

/**
 * gst_capture_section_new_block:
 * @data: (array length=length): a whole block, as it stands in a file of either byte
 *   order
 * @length: bytes of it
 *
 * Makes a block for gst_event_new_capture_section().
 *
 * Returns: (transfer full) (nullable): the block in the byte order of this machine;
 *   %NULL if it is corrupt, or is a custom block of the other byte order, whose bytes
 *   cannot be put in order
 */
GBytes *
gst_capture_section_new_block (const guint8 * data, gsize length)
{
  guint8 *copy;

  g_return_val_if_fail (data != NULL, NULL);

  if (length < LEAST_LENGTH || length % 4 != 0 || length > G_MAXUINT32)
    return NULL;
  if (read_u32 (data + sizeof (guint32)) == length)
    return g_bytes_new (data, length);
  if (read_u32 (data + sizeof (guint32)) !=
      GUINT32_SWAP_LE_BE ((guint32) length))
    return NULL;
  copy = g_malloc (length);
  memcpy (copy, data, length);
  if (!swap_block (copy, length))
    g_clear_pointer (&copy, g_free);
  return copy != NULL ? g_bytes_new_take (copy, length) : NULL;
}

/**
 * gst_event_new_capture_section:
 * @blocks: (element-type GLib.Bytes): blocks from gst_capture_section_new_block(); must
 *   not be changed any more
 *
 * Says what a capture file has of all its packets: names, secrets, custom blocks.
 *
 * Returns: (transfer full): a sticky event that says what there is of the section
 */
GstEvent *
gst_event_new_capture_section (GPtrArray * blocks)
{
  g_return_val_if_fail (blocks != NULL, NULL);

  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
      gst_structure_new (EVENT_NAME, BLOCKS, G_TYPE_PTR_ARRAY, blocks, NULL));
}

/**
 * gst_event_parse_capture_section:
 * @event: any #GstEvent
 * @blocks: (out) (transfer none) (element-type GLib.Bytes): the blocks, which are the
 *   event's
 *
 * Takes such an event apart.
 *
 * Returns: %FALSE if the event is another one
 */
gboolean
gst_event_parse_capture_section (GstEvent * event, GPtrArray ** blocks)
{
  const GValue *value;

  g_return_val_if_fail (GST_IS_EVENT (event), FALSE);
  g_return_val_if_fail (blocks != NULL, FALSE);

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_DOWNSTREAM_STICKY
      || !gst_event_has_name (event, EVENT_NAME))
    return FALSE;
  value = gst_structure_get_value (gst_event_get_structure (event), BLOCKS);
  if (value == NULL || !G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY))
    return FALSE;
  *blocks = g_value_get_boxed (value);
  return *blocks != NULL;
}
