/* gst-afring: capture files that are compressed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapcompression.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <string.h>

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZ4
#include <lz4frame.h>
#endif

/* Bytes that are taken apart at once: where they are corrupt, all that came out of the
 * slices before them is good, and what came out of this one is lost. */
#define SLICE 4096

typedef struct
{
  GstPcapCompression compression;
  const gchar *name;
  const gchar *extension;
  const gchar *remedy;          /* a command that writes it uncompressed */
  guint length;                 /* of the magic number */
  guint8 magic[6];
} Kind;

/* RFC 1952; RFC 8878; the LZ4 frame format 1.6; bzip2; xz 1.2 */
static const Kind kinds[] = {
  {GST_PCAP_COMPRESSION_GZIP, "gzip", ".gz", "gzip -dc", 2, {0x1f, 0x8b}},
  {GST_PCAP_COMPRESSION_ZSTD, "zstd", ".zst", "zstd -dc", 4,
      {0x28, 0xb5, 0x2f, 0xfd}},
  {GST_PCAP_COMPRESSION_LZ4, "lz4", ".lz4", "lz4 -dc", 4,
      {0x04, 0x22, 0x4d, 0x18}},
  {GST_PCAP_COMPRESSION_BZIP2, "bzip2", ".bz2", "bzip2 -dc", 3, {'B', 'Z', 'h'}},
  {GST_PCAP_COMPRESSION_XZ, "xz", ".xz", "xz -dc", 6,
      {0xfd, '7', 'z', 'X', 'Z', 0}},
};

/* A frame that holds nothing (RFC 8878, section 3.1.2), in front of others: pzstd begins so,
 * and an LZ4 file could. */
static gboolean
is_skippable (const guint8 * data, gsize length)
{
  return length >= 4 && (data[0] & 0xf0) == 0x50 && data[1] == 0x2a
      && data[2] == 0x4d && data[3] == 0x18;
}

GstPcapCompression
gst_pcap_compression_recognise (const guint8 * data, gsize length)
{
  if (is_skippable (data, length))
    return GST_PCAP_COMPRESSION_ZSTD;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (length >= kinds[i].length
        && memcmp (data, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].compression;
  }
  return GST_PCAP_COMPRESSION_NONE;
}

const gchar *
gst_pcap_compression_get_name (GstPcapCompression self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].compression == self)
      return kinds[i].name;
  return "none";
}

const gchar *
gst_pcap_compression_get_extension (GstPcapCompression self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].compression == self)
      return kinds[i].extension;
  return "";
}

static const Kind *
find_by_name (const gchar * path)
{
  gsize length = strlen (path);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    gsize n = strlen (kinds[i].extension);

    if (length > n && g_ascii_strcasecmp (path + length - n,
            kinds[i].extension) == 0)
      return &kinds[i];
  }
  return NULL;
}

GstPcapCompression
gst_pcap_compression_from_name (const gchar * path)
{
  const Kind *kind = find_by_name (path);

  return kind != NULL ? kind->compression : GST_PCAP_COMPRESSION_NONE;
}

/* A name does not begin with it: ".hidden" has none. */
static const gchar *
find_dot (const gchar * base, const gchar * end)
{
  for (const gchar * p = end - 1; p > base; p--)
    if (*p == '.')
      return p;
  return end;
}

const gchar *
gst_pcap_compression_find_extension (const gchar * path)
{
  const gchar *slash = strrchr (path, '/');
  const gchar *base = slash != NULL ? slash + 1 : path;
  const gchar *end = path + strlen (path);
  const Kind *kind = find_by_name (base);

  if (kind == NULL)
    return find_dot (base, end);
  end -= strlen (kind->extension);
  return find_dot (base, end);
}

gboolean
gst_pcap_compression_set_error (GstPcapCompression self, GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (kinds[i].compression == self)
      g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
          "This is compressed with %s, which cannot be read here; decompress it "
          "first: \"%s FILE > NEW\", or \"%s FILE | gst-launch-1.0 fdsrc ! "
          "pcapdec ! ...\"", kinds[i].name, kinds[i].remedy, kinds[i].remedy);
  }
  return self != GST_PCAP_COMPRESSION_NONE;
}

/* Decompressors. */

typedef struct _GstPcapDecompressor GstPcapDecompressor;

/* As much as can be done with the input and the output that there is. */
typedef struct
{
  const guint8 *in;
  gsize in_size;
  guint8 *out;
  gsize out_size;
  gsize n_read;
  gsize n_written;
  gboolean ended;               /* a frame */
} Step;

typedef gboolean (*StepFunc) (GstPcapDecompressor * self, Step * step,
    GError ** error);

struct _GstPcapDecompressor
{
  GObject parent;

  StepFunc step;
  gboolean ended;               /* a frame, and no other has begun */
  GConverter *gzip;
#ifdef HAVE_ZSTD
  ZSTD_DStream *zstd;
#endif
#ifdef HAVE_LZ4
  LZ4F_dctx *lz4;
#endif
};

#define GST_TYPE_PCAP_DECOMPRESSOR (gst_pcap_decompressor_get_type ())
GType gst_pcap_decompressor_get_type (void);
typedef GObjectClass GstPcapDecompressorClass;
static void converter_init (GConverterIface * iface);

G_DEFINE_TYPE_WITH_CODE (GstPcapDecompressor, gst_pcap_decompressor,
    G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, converter_init))

