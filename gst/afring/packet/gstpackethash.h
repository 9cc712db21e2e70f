/* gst-afring: hashes that nobody outside can foresee (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* Of the bytes of a key, at most; they are a multiple of 8. */
#define GST_PACKET_HASH_MOST_BYTES 64

/* What is hashed comes from the network. Who sends it must not be able to choose
 * keys that fall into one bucket, so the function is drawn by lot when the program
 * runs: two keys of one length have the same hash with a chance of 2^-31 or less,
 * whatever they are. Any thread; the same key has the same hash for as long as the
 * process lives. */
GST_AFRING_API
guint gst_packet_hash (gconstpointer key,
                       gsize         length);

G_END_DECLS
