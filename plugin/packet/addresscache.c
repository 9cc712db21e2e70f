/* gst-afring: socket addresses of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "addresscache.h"

#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

#define SLOTS 256               /* a power of two */

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

struct _AddressCache
{
  Slot *last;                   /* packets come in bursts */
  Slot slots[SLOTS];
};

AddressCache *
address_cache_new (void)
{
  AddressCache *self = g_new0 (AddressCache, 1);

  self->last = self->slots;
  return self;
}

void
address_cache_free (AddressCache * self)
{
  for (guint i = 0; i < SLOTS; i++)
    g_clear_object (&self->slots[i].object);
  g_free (self);
}

GSocketAddress *
address_cache_get (AddressCache * self, const guint8 * address, gsize length,
    guint16 port)
{
  Key key = { .port = port,.length = length };
  Slot *slot = self->last;

  memcpy (key.address, address, length);
  if (memcmp (&slot->key, &key, sizeof (key)) == 0)
    return slot->object;
  self->last = slot = &self->slots[gst_packet_hash (&key, sizeof (key)) % SLOTS];
  if (memcmp (&slot->key, &key, sizeof (key)) != 0) {
    g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (address,
        length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

    g_clear_object (&slot->object);
    slot->object = g_inet_socket_address_new (inet, port);
    slot->key = key;
  }
  return slot->object;
}
