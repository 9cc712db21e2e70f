/* gst-afring: socket addresses of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "addresscache.h"

#include <string.h>

#define SLOTS 256               /* a power of two */

typedef struct
{
  guint8 address[16];
  guint16 port;
  guint8 length;                /* 0: empty */
  GSocketAddress *object;
} Slot;

struct _AddressCache
{
  Slot slots[SLOTS];
};

AddressCache *
address_cache_new (void)
{
  return g_new0 (AddressCache, 1);
}

void
address_cache_free (AddressCache * self)
{
  for (guint i = 0; i < SLOTS; i++)
    g_clear_object (&self->slots[i].object);
  g_free (self);
}

/* FNV-1a */
static guint32
hash (const guint8 * address, gsize length, guint16 port)
{
  guint32 value = 2166136261u ^ port;

  for (gsize i = 0; i < length; i++)
    value = (value ^ address[i]) * 16777619u;
  return value ^ value >> 16;
}

GSocketAddress *
address_cache_get (AddressCache * self, const guint8 * address, gsize length,
    guint16 port)
{
  Slot *slot = &self->slots[hash (address, length, port) % SLOTS];

  if (slot->length != length || slot->port != port
      || memcmp (slot->address, address, length) != 0) {
    g_autoptr (GInetAddress) inet = g_inet_address_new_from_bytes (address,
        length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

    g_clear_object (&slot->object);
    slot->object = g_inet_socket_address_new (inet, port);
    slot->length = length;
    slot->port = port;
    memcpy (slot->address, address, length);
  }
  return slot->object;
}
