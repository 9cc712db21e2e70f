/* Writes a capture with a flow of each kind that a mirror port shows beside RTP, without it
 * and with it, and prints what each is.
 *
 * rtp-captures FILE: lines of fields with tabs between them: source port, "rtp" or "other",
 * and a name.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/otherpayloads.h"

#include <stdio.h>
#include <string.h>

#define HEADERS (14 + 20 + 8)
#define FIRST_PORT 20001
#define N_PACKETS 60
#define N_OTHERS 30

/* RTP, encrypted behind its header, and what comes before it. */
typedef struct
{
  const gchar *name;
  const gchar *before;          /* hexadecimal digits, and then noise */
  gsize size;
  guint n;
  guint senders;                /* in turn */
  guint8 payload_types[2];      /* in turn */
  guint8 first_byte;            /* of the first */
  gsize carried;                /* bytes of TURN's in front of each */
} Rtp;

static const Rtp rtp[] = {
  {"rtp", "", 0, 0, 1, {111, 111}, 0x80, 0},
  {"SRTCP before it", "80c8000611223344", 66, 1, 1, {111, 111}, 0x80, 0},
  {"feedback in SRTCP before it", "80cd000511223344", 62, 1, 1, {111, 111}, 0x80,
      0},
  {"STUN of RFC 3489 before it", "000100086162636431", 28, 1, 1, {111, 111},
      0x80, 0},
  {"two SSRCs in turn", "", 0, 0, 2, {111, 111}, 0x80, 0},
  {"four SSRCs in turn", "", 0, 0, 4, {96, 96}, 0x80, 0},
  {"twelve of STUN before it", "000100082112a44201", 28, 12, 1, {111, 111},
      0x80, 0},
  {"twelve of DTLS before it", "16fefd0000000000000000", 100, 12, 1, {111, 111},
      0x80, 0},
  {"ZRTP before it", "1000000a5a5254501122334450", 60, 3, 1, {111, 111}, 0x80,
      0},
  {"padding, encrypted", "", 0, 0, 1, {111, 111}, 0xa0, 0},
  {"a search for an address before it", "000100460000004d", 74, 1, 1, {111, 111},
      0x80, 0},
  {"comfort noise in turn", "", 0, 0, 1, {8, 13}, 0x80, 0},
  {"redundancy in turn", "", 0, 0, 1, {96, 0x80 | 97}, 0x80, 0},
  {"UDPTL before it", "00000100000000", 7, 1, 1, {111, 111}, 0x80, 0},
  {"keep-alives before it", "0d0a0d0a", 4, 5, 1, {111, 111}, 0x80, 0},
  {"a text before it", "6b656570616c697665", 9, 1, 1, {111, 111}, 0x80, 0},
  {"in ChannelData", "", 0, 0, 1, {111, 111}, 0x80, 4},
};

static FILE *file;
static GRand *dice;
static guint n_packets;

static void
put (guint port, const Payload * payload)
{
  guint8 headers[HEADERS] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
    0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2
  };
  Payload fields = { .size = 0 };
  guint32 record[4];

  payload_set16 (&fields, 0, HEADERS - 14 + payload->size);
  memcpy (headers + 16, fields.data, 2);
  payload_set16 (&fields, 0, port);
  payload_set16 (&fields, 2, port + 10000);
  payload_set16 (&fields, 4, 8 + payload->size);
  memcpy (headers + 34, fields.data, 6);
  record[0] = 1700000000 + n_packets / 50;
  record[1] = n_packets++ % 50 * 20000;
  record[2] = record[3] = HEADERS + payload->size;
  fwrite (record, sizeof (record), 1, file);
  fwrite (headers, HEADERS, 1, file);
  fwrite (payload->data, payload->size, 1, file);
}

static void
make_rtp (Payload * payload, const Rtp * self, guint i)
{
  guint sender = i % self->senders, number = 100 + i / self->senders;
  gsize at = self->carried;

  payload_fill (payload, at, at + 92, dice);
  if (at > 0) {
    payload_set16 (payload, 0, 0x4001);
    payload_set16 (payload, 2, 92);
  }
  payload->data[at] = i == 0 ? self->first_byte : 0x80;
  payload->data[at + 1] = self->payload_types[number % 2];
  payload_set16 (payload, at + 2, number + 5000 * sender);
  payload_set32 (payload, at + 4, 960 * number);
  payload_set32 (payload, at + 8, 0x11223344 + sender);
}

static void
put_rtp (guint port, const Rtp * self)
{
  Payload payload;

  for (guint i = 0; i < self->n; i++) {
    payload_fill (&payload, 0, self->size, dice);
    payload_set (&payload, 0, self->before);
    put (port, &payload);
  }
  for (guint i = 0; i < N_PACKETS * self->senders; i++) {
    make_rtp (&payload, self, i);
    put (port, &payload);
  }
}

/* What another protocol sends, alone or with RTP between. */
static void
put_other (guint port, const OtherPayload * other, gboolean with_rtp)
{
  Payload payload;

  for (guint i = 0; i < N_OTHERS; i++) {
    if (with_rtp) {
      make_rtp (&payload, &rtp[0], i);
      put (port, &payload);
    }
    other->make (&payload, i, dice);
    put (port, &payload);
  }
}

int
main (int argc, char **argv)
{
  guint32 header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };
  guint port = FIRST_PORT;

  file = argc == 2 ? fopen (argv[1], "wb") : NULL;
  if (file == NULL)
    return 2;
  dice = g_rand_new_with_seed (20);
  fwrite (header, sizeof (header), 1, file);
  for (guint i = 0; i < G_N_ELEMENTS (rtp); i++, port++) {
    put_rtp (port, &rtp[i]);
    printf ("%u\trtp\t%s\n", port, rtp[i].name);
  }
  for (guint i = 0; i < N_OTHER_PAYLOADS; i++, port++) {
    put_other (port, &other_payloads[i], FALSE);
    printf ("%u\tother\t%s\n", port, other_payloads[i].name);
  }
  for (guint i = 0; i < N_OTHER_PAYLOADS; i++, port++) {
    put_other (port, &other_payloads[i], TRUE);
    printf ("%u\trtp\t%s between it\n", port, other_payloads[i].name);
  }
  g_rand_free (dice);
  return fclose (file) != 0;
}
