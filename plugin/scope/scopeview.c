/* gst-afring: the numbers that a picture shows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeview.h"

const gchar *
scope_protocol_get_name (ScopeProtocol protocol)
{
  static const gchar *names[SCOPE_PROTOCOLS] = {
    "TCP", "UDP", "ICMP", "other IP", "ARP, other"
  };

  return names[protocol];
}

/* As those of RMON (RFC 2819) without the four bytes of a checksum, which no capture
 * has; and behind them jumbo frames, and what a network card has put together. */
static const struct
{
  gsize most;
  const gchar *name;
} sizes[SCOPE_SIZES] = {
  {63, "\342\211\24463"},
  {127, "64\342\200\223127"},
  {255, "128\342\200\223255"},
  {511, "256\342\200\223511"},
  {1023, "512\342\200\2231023"},
  {1518, "1024\342\200\2231518"},
  {9018, "1519\342\200\2239018"},
  {G_MAXSIZE, "\342\211\2459019"},
};

guint
scope_size_find (gsize length)
{
  guint i = 0;

  while (length > sizes[i].most)
    i++;
  return i;
}

const gchar *
scope_size_get_name (guint size)
{
  return sizes[size].name;
}
