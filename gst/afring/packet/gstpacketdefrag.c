/* gst-afring: putting fragments of IP packets together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpacketdefrag.h"

#include <string.h>

/* As long as Linux waits (net.ipv4.ipfrag_time). */
#define TIMEOUT (30 * GST_SECOND)
#define MOST_BYTES (16 * 1024 * 1024)
#define MOST_DATAGRAMS 4096

#define LARGEST 65535           /* bytes of a packet, RFC 791 */
#define FRAGMENT_HEADER_LENGTH 8

/* What fragments of one packet have in common. Compared as bytes. */
typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  guint32 id;
  guint8 version;
  guint8 protocol;              /* IPv4 */
  guint8 zero[2];
} Key;

typedef struct
{
  gsize offset;
  gsize length;
  guint8 *data;
} Piece;

typedef struct
{
  Key key;
  GstClockTime time;            /* of the first fragment to come */
  GByteArray *header;           /* of the one at offset 0, or NULL */
  GArray *pieces;               /* of Piece, in order */
  gsize bytes;                  /* of all pieces */
  gsize total;                  /* 0: the last one has not come */
  guint fragments;
  gboolean dead;                /* there was an overlap */
} Datagram;

struct _GstPacketDefrag
{
  GHashTable *datagrams;        /* by key */
  GQueue order;                 /* of Datagram, the oldest first */
  gsize bytes;
  GstPacketDefragStats stats;
};

