/* gst-afring: the bytes of a capture file to packets: classic pcap
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder-private.h"

#define LINK_TYPE_MASK 0x03ffffff      /* above it is the length of the FCS */

/* Kinds of classic files, as wiretap of Wireshark knows them: the usual ones; the
 * "modified" one of Kuznetzov's tcpdump, whose records have interface, protocol and
 * addressing behind the lengths; those of IXIA's hardware and software, which have the
 * size of all records behind the file's header. */
typedef struct
{
  guint32 magic;
  gboolean nanoseconds;
  guint file_header;            /* lengths */
  guint record_header;
} Kind;

static const Kind kinds[] = {
  {MAGIC_MICROSECOND, FALSE, FILE_HEADER_LENGTH, RECORD_HEADER_LENGTH},
  {MAGIC_NANOSECOND, TRUE, FILE_HEADER_LENGTH, RECORD_HEADER_LENGTH},
  {MAGIC_MODIFIED, FALSE, FILE_HEADER_LENGTH, LARGEST_RECORD_HEADER},
  {MAGIC_IXIA_HARDWARE, TRUE, FILE_HEADER_LENGTH + 4, RECORD_HEADER_LENGTH},
  {MAGIC_IXIA_SOFTWARE, FALSE, FILE_HEADER_LENGTH + 4, RECORD_HEADER_LENGTH},
};

/* At the addressing in a record of the modified kind, Linux's PACKET_ numbers. */
#define MODIFIED_TYPE_AT 22

static const Kind *
find_kind (guint32 magic)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (kinds[i].magic == magic)
      return &kinds[i];
  }
  return NULL;
}

/* DG/UX has a version of its own, with the lengths of before 2.3. */
static gboolean
is_known_version (guint major, guint minor)
{
  return major == 2 || (major == 543 && minor == 0);
}

/* Behind the version are the time zone and the accuracy, 0 in all files that anybody
 * writes; a record of those very seconds and microseconds would have no bytes on the
 * wire. As a record, a section header of pcapng is impossibly long. */
gboolean
gst_pcap_decoder_is_file_header (const guint8 * data)
{
  GstPcapDecoder order = {.swapped = FALSE };
  guint32 magic;

  memcpy (&magic, data, sizeof (magic));
  if (gst_pcap_decoder_is_section_header (data)) {
    magic = gst_pcap_decoder_read_u32 (&order, data + 8);
    return magic == GST_PCAPNG_BYTE_ORDER_MAGIC
        || magic == GUINT32_SWAP_LE_BE (GST_PCAPNG_BYTE_ORDER_MAGIC);
  }
  order.swapped = find_kind (magic) == NULL;
  return is_known_version (gst_pcap_decoder_read_u16 (&order, data + 4),
      gst_pcap_decoder_read_u16 (&order, data + 6))
      && gst_pcap_decoder_read_u32 (&order, data + 12) == 0;
}

/* Up to version 2.2 the two lengths stood the other way round, and in 2.3 with some
 * programs. */
static void
set_version (GstPcapDecoder * self, guint major, guint minor)
{
  if (major != 2 || minor < 3)
    self->lengths = TURNED;
  else
    self->lengths = minor == 3 ? MAYBE_TURNED : IN_ORDER;
}

GstPcapDecoderResult
gst_pcap_decoder_read_file_header (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GError ** error)
{
  GstPcapInterface interface = { 0 };
  const Kind *kind;
  guint major, minor;
  guint32 link_type;

  if (length < FILE_HEADER_LENGTH)
    return gst_pcap_decoder_need (used, FILE_HEADER_LENGTH);
  memcpy (&link_type, data, sizeof (link_type));
  self->swapped = find_kind (link_type) == NULL;
  kind = find_kind (gst_pcap_decoder_read_u32 (self, data));
  if (length < kind->file_header)
    return gst_pcap_decoder_need (used, kind->file_header);

  major = gst_pcap_decoder_read_u16 (self, data + 4);
  minor = gst_pcap_decoder_read_u16 (self, data + 6);
  link_type = gst_pcap_decoder_read_u32 (self, data + 20) & LINK_TYPE_MASK;
  if (!is_known_version (major, minor))
    return gst_pcap_decoder_fail (self, error,
        "a version of pcap other than 2");
  if (link_type > G_MAXUINT16)
    return gst_pcap_decoder_fail (self, error, "an impossible link type");

  self->nanoseconds = kind->nanoseconds;
  self->record_header = kind->record_header;
  set_version (self, major, minor);
  interface.iface.snaplen = gst_pcap_decoder_read_u32 (self, data + 16);
  interface.iface.link_type = link_type;
  g_array_set_size (self->interfaces, 0);
  g_array_append_val (self->interfaces, interface);
  self->format = CLASSIC;
  self->n_files++;
  self->piece = GST_PCAP_PIECE_INTERFACE;
  *used = kind->file_header;
  return GST_PCAP_DECODER_OTHER;
}

void
gst_pcap_decoder_read_lengths (const GstPcapDecoder * self,
    const guint8 * record, guint32 * captured, guint32 * wire)
{
  *captured = gst_pcap_decoder_read_u32 (self, record + 8);
  *wire = gst_pcap_decoder_read_u32 (self, record + 12);
  if (G_UNLIKELY (self->lengths != IN_ORDER) && (self->lengths == TURNED
          || *captured > *wire)) {
    guint32 first = *captured;

    *captured = *wire;
    *wire = first;
  }
}

GstPcapDecoderResult
gst_pcap_decoder_read_record (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GstPcapPacket * packet, GError ** error)
{
  const guint header = self->record_header;
  guint32 captured, wire, fraction;

  if (length < header)
    return gst_pcap_decoder_need (used, header);
  gst_pcap_decoder_read_lengths (self, data, &captured, &wire);
  if (captured > MAX_LENGTH)
    return gst_pcap_decoder_fail (self, error,
        "a packet of an impossible length");
  if (length < header + captured)
    return gst_pcap_decoder_need (used, header + captured);

  fraction = gst_pcap_decoder_read_u32 (self, data + 4);
  packet->interface_id = 0;
  packet->link_type = gst_pcap_decoder_get_nth (self, 0)->iface.link_type;
  packet->time = gst_pcap_decoder_read_u32 (self, data) * GST_SECOND
      + fraction * (self->nanoseconds ? 1 : GST_USECOND);
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  if (G_UNLIKELY (header > MODIFIED_TYPE_AT)
      && data[MODIFIED_TYPE_AT] <= GST_PACKET_TYPE_OUTGOING)
    packet->type = data[MODIFIED_TYPE_AT];
  packet->data = data + header;
  packet->captured_length = captured;
  packet->wire_length = wire;
  *used = header + captured;
  return GST_PCAP_DECODER_PACKET;
}
