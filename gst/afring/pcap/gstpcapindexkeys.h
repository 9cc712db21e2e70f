/* gst-afring: the keys of a piece of a file (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <glib.h>

G_BEGIN_DECLS

/* The different keys that were added. */
typedef struct _GstPcapKeys GstPcapKeys;

/* Of so many bytes a Bloom filter is at most. */
#define GST_PCAP_BLOOM_MOST 16384

GST_AFRING_API
GstPcapKeys * gst_pcap_keys_new   (void);

GST_AFRING_API
void     gst_pcap_keys_free       (GstPcapKeys   *self);

/* Forgets all. */
GST_AFRING_API
void     gst_pcap_keys_clear      (GstPcapKeys   *self);

/* Keys that are not 0. Where too many come those of prefixes are dropped, and at last
 * all: there is no filter then. */
GST_AFRING_API
void     gst_pcap_keys_add        (GstPcapKeys   *self,
                                   const guint64 *keys,
                                   guint          n);

/* The keys of prefixes of those that were added. */
GST_AFRING_API
void     gst_pcap_keys_add_prefixes (GstPcapKeys *self);

/* More bytes than the filter has with @more keys and all prefixes. */
GST_AFRING_API
gsize    gst_pcap_keys_get_bound  (const GstPcapKeys *self,
                                   gsize          more);

GST_AFRING_API
gboolean gst_pcap_keys_is_full    (const GstPcapKeys *self);

/* FALSE if keys of prefixes were dropped. */
GST_AFRING_API
gboolean gst_pcap_keys_has_prefixes (const GstPcapKeys *self);

/* Appends a Bloom filter of the keys: a multiple of 8 bytes. Nothing if they are too
 * many, or none. */
GST_AFRING_API
void     gst_pcap_keys_append_bloom (const GstPcapKeys *self,
                                   GByteArray    *out);

/* A key as a filter is asked for it. */
GST_AFRING_API
guint64  gst_pcap_bloom_hash      (guint64        key);

/* FALSE if the key with that hash was certainly not added to a filter of @length bytes,
 * more than 0. */
GST_AFRING_API
gboolean gst_pcap_bloom_has       (const guint8  *bloom,
                                   guint32        length,
                                   guint64        hash);

G_END_DECLS
