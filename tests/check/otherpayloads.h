/* Payloads as other protocols than RTP make them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LONGEST 256

typedef struct
{
  guint8 data[LONGEST];
  gsize size;
} Payload;

/* The packet with number @n of a flow. */
typedef void (*MakeFunc) (Payload * payload, guint n, GRand * rand);

typedef struct
{
  const gchar *name;
  MakeFunc make;
} OtherPayload;

#define N_OTHER_PAYLOADS 32

extern const OtherPayload other_payloads[N_OTHER_PAYLOADS];

/* By bytes, big endian, and what is random. */
void payload_fill   (Payload *payload, gsize from, gsize size, GRand *rand);
void payload_set    (Payload *payload, gsize at, const gchar *hex);
void payload_set16  (Payload *payload, gsize at, guint16 value);
void payload_set32  (Payload *payload, gsize at, guint32 value);

G_END_DECLS
