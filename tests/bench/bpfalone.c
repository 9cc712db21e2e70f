/* A filter over packets in memory, and nothing else.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bpfalone.h"
#include "bench.h"

#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/packet/gstpacketbpf.h>
#include <pcap/pcap.h>
#include <string.h>

#define ETHERNET 1
#define FILE_HEADER 24
#define RECORD_HEADER 16

/* Packets between two looks at the meter. */
#define SOME 256

typedef struct
{
  BpfAlone which;
  GstCaptureFilter *ours;
  struct bpf_program libpcaps;
} Filter;

static void
filter_init (Filter * self, BpfAlone which, const gchar * expression)
{
  g_autoptr (GstCaptureLink) link = gst_capture_link_new_virtual ("bench", ETHERNET);
  GstCaptureFilterSpec spec = {.link = link,.expression = expression,
    .snaplen = G_MAXUINT32,.in_user_space = TRUE
  };
  pcap_t *dead = pcap_open_dead (ETHERNET, G_MAXUINT16);

  self->which = which;
  self->ours = gst_capture_filter_new (&spec, NULL);
  if (self->ours == NULL
      || pcap_compile (dead, &self->libpcaps, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
    bench_fail ("%s does not compile", expression);
  pcap_close (dead);
}

static void
filter_clear (Filter * self)
{
  gst_capture_filter_unref (self->ours);
  pcap_freecode (&self->libpcaps);
}

static inline gboolean
filter_match (const Filter * self, const guint8 * data, guint32 captured,
    guint32 wire)
{
  GstBpfPacket packet;

  if (self->which == BPF_ALONE_LIBPCAP) {
    const struct pcap_pkthdr header = {.caplen = captured,.len = wire };

    return pcap_offline_filter (&self->libpcaps, &header, data) != 0;
  }
  gst_packet_bpf_init (&packet, ETHERNET, data, captured, wire);
  return gst_capture_filter_match_rest (self->ours, &packet) == GST_BPF_ACCEPT;
}

void
bpf_alone_run (BenchMeter * meter, BpfAlone which, const gchar * name,
    const gchar * expression)
{
  g_autofree gchar *bytes = NULL;
  gsize length, at = FILE_HEADER;
  Filter filter;

  if (!g_file_get_contents (name, &bytes, &length, NULL))
    bench_fail ("%s cannot be read", name);
  filter_init (&filter, which, expression);
  /* of one thread, so that nothing is to be locked */
  while (!meter->done) {
    for (guint i = 0; i < SOME; i++) {
      guint32 record[RECORD_HEADER / sizeof (guint32)];

      memcpy (record, bytes + at, sizeof (record));
      if (!filter_match (&filter, (const guint8 *) bytes + at + RECORD_HEADER,
              record[2], record[3]))
        bench_fail ("A packet does not pass %s", expression);
      at += RECORD_HEADER + record[2];
      if (at >= length)
        at = FILE_HEADER;
    }
    bench_meter_count (meter, SOME);
  }
  filter_clear (&filter);
}
