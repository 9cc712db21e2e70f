/* gst-afring: compressed capture files, frame by frame
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapframe.h"

#include <gst/afring/capture/gstcaptureerror.h>

#ifdef HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>

/* Measured: 5,800 and 1,000 MB/s, where level 1 has 500. */
#define ZSTD_STORE -1000
#define ZSTD_FAST -50
#endif

/* What a corrupt header may ask for; blocks of a ring have 1 GiB at most. */
#define MOST_CONTENT (G_GUINT64_CONSTANT (2) << 30)

/* Room to decompress a member into. */
#define PIECE (256 * 1024)

#define MOST_GZIP_LEVEL 9

/* Compressed at once: 50 ms of the highest level. */
#define STEP (128 * 1024)

struct _GstPcapFrameEncoder
{
#ifdef HAVE_ZSTD
  ZSTD_CCtx *zstd;              /* NULL: gzip */
#endif
  GConverter *gzip;             /* for @gzip_level, or NULL */
  gint gzip_level;
};

typedef struct
{
  const guint8 *data;
  gsize length;
  guint8 *frame;
  GstPcapFrameWantedFunc wanted;
  gpointer user_data;
} Work;

gint
gst_pcap_frame_get_most_level (GstPcapCompression compression)
{
#ifdef HAVE_ZSTD
  if (compression == GST_PCAP_COMPRESSION_ZSTD)
    return ZSTD_maxCLevel ();
#endif
  return compression == GST_PCAP_COMPRESSION_GZIP ? MOST_GZIP_LEVEL : 0;
}

GstPcapFrameEncoder *
gst_pcap_frame_encoder_new (GstPcapCompression compression, GError ** error)
{
  GstPcapFrameEncoder *self;

  if (gst_pcap_frame_get_most_level (compression) == 0) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "This compression is not written here: gst-afring was built without the "
        "library for it");
    return NULL;
  }
  self = g_new0 (GstPcapFrameEncoder, 1);
#ifdef HAVE_ZSTD
  if (compression == GST_PCAP_COMPRESSION_ZSTD) {
    self->zstd = ZSTD_createCCtx ();
    ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_checksumFlag, 1);
  }
#endif
  return self;
}

void
gst_pcap_frame_encoder_free (GstPcapFrameEncoder * self)
{
#ifdef HAVE_ZSTD
  ZSTD_freeCCtx (self->zstd);
#endif
  g_clear_object (&self->gzip);
  g_free (self);
}

/* More than ZSTD_compressBound() and zlib's deflateBound() with what gzip puts around. */
gsize
gst_pcap_frame_get_bound (gsize length)
{
  return length + length / 128 + 1024;
}

static gboolean
is_wanted (const Work * work)
{
  return work->wanted == NULL || work->wanted (work->user_data);
}

#ifdef HAVE_ZSTD
static gsize
encode_zstd (GstPcapFrameEncoder * self, gint level, const Work * work)
{
  ZSTD_inBuffer in = { work->data, 0, 0 };
  ZSTD_outBuffer out = { work->frame, gst_pcap_frame_get_bound (work->length),
    0
  };
  gsize left = 1;

  if (level == GST_PCAP_FRAME_LEVEL_STORE)
    level = ZSTD_STORE;
  else if (level == GST_PCAP_FRAME_LEVEL_FAST)
    level = ZSTD_FAST;
  ZSTD_CCtx_reset (self->zstd, ZSTD_reset_session_only);
  ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setPledgedSrcSize (self->zstd, work->length);
  while (left > 0 && is_wanted (work)) {
    in.size = MIN (in.size + STEP, work->length);
    left = ZSTD_compressStream2 (self->zstd, &out, &in,
        in.size < work->length ? ZSTD_e_continue : ZSTD_e_end);
    if (ZSTD_isError (left) || (left > 0 && out.pos == out.size))
      return 0;
    left |= in.size < work->length;
  }
  return left > 0 ? 0 : out.pos;
}
#endif

static gsize
encode_gzip (GstPcapFrameEncoder * self, gint level, const Work * work)
{
  gsize room = gst_pcap_frame_get_bound (work->length), at = 0, n = 0;
  GConverterResult result = G_CONVERTER_CONVERTED;

  level = level == GST_PCAP_FRAME_LEVEL_FAST ? 1 : level;
  if (self->gzip == NULL || self->gzip_level != level) {
    g_clear_object (&self->gzip);
    self->gzip = G_CONVERTER (g_zlib_compressor_new
        (G_ZLIB_COMPRESSOR_FORMAT_GZIP, level));
    self->gzip_level = level;
  }
  g_converter_reset (self->gzip);
  while (result == G_CONVERTER_CONVERTED && is_wanted (work)) {
    gsize n_read = 0, n_written = 0, size = MIN (STEP, work->length - at);

    result = g_converter_convert (self->gzip, work->data + at, size,
        work->frame + n, room - n, at + size == work->length ?
        G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &n_read, &n_written,
        NULL);
    at += n_read;
    n += n_written;
  }
  return result == G_CONVERTER_FINISHED ? n : 0;
}

