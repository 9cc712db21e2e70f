/* gst-afring: what each file of a pcapng section begins with
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsection.h"
#include "common/sectionblocks.h"

#include <gst/afring/capture/gstcapturesection.h>
#include <gst/afring/pcap/gstpcapngblock.h>
#include <gst/afring/pcap/gstpcapngwriter.h>

/* Of so many interfaces each file has the descriptions. Those of others come with
 * their first block. */
#define MOST_AT_START 64

/* Of blocks that are repeated in each file, in bytes, and how much of a file. */
#define MOST_REPEATED (16 * 1024 * 1024)
#define PART_OF_FILE 4

#define BYTE_ORDER_AT 8         /* in a section header */
#define SECTION_LENGTH_AT 16
#define INTERFACE_AT 8          /* in blocks that are of one */
#define NOT_DESCRIBED -1

typedef struct
{
  guint at;                     /* in the descriptions */
  guint length;
  gint number;                  /* in the file, or NOT_DESCRIBED */
} Interface;

struct _PcapSection
{
  GByteArray *header;           /* empty: not known */
  gboolean swapped;
  GByteArray *descriptions;
  GArray *interfaces;           /* Interface */
  GArray *described;            /* guint: those that are in the file, in order */
  gboolean renumbered;          /* they have other numbers there */
  guint n_written;              /* in this file or one before */
  gboolean has_packets;

  SectionBlocks repeated;       /* in each file */
};

