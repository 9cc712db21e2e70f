/* gst-afring tests: what libpcap finds in files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* All that "tcpdump -r FILE EXPRESSION" does but for printing: the file's link type, the
 * compiler, and pcap_offline_filter() on each packet. Its files are read once. */

#include "findproof.h"

#include <pcap/pcap.h>

#define SNAPLEN 262144          /* tcpdump's */

typedef struct
{
  ProofPacket packet;
  gsize at;                     /* of its bytes */
} Stored;

typedef struct
{
  gint dlt;                     /* -1: libpcap cannot read it */
  GArray *packets;              /* Stored */
  GByteArray *bytes;
} Read;

struct _ProofJudge
{
  GPtrArray *files;             /* Read */
};

static void
read_free (gpointer data)
{
  Read *self = data;

  g_array_unref (self->packets);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static void
keep (u_char * user, const struct pcap_pkthdr *header, const u_char * data)
{
  Read *self = (Read *) user;
  Stored stored = { {header->ts.tv_sec * GST_SECOND + header->ts.tv_usec,
          self->dlt == DLT_RAW ? 101 : self->dlt, header->caplen, header->len,
          proof_sum (data, header->caplen)}, self->bytes->len
  };

  g_byte_array_append (self->bytes, data, header->caplen);
  g_array_append_val (self->packets, stored);
}

static Read *
read_file (const ProofFile * file)
{
  Read *self = g_new0 (Read, 1);
  gchar error[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_open_offline_with_tstamp_precision (file->plain,
      PCAP_TSTAMP_PRECISION_NANO, error);

  self->packets = g_array_new (FALSE, FALSE, sizeof (Stored));
  self->bytes = g_byte_array_new ();
  self->dlt = -1;
  if (pcap == NULL)
    return self;
  self->dlt = pcap_datalink (pcap);
  /* up to where it is torn, or broken */
  pcap_loop (pcap, -1, keep, (u_char *) self);
  pcap_close (pcap);
  return self;
}

ProofJudge *
proof_judge_new (GPtrArray * files)
{
  ProofJudge *self = g_new0 (ProofJudge, 1);

  self->files = g_ptr_array_new_with_free_func (read_free);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (self->files, read_file (g_ptr_array_index (files, i)));
  return self;
}

void
proof_judge_free (ProofJudge * self)
{
  g_ptr_array_unref (self->files);
  g_free (self);
}

static gboolean
is_wanted (const Read * file, const Stored * stored,
    const ProofQuestion * question, const struct bpf_program *program)
{
  const ProofPacket *packet = &stored->packet;
  struct pcap_pkthdr header = {.caplen = packet->captured,.len = packet->wire };

  return packet->time >= question->start && packet->time < question->stop
      && (program == NULL || pcap_offline_filter (program, &header,
          file->bytes->data + stored->at) != 0);
}

/* FALSE if the expression does not compile. */
static gboolean
ask_file (const Read * file, const ProofQuestion * question, gboolean optimize,
    GArray * found)
{
  struct bpf_program program;
  pcap_t *pcap = pcap_open_dead (file->dlt, SNAPLEN);
  gboolean filtered = question->expression != NULL;
  gboolean compiled = !filtered || pcap_compile (pcap, &program,
      question->expression, optimize, PCAP_NETMASK_UNKNOWN) == 0;

  pcap_close (pcap);
  if (!compiled)
    return FALSE;
  for (guint i = 0; i < file->packets->len; i++) {
    const Stored *stored = &g_array_index (file->packets, Stored, i);

    if (is_wanted (file, stored, question, filtered ? &program : NULL))
      g_array_append_val (found, stored->packet);
  }
  if (filtered)
    pcap_freecode (&program);
  return TRUE;
}

/* Of the heads the earliest; of equal ones the first file's. */
static GArray *
merge (GPtrArray * answers)
{
  GArray *merged = g_array_new (FALSE, FALSE, sizeof (ProofPacket));
  g_autofree guint *heads = g_new0 (guint, answers->len + 1);

  for (;;) {
    const ProofPacket *first = NULL;
    guint which = 0;

    for (guint i = 0; i < answers->len; i++) {
      GArray *answer = g_ptr_array_index (answers, i);
      const ProofPacket *head = heads[i] < answer->len ?
          &g_array_index (answer, ProofPacket, heads[i]) : NULL;

      if (head != NULL && (first == NULL || head->time < first->time)) {
        first = head;
        which = i;
      }
    }
    if (first == NULL)
      return merged;
    g_array_append_vals (merged, first, 1);
    heads[which]++;
  }
}

GArray *
proof_judge_ask (ProofJudge * self, const ProofQuestion * question,
    gboolean optimize, gboolean * refused)
{
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_array_unref);

  *refused = TRUE;
  for (guint i = 0; i < self->files->len; i++) {
    const Read *file = g_ptr_array_index (self->files, i);
    GArray *found = g_array_new (FALSE, FALSE, sizeof (ProofPacket));

    g_ptr_array_add (answers, found);
    if (file->dlt >= 0 && ask_file (file, question, optimize, found))
      *refused = FALSE;
  }
  return merge (answers);
}