static guint
hash_key (gconstpointer pointer)
{
  const guint8 *bytes = pointer;
  guint hash = 5381;

  for (gsize i = 0; i < sizeof (Key); i++)
    hash = hash * 33 + bytes[i];
  return hash;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

static void
clear_piece (gpointer data)
{
  g_free (((Piece *) data)->data);
}

static void
datagram_free (gpointer data)
{
  Datagram *datagram = data;

  g_array_unref (datagram->pieces);
  g_clear_pointer (&datagram->header, g_byte_array_unref);
  g_free (datagram);
}

GstPacketDefrag *
gst_packet_defrag_new (void)
{
  GstPacketDefrag *self = g_new0 (GstPacketDefrag, 1);

  self->datagrams = g_hash_table_new_full (hash_key, equal_keys, NULL,
      datagram_free);
  g_queue_init (&self->order);
  return self;
}

void
gst_packet_defrag_free (GstPacketDefrag * self)
{
  g_queue_clear (&self->order);
  g_hash_table_unref (self->datagrams);
  g_free (self);
}

void
gst_packet_defrag_get_stats (GstPacketDefrag * self,
    GstPacketDefragStats * stats)
{
  *stats = self->stats;
}

static void
remove_datagram (GstPacketDefrag * self, Datagram * datagram)
{
  self->bytes -= datagram->bytes;
  g_queue_remove (&self->order, datagram);
  g_hash_table_remove (self->datagrams, &datagram->key);
}

/* Lets go of the oldest ones, for their age or for want of room. */
static void
expire (GstPacketDefrag * self, GstClockTime time)
{
  Datagram *oldest;

  while ((oldest = g_queue_peek_head (&self->order)) != NULL) {
    gboolean old = time != GST_CLOCK_TIME_NONE
        && oldest->time != GST_CLOCK_TIME_NONE
        && time > oldest->time + TIMEOUT;

    if (!old && self->bytes <= MOST_BYTES
        && g_hash_table_size (self->datagrams) <= MOST_DATAGRAMS)
      return;
    if (!oldest->dead)
      self->stats.expired += oldest->fragments;
    remove_datagram (self, oldest);
  }
}

static Datagram *
get_datagram (GstPacketDefrag * self, const GstPacketHeaders * headers,
    GstClockTime time)
{
  gsize length = gst_packet_headers_get_address_length (headers);
  Datagram *datagram;
  Key key = { .id = headers->fragment_id };

  memcpy (key.src, headers->src, length);
  memcpy (key.dst, headers->dst, length);
  key.version = headers->version;
  key.protocol = headers->version == 4 ? headers->protocol : 0;
  datagram = g_hash_table_lookup (self->datagrams, &key);
  if (datagram != NULL)
    return datagram;

  datagram = g_new0 (Datagram, 1);
  datagram->key = key;
  datagram->time = time;
  datagram->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_array_set_clear_func (datagram->pieces, clear_piece);
  g_hash_table_insert (self->datagrams, &datagram->key, datagram);
  g_queue_push_tail (&self->order, datagram);
  return datagram;
}

/* What was there is worth nothing, nor is what is to come; that is remembered until
 * the time is over. */
static void
reject (GstPacketDefrag * self, Datagram * datagram)
{
  self->stats.rejected += datagram->fragments;
  self->bytes -= datagram->bytes;
  datagram->bytes = 0;
  datagram->fragments = 0;
  datagram->dead = TRUE;
  g_array_set_size (datagram->pieces, 0);
  g_clear_pointer (&datagram->header, g_byte_array_unref);
}

/* The place of a new piece. FALSE if it overlaps another; *@twice if it is one that
 * was there already. */
static gboolean
find_place (Datagram * datagram, const Piece * piece, guint * index,
    gboolean * twice)
{
  *twice = FALSE;
  for (*index = datagram->pieces->len; *index > 0; (*index)--) {
    const Piece *other =
        &g_array_index (datagram->pieces, Piece, *index - 1);

    if (other->offset + other->length <= piece->offset)
      return TRUE;
    if (other->offset == piece->offset && other->length == piece->length
        && memcmp (other->data, piece->data, piece->length) == 0) {
      *twice = TRUE;
      return TRUE;
    }
    if (other->offset < piece->offset + piece->length)
      return FALSE;
  }
  return TRUE;
}

/* FALSE if the fragment contradicts what is known of the packet's length. */
static gboolean
check_total (Datagram * datagram, const Piece * piece, gboolean more)
{
  gsize end = piece->offset + piece->length;
  const Piece *last;

  if (end > LARGEST || piece->length == 0)
    return FALSE;
  if (more)
    return datagram->total == 0 || end < datagram->total;
  if (datagram->total != 0)
    return end == datagram->total;
  if (datagram->pieces->len > 0) {
    last = &g_array_index (datagram->pieces, Piece, datagram->pieces->len - 1);
    if (last->offset + last->length > end)
      return FALSE;
  }
  datagram->total = end;
  return TRUE;
}

/* The headers in front of the data, as they are without fragmentation. */
static GByteArray *
copy_header (const guint8 * data, const GstPacketHeaders * headers)
{
  GByteArray *header = g_byte_array_new ();
  gsize end = headers->transport;

  if (headers->version == 6)
    end -= FRAGMENT_HEADER_LENGTH;
  g_byte_array_append (header, data + headers->network,
      end - headers->network);
  if (headers->version == 6)
    header->data[headers->protocol_at - headers->network] = headers->protocol;
  return header;
}

static gboolean
is_whole (const Datagram * datagram)
{
  /* pieces do not overlap */
  return datagram->total != 0 && datagram->header != NULL
      && datagram->bytes == datagram->total;
}

static guint16
checksum (const guint8 * header, gsize length)
{
  guint32 sum = 0;

  for (gsize i = 0; i + 1 < length; i += 2)
    sum += GST_READ_UINT16_BE (header + i);
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  return ~sum;
}

/* FALSE if the packet would be longer than IP can say. */
static gboolean
set_length (const Datagram * datagram, GByteArray * packet, gsize header_length)
{
  guint8 *ip = packet->data;

  if (datagram->key.version == 6) {
    if (packet->len - 40 > G_MAXUINT16)
      return FALSE;
    GST_WRITE_UINT16_BE (ip + 4, packet->len - 40);
    return TRUE;
  }
  if (packet->len > G_MAXUINT16)
    return FALSE;
  GST_WRITE_UINT16_BE (ip + 2, packet->len);
  GST_WRITE_UINT16_BE (ip + 6, 0);
  GST_WRITE_UINT16_BE (ip + 10, 0);
  GST_WRITE_UINT16_BE (ip + 10, checksum (ip, header_length));
  return TRUE;
}

static GByteArray *
put_together (Datagram * datagram)
{
  GByteArray *packet = g_steal_pointer (&datagram->header);
  gsize header_length = packet->len;

  for (guint i = 0; i < datagram->pieces->len; i++) {
    const Piece *piece = &g_array_index (datagram->pieces, Piece, i);

    g_byte_array_append (packet, piece->data, piece->length);
  }
  if (!set_length (datagram, packet, header_length))
    g_clear_pointer (&packet, g_byte_array_unref);
  return packet;
}

GByteArray *
gst_packet_defrag_add (GstPacketDefrag * self, const guint8 * data,
    const GstPacketHeaders * headers, GstClockTime time)
{
  Piece piece = { headers->fragment_offset, headers->end - headers->transport,
    (guint8 *) data + headers->transport
  };
  GByteArray *packet = NULL;
  Datagram *datagram;
  gboolean twice;
  guint index;

  expire (self, time);
  datagram = get_datagram (self, headers, time);
  if (datagram->dead) {
    self->stats.rejected++;
    return NULL;
  }
  datagram->fragments++;
  if (!find_place (datagram, &piece, &index, &twice)
      || (!twice && !check_total (datagram, &piece, headers->more_fragments))) {
    reject (self, datagram);
    return NULL;
  }
  if (twice)
    return NULL;

  if (piece.offset == 0)
    datagram->header = copy_header (data, headers);
  piece.data = g_memdup2 (piece.data, piece.length);
  g_array_insert_val (datagram->pieces, index, piece);
  datagram->bytes += piece.length;
  self->bytes += piece.length;
  if (is_whole (datagram)) {
    packet = put_together (datagram);
    remove_datagram (self, datagram);
  }
  return packet;
}
