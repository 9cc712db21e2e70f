/* gst-afring: putting fragments of IP packets together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpacketdefrag.h"
#include "gstpackethash.h"

#include <string.h>

/* As long as Linux waits (net.ipv4.ipfrag_time). */
#define TIMEOUT (30 * GST_SECOND)
#define MOST_MEMORY (16 * 1024 * 1024)
#define MOST_DATAGRAMS 4096

#define LARGEST 65535           /* bytes of a packet, RFC 791 */
#define FRAGMENT_HEADER_LENGTH 8

/* All fragments but the last have a multiple of this. */
#define UNIT 8
#define PAGE_SIZE 2048
#define N_PAGES ((LARGEST + 1) / PAGE_SIZE)

/* What malloc() and the hash table add to an allocation, about. */
#define OVERHEAD 16
#define TABLE_OVERHEAD 40

/* What fragments of one packet have in common. Compared as bytes. */
typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  guint64 link;
  guint32 id;
  guint8 version;
  guint8 protocol;              /* IPv4 */
  guint8 zero[2];
} Key;

/* Bytes at their place in the packet, and which of them have come. So it is found
 * without a search whether a fragment overlaps another, and a packet of tiny
 * fragments has not more memory than one of large ones. */
typedef struct
{
  guint8 come[PAGE_SIZE / UNIT];        /* TRUE or FALSE of each unit */
  guint8 data[PAGE_SIZE];
} Page;

typedef struct
{
  Key key;
  GList link;                   /* in the order, without an allocation */
  GstClockTime time;            /* of the first fragment to come */
  GByteArray *header;           /* of the one at offset 0, or NULL */
  Page *pages[N_PAGES];         /* NULL: nothing of it has come */
  gsize memory;                 /* of all this */
  gsize bytes;                  /* that have come */
  gsize end;                    /* of the last of them */
  gsize total;                  /* 0: the last fragment has not come */
  guint fragments;
  gboolean dead;                /* there was an overlap */
} Datagram;

struct _GstPacketDefrag
{
  GHashTable *datagrams;        /* by key */
  GQueue order;                 /* of Datagram, the oldest first */
  gsize memory;
  GstPacketDefragStats stats;
};

static guint
hash_key (gconstpointer key)
{
  return gst_packet_hash (key, sizeof (Key));
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

static void
clear_contents (Datagram * datagram)
{
  for (guint i = 0; i < N_PAGES; i++)
    g_clear_pointer (&datagram->pages[i], g_free);
  g_clear_pointer (&datagram->header, g_byte_array_unref);
}

static void
datagram_free (gpointer data)
{
  clear_contents (data);
  g_free (data);
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
  g_hash_table_unref (self->datagrams);
  g_free (self);
}

gsize
gst_packet_defrag_get_memory (GstPacketDefrag * self)
{
  return self->memory;
}

void
gst_packet_defrag_get_stats (GstPacketDefrag * self,
    GstPacketDefragStats * stats)
{
  *stats = self->stats;
}

/* Datagrams. */

static void
count_memory (GstPacketDefrag * self, Datagram * datagram, gsize size)
{
  datagram->memory += size;
  self->memory += size;
}

static void
remove_datagram (GstPacketDefrag * self, Datagram * datagram)
{
  self->memory -= datagram->memory;
  g_queue_unlink (&self->order, &datagram->link);
  g_hash_table_remove (self->datagrams, &datagram->key);
}

static void
give_up (GstPacketDefrag * self, Datagram * datagram)
{
  /* those of a dead one have been counted */
  self->stats.expired += datagram->fragments;
  remove_datagram (self, datagram);
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

    if (!old && self->memory <= MOST_MEMORY
        && g_hash_table_size (self->datagrams) <= MOST_DATAGRAMS)
      return;
    give_up (self, oldest);
  }
}

void
gst_packet_defrag_clear (GstPacketDefrag * self)
{
  Datagram *oldest;

  while ((oldest = g_queue_peek_head (&self->order)) != NULL)
    give_up (self, oldest);
}

static void
fill_key (Key * key, const GstPacketHeaders * headers, guint64 link)
{
  gsize length = gst_packet_headers_get_address_length (headers);

  memset (key, 0, sizeof (*key));
  memcpy (key->src, headers->src, length);
  memcpy (key->dst, headers->dst, length);
  key->link = link;
  key->id = headers->fragment_id;
  key->version = headers->version;
  key->protocol = headers->version == 4 ? headers->protocol : 0;
}

static Datagram *
get_datagram (GstPacketDefrag * self, const GstPacketHeaders * headers,
    guint64 link, GstClockTime time)
{
  Datagram *datagram;
  Key key;

  fill_key (&key, headers, link);
  datagram = g_hash_table_lookup (self->datagrams, &key);
  if (datagram != NULL)
    return datagram;

  datagram = g_new0 (Datagram, 1);
  datagram->key = key;
  datagram->time = time;
  datagram->link.data = datagram;
  count_memory (self, datagram, sizeof (*datagram) + OVERHEAD +
      TABLE_OVERHEAD);
  g_hash_table_insert (self->datagrams, &datagram->key, datagram);
  g_queue_push_tail_link (&self->order, &datagram->link);
  return datagram;
}

/* What was there is worth nothing, nor is what is to come; that is remembered until
 * the time is over. */
