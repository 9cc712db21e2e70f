/* gst-afring: the numbers that a picture shows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeseries.h"

G_BEGIN_DECLS

typedef enum
{
  SCOPE_STYLE_RATE,
  SCOPE_STYLE_FLOWS,
  SCOPE_STYLE_SIZES
} ScopeStyle;

typedef enum
{
  SCOPE_PROTOCOL_TCP,
  SCOPE_PROTOCOL_UDP,
  SCOPE_PROTOCOL_ICMP,
  SCOPE_PROTOCOL_OTHER_IP,
  SCOPE_PROTOCOL_OTHER,         /* ARP and the like, and what is malformed */
  SCOPE_PROTOCOLS
} ScopeProtocol;

/* Bars of the histogram. */
#define SCOPE_SIZES 8

/* Flows that are shown by name. */
#define SCOPE_TOP_FLOWS 7

/* And the rest. */
#define SCOPE_LAYERS (SCOPE_TOP_FLOWS + 1)

/* Two IPv6 addresses and ports. */
#define SCOPE_NAME_BYTES 128

/* What lies on top of one another: a protocol, or a flow. */
typedef struct
{
  gchar name[SCOPE_NAME_BYTES]; /* "": nothing is there */
  guint colour;                 /* its place in the palette */
  ScopeCount counts[SCOPE_BUCKETS + 1];
} ScopeLayer;

typedef struct
{
  ScopeStyle style;
  GstClockTime duration;        /* shown */
  GstClockTime bucket;          /* of one bar */
  GstClockTime before_end;      /* from the start of the first bar to the end */

  guint n_layers;
  ScopeLayer layers[SCOPE_LAYERS];
  guint64 drops[SCOPE_BUCKETS + 1];
  guint64 dropped;              /* their sum */
  guint64 sizes[SCOPE_SIZES][SCOPE_PROTOCOLS];
} ScopeView;

const gchar * scope_protocol_get_name (ScopeProtocol protocol);

/* The bar of a packet with @length bytes on the wire, and how it is called. */
guint         scope_size_find         (gsize         length);
const gchar * scope_size_get_name     (guint         size);

G_END_DECLS