PcapSection *
pcap_section_new (guint64 max_size)
{
  PcapSection *self = g_new0 (PcapSection, 1);

  section_blocks_init (&self->repeated, max_size == 0 ? MOST_REPEATED :
      MIN (MOST_REPEATED, max_size / PART_OF_FILE), G_MAXUINT);
  self->header = g_byte_array_new ();
  self->descriptions = g_byte_array_new ();
  self->interfaces = g_array_new (FALSE, FALSE, sizeof (Interface));
  self->described = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
pcap_section_free (PcapSection * self)
{
  g_byte_array_unref (self->header);
  g_byte_array_unref (self->descriptions);
  g_array_unref (self->interfaces);
  g_array_unref (self->described);
  section_blocks_clear (&self->repeated);
  g_free (self);
}

gboolean
pcap_section_is_known (PcapSection * self)
{
  return self->header->len > 0;
}

void
pcap_section_forget (PcapSection * self)
{
  g_byte_array_set_size (self->header, 0);
  g_byte_array_set_size (self->descriptions, 0);
  g_array_set_size (self->interfaces, 0);
  g_array_set_size (self->described, 0);
  self->renumbered = FALSE;
  self->n_written = 0;
  self->has_packets = FALSE;
  section_blocks_forget (&self->repeated);
}

static guint32
read_u32 (const PcapSection * self, const guint8 * data)
{
  guint32 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

/* What a section says of how long it is would be wrong in each of the files. */
static void
forget_length (guint8 * header)
{
  memset (header + SECTION_LENGTH_AT, 0xff, 8);
}

static void
take_header (PcapSection * self, const guint8 * block, gsize length)
{
  guint32 byte_order;

  pcap_section_forget (self);
  memcpy (&byte_order, block + BYTE_ORDER_AT, sizeof (byte_order));
  self->swapped = byte_order != GST_PCAPNG_BYTE_ORDER_MAGIC;
  g_byte_array_append (self->header, block, length);
  forget_length (self->header->data);
}

static Interface *
get_interface (PcapSection * self, guint id)
{
  return &g_array_index (self->interfaces, Interface, id);
}

static void
mark_described (PcapSection * self, guint id)
{
  self->renumbered |= id != self->described->len;
  get_interface (self, id)->number = self->described->len;
  g_array_append_val (self->described, id);
}

static void
take_interface (PcapSection * self, const guint8 * block, gsize length,
    gboolean begun)
{
  Interface interface = { self->descriptions->len, length, NOT_DESCRIBED };

  g_byte_array_append (self->descriptions, block, length);
  g_array_append_val (self->interfaces, interface);
  if (begun) {
    self->n_written = self->interfaces->len;
    mark_described (self, self->n_written - 1);
  }
}

gboolean
pcap_section_take (PcapSection * self, const guint8 * block, gsize length,
    gboolean begun)
{
  guint32 type = read_u32 (self, block);

  if (type == GST_PCAPNG_BLOCK_SECTION_HEADER) {
    take_header (self, block, length);
    return TRUE;
  }
  if (type == GST_PCAPNG_BLOCK_INTERFACE) {
    take_interface (self, block, length, begun);
    return TRUE;
  }
  if (type == GST_PCAPNG_BLOCK_PACKET
      || type == GST_PCAPNG_BLOCK_SIMPLE_PACKET
      || type == GST_PCAPNG_BLOCK_OBSOLETE_PACKET)
    self->has_packets = TRUE;
  else if (gst_capture_section_has_block (type, !self->has_packets))
    section_blocks_add (&self->repeated, g_bytes_new (block, length));
  return FALSE;
}

gboolean
pcap_section_take_packet (PcapSection * self)
{
  self->has_packets = TRUE;
  return !self->renumbered && self->described->len == self->interfaces->len;
}

void
pcap_section_set_blocks (PcapSection * self, GPtrArray * blocks,
    GByteArray * added)
{
  section_blocks_set (&self->repeated, blocks, added);
}

void
pcap_section_append_blocks (PcapSection * self, GByteArray * out)
{
  section_blocks_append (&self->repeated, out);
}

static void
append_interface (PcapSection * self, guint id, GByteArray * out)
{
  const Interface *interface = get_interface (self, id);

  g_byte_array_append (out, self->descriptions->data + interface->at,
      interface->length);
  mark_described (self, id);
}

/* The first ones keep their numbers, so that blocks that are not looked into stay
 * right. Those that no file has yet are in this one. */
void
pcap_section_append_start (PcapSection * self, const gchar * const *comments,
    GByteArray * out)
{
  guint n = self->interfaces->len;

  g_byte_array_append (out, self->header->data, self->header->len);
  gst_pcapng_insert_comments (out, comments);
  for (guint id = 0; id < MIN (n, MOST_AT_START); id++)
    append_interface (self, id, out);
  for (guint id = MAX (MOST_AT_START, self->n_written); id < n; id++)
    append_interface (self, id, out);
  self->n_written = n;
  pcap_section_append_blocks (self, out);
}

gsize
pcap_section_get_start_size (PcapSection * self, const gchar * const *comments)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();
  guint n = self->interfaces->len;
  gsize size = self->repeated.size;

  g_byte_array_append (header, self->header->data, self->header->len);
  gst_pcapng_insert_comments (header, comments);
  for (guint id = 0; id < MIN (n, MOST_AT_START); id++)
    size += get_interface (self, id)->length;
  for (guint id = MAX (MOST_AT_START, self->n_written); id < n; id++)
    size += get_interface (self, id)->length;
  return size + header->len;
}

gboolean
pcap_section_has_one (PcapSection * self)
{
  return self->interfaces->len == 1 && !self->swapped;
}

void
pcap_section_restart (PcapSection * self)
{
  for (guint i = 0; i < self->described->len; i++)
    get_interface (self, g_array_index (self->described, guint,
            i))->number = NOT_DESCRIBED;
  g_array_set_size (self->described, 0);
  self->renumbered = FALSE;
}

/* The one that a block is of, or -1; in old packets the number has 16 bits. */
static gint
find_interface (PcapSection * self, const guint8 * block, gsize length)
{
  guint32 type = read_u32 (self, block), id = G_MAXUINT32;

  if (length < INTERFACE_AT + sizeof (id))
    return -1;
  if (type == GST_PCAPNG_BLOCK_PACKET || type == GST_PCAPNG_BLOCK_STATISTICS) {
    id = read_u32 (self, block + INTERFACE_AT);
  } else if (type == GST_PCAPNG_BLOCK_OBSOLETE_PACKET) {
    guint16 short_id;

    memcpy (&short_id, block + INTERFACE_AT, sizeof (short_id));
    id = self->swapped ? GUINT16_SWAP_LE_BE (short_id) : short_id;
  }
  return id < self->interfaces->len ? (gint) id : -1;
}

gsize
pcap_section_get_missing (PcapSection * self, const guint8 * block,
    gsize length)
{
  gint id = find_interface (self, block, length);

  return id >= 0 && get_interface (self, id)->number == NOT_DESCRIBED ?
      get_interface (self, id)->length : 0;
}

void
pcap_section_append_missing (PcapSection * self, const guint8 * block,
    gsize length, GByteArray * out)
{
  gint id = find_interface (self, block, length);

  if (id >= 0 && get_interface (self, id)->number == NOT_DESCRIBED)
    append_interface (self, id, out);
}

static void
set_number (PcapSection * self, guint8 * block, guint32 number)
{
  if (read_u32 (self, block) == GST_PCAPNG_BLOCK_OBSOLETE_PACKET) {
    guint16 short_number = self->swapped ?
        GUINT16_SWAP_LE_BE ((guint16) number) : number;

    memcpy (block + INTERFACE_AT, &short_number, sizeof (short_number));
  } else {
    number = self->swapped ? GUINT32_SWAP_LE_BE (number) : number;
    memcpy (block + INTERFACE_AT, &number, sizeof (number));
  }
}

void
pcap_section_adapt (PcapSection * self, guint8 * block, gsize length)
{
  gint id = find_interface (self, block, length);

  if (id >= 0)
    set_number (self, block, get_interface (self, id)->number);
  else if (read_u32 (self, block) == GST_PCAPNG_BLOCK_SECTION_HEADER)
    forget_length (block);
}

guint64
pcap_section_get_left_out (PcapSection * self)
{
  return self->repeated.left_out;
}
