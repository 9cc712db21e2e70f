/* pcap and pcapng bytes, which come in pieces of any size, into the decoder: what it takes
 * is what there is, packets lie in it, and it gets on.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/pcap/gstpcapdecoder.h>

/* Bytes that an input may make it want before it gives up. */
#define MOST (1 << 20)

static gboolean
read_piece (GstPcapDecoder * decoder, const guint8 * data, gsize length,
    gsize * used, gsize * wanted)
{
  g_autoptr (GError) error = NULL;
  GstPcapPacket packet;
  GstPcapDecoderResult result = gst_pcap_decoder_next (decoder, data, length,
      used, &packet, &error);

  switch (result) {
    case GST_PCAP_DECODER_PACKET:
      fuzz_check (*used <= length);
      fuzz_check (packet.data >= data
          && packet.data + packet.captured_length <= data + length);
      return TRUE;
    case GST_PCAP_DECODER_OTHER:
      fuzz_check (*used <= length);
      return TRUE;
    case GST_PCAP_DECODER_MORE:
      fuzz_check (*used > length);
      *wanted = *used;
      *used = 0;
      return TRUE;
    default:
      fuzz_check (error != NULL);
      return FALSE;
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  GstPcapDecoder *decoder;
  guint32 pace;
  gsize have = 0, at = 0, wanted = 0, used;
  guint idle = 0;

  fuzz_init ();
  pace = fuzz_take_byte (&input) + 1;
  decoder = gst_pcap_decoder_new ();
  gst_pcap_decoder_set_stepping (decoder, pace % 2 == 0);
  while (at < input.size) {
    guint64 step = gst_pcap_decoder_get_step (decoder);
    g_autofree guint8 *window = NULL;

    if (step > 0) {
      step = MIN (step, input.size - at);
      gst_pcap_decoder_step (decoder, step);
      at += step;
      have = MAX (have, at);
      continue;
    }
    have = MIN (MAX (have + pace, at + MIN (wanted, MOST)), input.size);
    window = g_memdup2 (input.data + at, have - at);
    used = wanted = 0;
    if (!read_piece (decoder, window, have - at, &used, &wanted))
      break;
    at += used;
    idle = used > 0 ? 0 : idle + 1;
    /* it has all, and wants more: the file is cut */
    if (used == 0 && have == input.size)
      break;
    fuzz_check (idle <= size + 1);
  }
  gst_pcap_decoder_free (decoder);
  return 0;
}