gsize
gst_pcap_frame_encoder_encode (GstPcapFrameEncoder * self, gint level,
    const guint8 * data, gsize length, guint8 * frame,
    GstPcapFrameWantedFunc wanted, gpointer user_data)
{
  const Work work = { data, length, frame, wanted, user_data };

#ifdef HAVE_ZSTD
  if (self->zstd != NULL)
    return encode_zstd (self, level, &work);
#endif
  return encode_gzip (self, level, &work);
}

/* Taking apart. */

static gboolean
set_corrupt (GError ** error, const gchar * why)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "Corrupt compressed data: %s", why);
  return FALSE;
}

#ifdef HAVE_ZSTD
/* 0 as gst_pcap_frame_decode(). */
static gsize
measure_zstd (const guint8 * data, gsize length, GError ** error)
{
  gsize used = ZSTD_findFrameCompressedSize (data, length);

  if (!ZSTD_isError (used))
    return used;
  if (ZSTD_getErrorCode (used) != ZSTD_error_srcSize_wrong)
    set_corrupt (error, ZSTD_getErrorName (used));
  return 0;
}

/* One that does not say how much it holds. */
static gboolean
decode_unknown (const guint8 * data, gsize length, GByteArray * content,
    GError ** error)
{
  ZSTD_DCtx *zstd = ZSTD_createDCtx ();
  ZSTD_inBuffer in = { data, length, 0 };
  gsize left = 1;

  while (left > 0 && !ZSTD_isError (left) && content->len < MOST_CONTENT) {
    guint at = content->len;
    ZSTD_outBuffer out = { NULL, PIECE, 0 };

    g_byte_array_set_size (content, at + PIECE);
    out.dst = content->data + at;
    left = ZSTD_decompressStream (zstd, &out, &in);
    g_byte_array_set_size (content, at + out.pos);
    if (left > 0 && out.pos == 0 && in.pos == length)
      break;
  }
  ZSTD_freeDCtx (zstd);
  return left == 0 || set_corrupt (error, ZSTD_isError (left) ?
      ZSTD_getErrorName (left) : "a frame that is too large, or too short");
}

static gboolean
decode_known (const guint8 * data, gsize length, guint64 size,
    GByteArray * content, GError ** error)
{
  guint at = content->len;
  gsize n;

  if (size > MOST_CONTENT || size + at > G_MAXUINT)
    return set_corrupt (error, "a frame that is too large");
  g_byte_array_set_size (content, at + size);
  n = ZSTD_decompress (content->data + at, size, data, length);
  return n == size || set_corrupt (error, ZSTD_isError (n) ?
      ZSTD_getErrorName (n) : "a frame that is not as long as it says");
}

static gsize
decode_zstd (const guint8 * data, gsize length, gsize size,
    GByteArray * content, GError ** error)
{
  gsize used = measure_zstd (data, length, error);
  guint64 said = used > 0 ? ZSTD_getFrameContentSize (data, used) : 0;
  guint at = content->len;
  gboolean ok;

  if (used == 0)
    return 0;
  if (said == ZSTD_CONTENTSIZE_UNKNOWN && size == 0)
    ok = decode_unknown (data, used, content, error);
  else if (size > 0 && said != size && said != ZSTD_CONTENTSIZE_UNKNOWN)
    ok = set_corrupt (error, "a frame that holds another number of bytes");
  else
    ok = decode_known (data, used, size > 0 ? size : said, content, error);
  if (!ok)
    g_byte_array_set_size (content, at);
  return ok ? used : 0;
}
#endif

static gsize
decode_gzip (const guint8 * data, gsize length, GByteArray * content,
    GError ** error)
{
  g_autoptr (GConverter) gzip = G_CONVERTER (g_zlib_decompressor_new
      (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  GConverterResult result = G_CONVERTER_CONVERTED;
  g_autoptr (GError) reason = NULL;
  guint at = content->len;
  gsize used = 0;

  while (result == G_CONVERTER_CONVERTED && content->len < MOST_CONTENT) {
    guint filled = content->len;
    gsize n_read = 0, n_written = 0;

    g_byte_array_set_size (content, filled + PIECE);
    result = g_converter_convert (gzip, data + used, length - used,
        content->data + filled, PIECE, G_CONVERTER_NO_FLAGS, &n_read,
        &n_written, &reason);
    g_byte_array_set_size (content, filled + n_written);
    used += n_read;
  }
  if (result == G_CONVERTER_FINISHED)
    return used;
  g_byte_array_set_size (content, at);
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    set_corrupt (error, reason != NULL ? reason->message :
        "a member that is too large");
  return 0;
}

gsize
gst_pcap_frame_decode (GstPcapCompression compression, const guint8 * data,
    gsize length, gsize size, GByteArray * content, GError ** error)
{
  if (length == 0)
    return 0;
#ifdef HAVE_ZSTD
  if (compression == GST_PCAP_COMPRESSION_ZSTD)
    return decode_zstd (data, length, size, content, error);
#endif
  if (compression == GST_PCAP_COMPRESSION_GZIP)
    return decode_gzip (data, length, content, error);
  gst_pcap_compression_set_error (compression, error);
  return 0;
}
