/* gst-afring: socket addresses of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "addresscache.h"

#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

/* A place is drawn by lot, and several addresses can have the same one: there is room
 * for some. */
#define PLACES 256              /* a power of two */
#define ROOM 4

typedef struct
{
  guint8 address[16];
  guint16 port;
  guint16 length;               /* 0: empty */
  guint8 zero[4];
} Key;

typedef struct
{
  Key key;
  GSocketAddress *object;
} Slot;

typedef struct
{
  Slot slots[ROOM];
  guint next;                   /* that is given up for a new one */
} Place;

struct _AddressCache
{
  Slot *last;                   /* packets come in bursts */
  Place places[PLACES];
};

AddressCache *
address_cache_new (void)
{
  AddressCache *self = g_new0 (AddressCache, 1);

  self->last = self->places[0].slots;
  return self;
}

void
address_cache_free (AddressCache * self)
{
  for (guint i = 0; i < PLACES * ROOM; i++)
    g_clear_object (&self->places[i / ROOM].slots[i % ROOM].object);
  g_free (self);
}

static gboolean
is_for (const Slot * slot, const Key * key)
{
  return memcmp (&slot->key, key, sizeof (*key)) == 0;
}

static void
fill (Slot * slot, const Key * key)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (key->address,
      key->length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

  g_clear_object (&slot->object);
  slot->object = g_inet_socket_address_new (inet, key->port);
  slot->key = *key;
}

static Slot *
find (AddressCache * self, const Key * key)
{
  Place *place = &self->places[gst_packet_hash (key, sizeof (*key)) % PLACES];
  Slot *slot;

  for (guint i = 0; i < ROOM; i++)
    if (is_for (&place->slots[i], key))
      return &place->slots[i];
  slot = &place->slots[place->next++ % ROOM];
  fill (slot, key);
  return slot;
}

/* Without making a key of it, which takes longer than this. */
static gboolean
is_last (const AddressCache * self, const guint8 * address, gsize length,
    guint16 port)
{
  const Key *key = &self->last->key;

  return key->port == port && key->length == length
      && (length == 4 ? memcmp (key->address, address, 4) == 0 :
      memcmp (key->address, address, 16) == 0);
}

GSocketAddress *
address_cache_get (AddressCache * self, const guint8 * address, gsize length,
    guint16 port)
{
  Key key = { .port = port,.length = length };

  if (is_last (self, address, length, port))
    return self->last->object;
  memcpy (key.address, address, length);
  self->last = find (self, &key);
  return self->last->object;
}
