/* gst-afring: what tells a packet from another, from the network layer on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetdigest.h"

#include <string.h>
#include <sys/random.h>

/* A Mersenne prime: what is above its bits is added to what is below. */
#define PRIME ((G_GUINT64_CONSTANT (1) << 61) - 1)

/* Bytes of a coefficient, which has to be less than the prime. */
#define STEP 7

#define IPV4_HEADER_LENGTH 20
#define IPV6_HEADER_LENGTH 40

void
packet_digest_key_init (PacketDigestKey * self)
{
  if (getrandom (self, sizeof (*self), GRND_NONBLOCK) != sizeof (*self)) {
    for (guint i = 0; i < G_N_ELEMENTS (self->points); i++)
      self->points[i] = (guint64) g_random_int () << 32 | g_random_int ();
  }
  for (guint i = 0; i < G_N_ELEMENTS (self->points); i++)
    self->points[i] %= PRIME;
}

/* Both are less than the prime; what is given is less than 2^63. */
static guint64
multiply (guint64 a, guint64 b)
{
#ifdef __SIZEOF_INT128__
  unsigned __int128 product = (unsigned __int128) a * b;

  return (guint64) (product & PRIME) + (guint64) (product >> 61);
#else
  guint64 low = (a & G_MAXUINT32) * (b & G_MAXUINT32);
  guint64 middle = (a >> 32) * (b & G_MAXUINT32) + (a & G_MAXUINT32) * (b >> 32);
  guint64 high = (a >> 32) * (b >> 32);

  /* 2^64 is 8 there, 2^61 is 1 */
  return (low & PRIME) + (low >> 61) + (middle >> 29)
      + ((middle & ((1 << 29) - 1)) << 32) + (high << 3);
#endif
}

static guint64
step (guint64 value, guint64 point, guint64 coefficient)
{
  guint64 sum = multiply (value, point) + coefficient;

  sum = (sum & PRIME) + (sum >> 61);
  return sum >= PRIME ? sum - PRIME : sum;
}

static void
add (PacketDigest * self, const PacketDigestKey * key, guint64 coefficient)
{
  self->values[0] = step (self->values[0], key->points[0], coefficient);
  self->values[1] = step (self->values[1], key->points[1], coefficient);
}

static void
add_bytes (PacketDigest * self, const PacketDigestKey * key,
    const guint8 * data, gsize size)
{
  guint64 word;

  for (; size > STEP; data += STEP, size -= STEP) {
    /* one byte more than it takes is there */
    memcpy (&word, data, sizeof (word));
    add (self, key, GUINT64_FROM_LE (word) & (PRIME >> 5));
  }
  word = 0;
  memcpy (&word, data, size);
  add (self, key, GUINT64_FROM_LE (word));
}

void
packet_digest_init (PacketDigest * self, const PacketDigestKey * key,
    const guint8 * data, gsize captured, const GstPacketHeaders * headers)
{
  gsize size = MIN (captured, headers->network_end) - headers->network;
  guint8 header[IPV6_HEADER_LENGTH];
  gsize length = headers->version == 4 ? IPV4_HEADER_LENGTH :
      IPV6_HEADER_LENGTH;

  length = MIN (length, size);
  memcpy (header, data + headers->network, length);
  if (headers->version == 4 && length == IPV4_HEADER_LENGTH)
    header[8] = header[10] = header[11] = 0;
  else if (headers->version == 6 && length > 7)
    header[7] = 0;

  self->values[0] = self->values[1] = 0;
  /* lengths first: of two packets neither is the other with zeros behind */
  add (self, key, headers->network_end - headers->network);
  add (self, key, size);
  add_bytes (self, key, header, length);
  if (size > length)
    add_bytes (self, key, data + headers->network + length, size - length);
}