static gboolean
step_gzip (GstPcapDecompressor * self, Step * step, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  GConverterResult result = g_converter_convert (self->gzip, step->in,
      step->in_size, step->out, step->out_size, G_CONVERTER_NO_FLAGS,
      &step->n_read, &step->n_written, &reason);

  if (result == G_CONVERTER_FINISHED) {
    step->ended = TRUE;
    g_converter_reset (self->gzip);
  }
  if (result != G_CONVERTER_ERROR
      || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

#ifdef HAVE_ZSTD
static gboolean
step_zstd (GstPcapDecompressor * self, Step * step, GError ** error)
{
  ZSTD_inBuffer in = { step->in, step->in_size, 0 };
  ZSTD_outBuffer out = { step->out, step->out_size, 0 };
  gsize left = ZSTD_decompressStream (self->zstd, &out, &in);

  step->n_read = in.pos;
  step->n_written = out.pos;
  step->ended = left == 0;
  if (!ZSTD_isError (left))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "zstd: %s",
      ZSTD_getErrorName (left));
  return FALSE;
}
#endif

#ifdef HAVE_LZ4
static gboolean
step_lz4 (GstPcapDecompressor * self, Step * step, GError ** error)
{
  gsize left;

  step->n_read = step->in_size;
  step->n_written = step->out_size;
  left = LZ4F_decompress (self->lz4, step->out, &step->n_written, step->in,
      &step->n_read, NULL);
  step->ended = left == 0;
  if (!LZ4F_isError (left))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "lz4: %s",
      LZ4F_getErrorName (left));
  return FALSE;
}
#endif

/* What some programs fill the last block of a medium with. */
static gsize
count_padding (const guint8 * data, gsize length)
{
  gsize n = 0;

  while (n < length && data[n] == 0)
    n++;
  return n;
}

static GConverterResult
ask_for_more (GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
      "The compressed data was cut off");
  return G_CONVERTER_ERROR;
}

static GConverterResult
convert (GConverter * converter, const void *inbuf, gsize inbuf_size,
    void *outbuf, gsize outbuf_size, GConverterFlags flags, gsize * bytes_read,
    gsize * bytes_written, GError ** error)
{
  GstPcapDecompressor *self = (GstPcapDecompressor *) converter;
  Step step = { inbuf, MIN (inbuf_size, SLICE), outbuf, outbuf_size, 0, 0,
    FALSE
  };

  *bytes_written = 0;
  *bytes_read = self->ended ? count_padding (inbuf, inbuf_size) : 0;
  if (*bytes_read > 0)
    return G_CONVERTER_CONVERTED;
  if (self->ended && inbuf_size == 0)
    return flags & G_CONVERTER_INPUT_AT_END ? G_CONVERTER_FINISHED :
        ask_for_more (error);

  if (!self->step (self, &step, error))
    return G_CONVERTER_ERROR;
  *bytes_read = step.n_read;
  *bytes_written = step.n_written;
  if (step.n_read > 0 || step.ended)
    self->ended = step.ended;
  if (step.n_read == 0 && step.n_written == 0 && !step.ended)
    return ask_for_more (error);
  return G_CONVERTER_CONVERTED;
}

static void
reset (GConverter * converter)
{
  GstPcapDecompressor *self = (GstPcapDecompressor *) converter;

  self->ended = FALSE;
  if (self->gzip != NULL)
    g_converter_reset (self->gzip);
#ifdef HAVE_ZSTD
  if (self->zstd != NULL)
    ZSTD_initDStream (self->zstd);
#endif
#ifdef HAVE_LZ4
  if (self->lz4 != NULL)
    LZ4F_resetDecompressionContext (self->lz4);
#endif
}

static void
gst_pcap_decompressor_finalize (GObject * object)
{
  GstPcapDecompressor *self = (GstPcapDecompressor *) object;

  g_clear_object (&self->gzip);
#ifdef HAVE_ZSTD
  ZSTD_freeDStream (self->zstd);
#endif
#ifdef HAVE_LZ4
  LZ4F_freeDecompressionContext (self->lz4);
#endif
  G_OBJECT_CLASS (gst_pcap_decompressor_parent_class)->finalize (object);
}

static void
gst_pcap_decompressor_class_init (GstPcapDecompressorClass * klass)
{
  klass->finalize = gst_pcap_decompressor_finalize;
}

static void
gst_pcap_decompressor_init (GstPcapDecompressor * self)
{
}

static void
converter_init (GConverterIface * iface)
{
  iface->convert = convert;
  iface->reset = reset;
}

static StepFunc
start (GstPcapDecompressor * self, GstPcapCompression compression)
{
  switch (compression) {
    case GST_PCAP_COMPRESSION_GZIP:
      self->gzip = G_CONVERTER (g_zlib_decompressor_new
          (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
      return step_gzip;
#ifdef HAVE_ZSTD
    case GST_PCAP_COMPRESSION_ZSTD:
      self->zstd = ZSTD_createDStream ();
      return self->zstd != NULL ? step_zstd : NULL;
#endif
#ifdef HAVE_LZ4
    case GST_PCAP_COMPRESSION_LZ4:
      if (LZ4F_isError (LZ4F_createDecompressionContext (&self->lz4,
                  LZ4F_VERSION)))
        return NULL;
      return step_lz4;
#endif
    default:
      return NULL;
  }
}

GConverter *
gst_pcap_compression_new_decompressor (GstPcapCompression compression,
    GError ** error)
{
  g_autoptr (GObject) object = g_object_new (GST_TYPE_PCAP_DECOMPRESSOR, NULL);
  GstPcapDecompressor *self = (GstPcapDecompressor *) object;

  self->step = start (self, compression);
  if (self->step != NULL)
    return G_CONVERTER (g_steal_pointer (&object));
  gst_pcap_compression_set_error (compression, error);
  return NULL;
}
