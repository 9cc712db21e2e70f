/* gst-afring: socket addresses of packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Addresses as objects, made once for many packets. For one thread. */
typedef struct _AddressCache AddressCache;

AddressCache *   address_cache_new  (void);
void             address_cache_free (AddressCache *self);

/* @address has 4 or 16 bytes. Borrowed, until the next call. */
GSocketAddress * address_cache_get  (AddressCache *self,
                                     const guint8 *address,
                                     gsize         length,
                                     guint16       port);

G_END_DECLS
