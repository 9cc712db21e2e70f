/* gst-afring tests: files to find packets in
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findproof.h"

#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapindexblock.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

#define START (G_GUINT64_CONSTANT (1700000000) * GST_SECOND)

#define RAW 1                   /* interface of the kit */

/* A capture of one link type, which libpcap wants. */
typedef struct
{
  GRand *rand;
  guint interface;              /* of the kit */
  GByteArray *bytes;
  GstPcapIndexBuilder *builder; /* NULL: none is made */
  guint every;                  /* packets to an index; 0: one at the end */
  GArray *blocks;               /* guint: where packets are */
  GstClockTime time;
} Capture;

static guint
below (GRand * rand, guint n)
{
  return g_rand_int_range (rand, 0, n);
}

static void
capture_clear (Capture * self)
{
  g_clear_pointer (&self->builder, gst_pcap_index_builder_unref);
  g_byte_array_unref (self->bytes);
  g_array_unref (self->blocks);
}

static void
tell_builder (Capture * self, guint at)
{
  if (self->builder != NULL)
    gst_pcap_index_builder_add (self->builder, self->bytes->data + at,
        self->bytes->len - at);
}

static void
add_index (Capture * self)
{
  g_autoptr (GBytes) block = NULL;

  if (self->builder == NULL)
    return;
  block = gst_pcap_index_builder_write (self->builder, 512);
  if (block != NULL)
    g_byte_array_append (self->bytes, g_bytes_get_data (block, NULL),
        g_bytes_get_size (block));
}

/* Forwards by a millisecond, and now and then anywhere: clocks are set. */
static void
step_time (Capture * self)
{
  self->time += below (self->rand, 2 * GST_MSECOND);
  if (below (self->rand, 100) == 0)
    self->time = START + below (self->rand, 1000) * GST_MSECOND;
}

static void
add_packet (Capture * self)
{
  guint at = self->bytes->len;
  KitPacket packet;

  kit_make_packet_of (self->rand, self->interface, &packet);
  packet.wire = MAX (packet.wire, packet.captured);
  step_time (self);
  g_array_append_val (self->blocks, at);
  g_byte_array_set_size (self->bytes, at + gst_pcapng_get_packet_size
      (GST_PACKET_TYPE_UNKNOWN, packet.captured));
  gst_pcapng_write_packet (self->bytes->data + at, 0, self->time,
      GST_PACKET_TYPE_UNKNOWN, packet.data, packet.captured, packet.wire);
  tell_builder (self, at);
}

/* Tiny pieces of a few packets, and those that pcapsink makes. */
static GstPcapIndexBuilder *
make_builder (GRand * rand)
{
  static const guint sizes[] = { 400, 400, 1000, 4096, 0 };

  return gst_pcap_index_builder_new (sizes[below (rand, G_N_ELEMENTS (sizes))]);
}

static void
capture_init (Capture * self, GRand * rand, guint interface)
{
  static const guint link_types[KIT_INTERFACES] = { 1, 101, 113, 276 };
  static const guint lengths[] = { 0, 1, 30, 200, 600, 1500 };
  static const guint every[] = { 0, 13, 60 };
  GstCaptureInterface iface = {.link_type = link_types[interface],.snaplen =
        65535
  };
  guint n = lengths[below (rand, G_N_ELEMENTS (lengths))];

  *self = (Capture) { rand, interface, g_byte_array_new (), NULL,
    every[below (rand, G_N_ELEMENTS (every))],
    g_array_new (FALSE, FALSE, sizeof (guint)),
    START + below (rand, 300) * GST_MSECOND
  };
  if (below (rand, 5) > 0)
    self->builder = make_builder (rand);
  gst_pcapng_append_section_header (self->bytes, "gst-afring tests", NULL);
  gst_pcapng_append_interface (self->bytes, &iface);
  tell_builder (self, 0);
  for (guint i = 1; i <= n; i++) {
    add_packet (self);
    if (self->every > 0 && i % self->every == 0)
      add_index (self);
  }
  add_index (self);
}

/* Deeds. */

static void
take_block_out (Capture * self)
{
  guint which, at, length;

  if (self->blocks->len == 0)
    return;
  which = below (self->rand, self->blocks->len);
  at = g_array_index (self->blocks, guint, which);
  memcpy (&length, self->bytes->data + at + 4, sizeof (length));
  g_byte_array_remove_range (self->bytes, at, length);
}

static void
flip (Capture * self, guint at)
{
  self->bytes->data[at] ^= 1 << below (self->rand, 8);
}

/* Nothing if there is none. */
static void
flip_index (Capture * self)
{
  guint begin = self->bytes->len > 64 ? below (self->rand,
      self->bytes->len - 64) & ~3 : 0;

  for (guint at = begin; at + GST_PCAP_INDEX_START_LENGTH < self->bytes->len;
      at += 4) {
    guint32 length = gst_pcap_index_block_get_length (self->bytes->data + at);

    /* but not what makes it a block: that is the file */
    if (length > 0) {
      flip (self, at + 8 + below (self->rand, length - 12));
      return;
    }
  }
}

static void
concatenate (Capture * self)
{
  Capture other;

  capture_init (&other, self->rand, self->interface);
  g_byte_array_append (self->bytes, other.bytes->data, other.bytes->len);
  capture_clear (&other);
}