static void
reject (GstPacketDefrag * self, Datagram * datagram)
{
  gsize rest = sizeof (*datagram) + OVERHEAD + TABLE_OVERHEAD;

  self->stats.rejected += datagram->fragments;
  clear_contents (datagram);
  self->memory -= datagram->memory - rest;
  datagram->memory = rest;
  datagram->bytes = 0;
  datagram->fragments = 0;
  datagram->dead = TRUE;
}

/* Fragments. */

typedef struct
{
  gsize offset;                 /* in the packet, without its header */
  gsize length;
  const guint8 *data;
} Piece;

/* How much of a piece, from @at in the packet on, is in the page there. */
static gsize
get_share (const Piece * piece, gsize at)
{
  return MIN (piece->offset + piece->length - at, PAGE_SIZE - at % PAGE_SIZE);
}

static gsize
count_units (gsize bytes)
{
  return (bytes + UNIT - 1) / UNIT;
}

/* The units of a piece that have come before, and whether they have the same
 * bytes. */
static gsize
compare (const Datagram * datagram, const Piece * piece, gboolean * same)
{
  gsize found = 0, end = piece->offset + piece->length;

  *same = TRUE;
  for (gsize at = piece->offset; at < end; at += get_share (piece, at)) {
    const Page *page = datagram->pages[at / PAGE_SIZE];
    gsize in_page = at % PAGE_SIZE, share = get_share (piece, at);
    gsize n = count_units (share), come = 0;

    for (gsize i = 0; page != NULL && i < n; i++)
      come += page->come[in_page / UNIT + i];
    if (come < n || memcmp (page->data + in_page,
            piece->data + (at - piece->offset), share) != 0)
      *same = FALSE;
    found += come;
  }
  return found;
}

/* FALSE if the fragment contradicts what is known of the packet's length. */
static gboolean
check_total (Datagram * datagram, const Piece * piece, gboolean more)
{
  gsize end = piece->offset + piece->length;

  if (end > LARGEST || piece->length == 0)
    return FALSE;
  if (more)
    return datagram->total == 0 || end < datagram->total;
  if (datagram->total != 0)
    return end == datagram->total;
  if (datagram->end > end)
    return FALSE;
  datagram->total = end;
  return TRUE;
}

static void
store (GstPacketDefrag * self, Datagram * datagram, const Piece * piece)
{
  gsize end = piece->offset + piece->length;

  for (gsize at = piece->offset; at < end; at += get_share (piece, at)) {
    Page **page = &datagram->pages[at / PAGE_SIZE];
    gsize in_page = at % PAGE_SIZE, share = get_share (piece, at);

    if (*page == NULL) {
      *page = g_new (Page, 1);
      memset ((*page)->come, FALSE, sizeof ((*page)->come));
      count_memory (self, datagram, sizeof (Page) + OVERHEAD);
    }
    memset ((*page)->come + in_page / UNIT, TRUE, count_units (share));
    memcpy ((*page)->data + in_page, piece->data + (at - piece->offset), share);
  }
  datagram->bytes += piece->length;
  datagram->end = MAX (datagram->end, end);
}

/* The headers in front of the data, as they are without fragmentation. */
static void
store_header (GstPacketDefrag * self, Datagram * datagram, const guint8 * data,
    const GstPacketHeaders * headers)
{
  gsize length = headers->transport - headers->network;

  if (headers->version == 6)
    length -= FRAGMENT_HEADER_LENGTH;
  datagram->header = g_byte_array_sized_new (length);
  g_byte_array_append (datagram->header, data + headers->network, length);
  if (headers->version == 6)
    datagram->header->data[headers->protocol_at - headers->network] =
        headers->protocol;
  /* an array has the next power of two */
  count_memory (self, datagram, 2 * length + sizeof (GByteArray) + 2 * OVERHEAD);
}

/* The whole packet. */

static gboolean
is_whole (const Datagram * datagram)
{
  /* fragments do not overlap */
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

  for (gsize at = 0; at < datagram->total; at += PAGE_SIZE)
    g_byte_array_append (packet, datagram->pages[at / PAGE_SIZE]->data,
        MIN (datagram->total - at, PAGE_SIZE));
  if (!set_length (datagram, packet, header_length))
    g_clear_pointer (&packet, g_byte_array_unref);
  return packet;
}

GByteArray *
gst_packet_defrag_add (GstPacketDefrag * self, const guint8 * data,
    const GstPacketHeaders * headers, guint64 link, GstClockTime time)
{
  Piece piece = { headers->fragment_offset, headers->end - headers->transport,
    data + headers->transport
  };
  GByteArray *packet = NULL;
  Datagram *datagram;
  gboolean fits, same;
  gsize found = 0;

  expire (self, time);
  datagram = get_datagram (self, headers, link, time);
  if (datagram->dead) {
    self->stats.rejected++;
    return NULL;
  }
  datagram->fragments++;
  /* first: behind it no more is looked at than has come */
  fits = check_total (datagram, &piece, headers->more_fragments);
  if (fits)
    found = compare (datagram, &piece, &same);
  if (!fits || (found > 0 && !same)) {
    reject (self, datagram);
    return NULL;
  }
  if (found > 0)
    return NULL;

  if (piece.offset == 0)
    store_header (self, datagram, data, headers);
  store (self, datagram, &piece);
  if (is_whole (datagram)) {
    packet = put_together (datagram);
    remove_datagram (self, datagram);
  }
  return packet;
}
