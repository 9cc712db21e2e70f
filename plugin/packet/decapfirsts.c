/* gst-afring: what the first fragments of packets were
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "decapfirsts.h"

#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

#define N_PLACES 1024

typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  guint64 link;
  guint32 id;
  guint8 protocol;
  guint8 zero[3];
} Key;

typedef struct
{
  guint32 hash;
  guint32 judgement;            /* GstTunnelFragment; AS_FIRST: nothing is known */
} Place;

struct _DecapFirsts
{
  Place places[N_PLACES];
};

void
decap_firsts_clear (DecapFirsts * self)
{
  for (guint i = 0; i < N_PLACES; i++)
    self->places[i] = (Place) { 0, GST_TUNNEL_FRAGMENT_AS_FIRST };
}

DecapFirsts *
decap_firsts_new (void)
{
  DecapFirsts *self = g_new (DecapFirsts, 1);

  decap_firsts_clear (self);
  return self;
}

void
decap_firsts_free (DecapFirsts * self)
{
  g_free (self);
}

static guint32
hash (const GstPacketHeaders * headers, guint64 link)
{
  gsize length = gst_packet_headers_get_address_length (headers);
  Key key;

  G_STATIC_ASSERT (sizeof (Key) % 8 == 0);
  memset (&key, 0, sizeof (key));
  memcpy (key.src, headers->src, length);
  memcpy (key.dst, headers->dst, length);
  key.link = link;
  key.id = headers->fragment_id;
  key.protocol = headers->protocol;
  return gst_packet_hash (&key, sizeof (key));
}

GstTunnelFragment
decap_firsts_judge (DecapFirsts * self, const GstPacketHeaders * headers,
    guint64 link, GstTunnelFragment own)
{
  guint32 h = hash (headers, link);
  Place *place = &self->places[h % N_PLACES];

  if (own == GST_TUNNEL_FRAGMENT_AS_FIRST)
    return place->hash == h ? (GstTunnelFragment) place->judgement : own;
  if (headers->fragment_offset == 0)
    *place = (Place) { h, own };
  return own;
}
