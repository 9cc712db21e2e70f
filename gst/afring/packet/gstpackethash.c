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
  guint64 factor;               /* odd */
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
  secret.factor |= 1;
  return &secret;
}

/* NH of UMAC (RFC 4418 section 5.2.2), which is universal, and of its 64 bits the
 * upper half after a multiplication, which is too (Dietzfelbinger). One
 * multiplication for each 8 bytes, and none waits for another. */
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
  return (sum * secret->factor) >> 32;
}