static void
append_packet (Capture * self)
{
  guint n = 1 + below (self->rand, 3);

  g_clear_pointer (&self->builder, gst_pcap_index_builder_unref);
  while (n-- > 0)
    add_packet (self);
}

static void
put_u32 (GByteArray * out, guint32 value, gboolean swapped)
{
  value = swapped ? GUINT32_SWAP_LE_BE (value) : value;
  g_byte_array_append (out, (guint8 *) & value, sizeof (value));
}

/* Of either byte order, nanoseconds. */
static void
make_classic (Capture * self)
{
  static const guint link_types[KIT_INTERFACES] = { 1, 101, 113, 276 };
  gboolean swapped = below (self->rand, 2);
  GByteArray *out = g_byte_array_new ();

  put_u32 (out, 0xa1b23c4d, swapped);
  put_u32 (out, 0x00040002, swapped);
  put_u32 (out, 0, swapped);
  put_u32 (out, 0, swapped);
  put_u32 (out, 65535, swapped);
  put_u32 (out, link_types[self->interface], swapped);
  for (guint i = 0; i < self->blocks->len; i++) {
    const guint8 *block = self->bytes->data + g_array_index (self->blocks,
        guint, i);
    guint32 words[7];           /* of an enhanced packet block */
    guint64 time;

    memcpy (words, block, sizeof (words));
    time = (guint64) words[3] << 32 | words[4];
    put_u32 (out, time / GST_SECOND, swapped);
    put_u32 (out, time % GST_SECOND, swapped);
    put_u32 (out, words[5], swapped);
    put_u32 (out, words[6], swapped);
    g_byte_array_append (out, block + sizeof (words), words[5]);
  }
  g_byte_array_unref (self->bytes);
  self->bytes = out;
}

static void
do_deed (Capture * self, ProofDeed deed)
{
  switch (deed) {
    case PROOF_TORN:
      g_byte_array_set_size (self->bytes, below (self->rand,
              self->bytes->len + 1));
      break;
    case PROOF_APPENDED:
      append_packet (self);
      break;
    case PROOF_CONCATENATED:
      concatenate (self);
      break;
    case PROOF_EDITED:
      take_block_out (self);
      break;
    case PROOF_INDEX_FLIPPED:
      flip_index (self);
      break;
    case PROOF_CLASSIC:
      make_classic (self);
      break;
    case PROOF_FLIPPED:
      flip (self, below (self->rand, self->bytes->len));
      break;
    default:
      break;
  }
}

/* Files. */

static gchar *
get_beside (const gchar * path)
{
  return g_strconcat (path, ".afindex", NULL);
}

static void
write_file (const gchar * path, const GByteArray * bytes)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, (const gchar *) bytes->data, bytes->len, &error);
  g_assert_no_error (error);
}

static void
write_gzip (const gchar * from, const gchar * to)
{
  const gchar *command[] = { "gzip", "-1", "-c", from, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new
      (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) gzip = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_stdout_file_path (launcher, to);
  gzip = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (gzip, NULL, &error);
  g_assert_no_error (error);
}

/* An index of all of it beside a file that is one capture. */
static void
write_beside (Capture * self, const gchar * path)
{
  g_autofree gchar *beside = get_beside (path);
  g_autoptr (GstPcapIndexBuilder) builder = make_builder (self->rand);
  g_autoptr (GBytes) blocks = NULL;

  gst_pcap_index_builder_add (builder, self->bytes->data, self->bytes->len);
  blocks = gst_pcap_index_builder_write (builder, 4);
  if (blocks != NULL)
    g_file_set_contents (beside, g_bytes_get_data (blocks, NULL),
        g_bytes_get_size (blocks), NULL);
}

ProofFile *
proof_file_make (GRand * rand, const gchar * folder, const gchar * name,
    ProofDeed deed)
{
  static const gchar *const words[] = { "whole", "torn", "appended to",
    "concatenated", "a packet taken out", "a bit of an index flipped", "gzip",
    "classic", "", "a bit flipped"
  };
  ProofFile *file = g_new0 (ProofFile, 1);
  guint interface = below (rand, 3) == 0 ? below (rand, KIT_INTERFACES) : 0;
  Capture capture;

  /* libpcap itself takes a second description of raw IP for another link type */
  if (deed == PROOF_CONCATENATED && interface == RAW)
    interface = 0;
  capture_init (&capture, rand, interface);
  file->story = g_strdup_printf ("%s, %s, %u packets, index: %s, each %u",
      name, words[deed], capture.blocks->len, capture.builder != NULL ? "yes" :
      "no", capture.every);
  do_deed (&capture, deed);
  file->path = g_build_filename (folder, name, NULL);
  file->plain = deed == PROOF_GZIP ? g_strconcat (file->path, ".plain", NULL) :
      g_strdup (file->path);
  write_file (file->plain, capture.bytes);
  if (deed == PROOF_GZIP)
    write_gzip (file->plain, file->path);
  else if (capture.builder == NULL && below (rand, 2) == 0)
    write_beside (&capture, file->path);
  capture_clear (&capture);
  return file;
}

void
proof_file_free (ProofFile * file)
{
  g_autofree gchar *beside = get_beside (file->path);

  g_unlink (beside);
  g_unlink (file->path);
  g_unlink (file->plain);
  g_free (file->path);
  g_free (file->plain);
  g_free (file->story);
  g_free (file);
}
