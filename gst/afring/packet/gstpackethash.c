/* gst-afring: hashes that nobody outside can foresee
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpackethash.h"

#include <string.h>
#include <sys/random.h>

#define MOST_WORDS (GST_PACKET_HASH_MOST_BYTES / 4)

typedef struct
{
  guint32 words[MOST_WORDS];
  guint64 factors[2];           /* odd */
} Secret;

static gpointer
draw_secret (gpointer data)
{
  static Secret secret;
  guint8 *bytes = (guint8 *) &secret;

  if (getrandom (bytes, sizeof (secret), GRND_NONBLOCK) != sizeof (secret)) {
    for (gsize i = 0; i < sizeof (secret); i++)
      bytes[i] = g_random_int ();
  }
  secret.factors[0] |= 1;
  secret.factors[1] |= 1;
  return &secret;
}

/* Each value has one that it comes from: nothing new collides. Addresses in a row,
 * which a sum of products puts into a row of places, or of every third, are spread. */
static guint64
mix (const Secret * secret, guint64 value)
{
  for (guint i = 0; i < G_N_ELEMENTS (secret->factors); i++)
    value = (value ^ value >> 32) * secret->factors[i];
  return value;
}

/* NH of UMAC (RFC 4418 section 5.2.2), which is universal: one multiplication for each
 * 8 bytes, and none waits for another. */
guint
gst_packet_hash (gconstpointer key, gsize length)
{
  static GOnce once = G_ONCE_INIT;
  const Secret *secret = g_once (&once, draw_secret, NULL);
  const guint8 *bytes = key;
  guint64 sum = 0;

  g_return_val_if_fail (length % 8 == 0
      && length <= GST_PACKET_HASH_MOST_BYTES, 0);

  for (gsize i = 0; i < length / 4; i += 2) {
    guint32 pair[2];

    memcpy (pair, bytes + i * 4, sizeof (pair));
    sum += (guint64) (pair[0] + secret->words[i])
        * (pair[1] + secret->words[i + 1]);
  }
  return mix (secret, sum) >> 32;
}
