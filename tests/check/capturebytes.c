/* Capture streams made from scratch, in either byte order.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"

#include <gst/gst.h>
#include <string.h>

GByteArray *out;
gboolean swapped;

static void
put16 (guint16 value)
{
  value = swapped ? GUINT16_SWAP_LE_BE (value) : value;
  g_byte_array_append (out, (guint8 *) & value, 2);
}

static void
put32 (guint32 value)
{
  value = swapped ? GUINT32_SWAP_LE_BE (value) : value;
  g_byte_array_append (out, (guint8 *) & value, 4);
}

static void
put_bytes (gconstpointer bytes, gsize length)
{
  g_byte_array_append (out, bytes, length);
  g_byte_array_append (out, (const guint8 *) "\0\0\0", -length & 3);
}

static guint
begin_block (guint32 type)
{
  guint at = out->len;

  put32 (type);
  put32 (0);
  return at;
}

static void
end_block (guint at)
{
  guint32 length = out->len - at + 4;

  put32 (length);
  memcpy (out->data + at + 4, out->data + out->len - 4, 4);
}

/* With a length of the section, which a file that ends elsewhere must not have. */
void
put_section (void)
{
  guint at = begin_block (0x0a0d0d0a);

  put32 (0x1a2b3c4d);
  put16 (1);
  put16 (0);
  put32 (64);
  put32 (0);
  end_block (at);
}

void
put_interface (guint16 link_type)
{
  guint at = begin_block (1);
  guint8 nanoseconds = 9;

  put16 (link_type);
  put16 (0);
  put32 (0);
  put16 (9);
  put16 (1);
  put_bytes (&nanoseconds, 1);
  put32 (0);
  end_block (at);
}

/* Its number is its time and its first bytes. */
void
put_packet (guint interface, guint n)
{
  guint at = begin_block (6);

  put32 (interface);
  put32 ((START + n) >> 32);
  put32 ((guint32) (START + n));
  put32 (4);
  put32 (60);
  put_bytes (&n, 4);
  end_block (at);
}

void
put_names (const gchar * name)
{
  guint at = begin_block (NAMES), length = 4 + strlen (name) + 1;
  guint8 address[] = { 10, 0, 0, 1 };
  g_autofree guint8 *record = g_malloc (length);

  memcpy (record, address, 4);
  memcpy (record + 4, name, length - 4);
  put16 (1);
  put16 (length);
  put_bytes (record, length);
  put32 (0);
  end_block (at);
}

void
put_secrets (const gchar * secrets)
{
  guint at = begin_block (SECRETS);

  put32 (0x544c534b);
  put32 (strlen (secrets));
  put_bytes (secrets, strlen (secrets));
  put32 (0);
  end_block (at);
}

void
put_custom (guint32 type, const gchar * text)
{
  guint at = begin_block (type);

  put32 (32473);
  put_bytes (text, strlen (text));
  end_block (at);
}

void
put_statistics (guint32 dropped)
{
  guint at = begin_block (5);

  put32 (0);
  put32 (START >> 32);
  put32 ((guint32) START);
  put16 (5);
  put16 (8);
  put32 (swapped ? 0 : dropped);
  put32 (swapped ? dropped : 0);
  put32 (0);
  end_block (at);
}

void
put_classic (guint first, guint n)
{
  put32 (0xa1b23c4d);
  put16 (2);
  put16 (4);
  put32 (0);
  put32 (0);
  put32 (65535);
  put32 (1);
  for (guint i = first; i < first + n; i++) {
    put32 (START / GST_SECOND);
    put32 (i);
    put32 (4);
    put32 (60);
    g_byte_array_append (out, (guint8 *) & i, 4);
  }
}

void
put_kind (gboolean classic, guint first, guint n)
{
  if (classic) {
    put_classic (first, n);
    return;
  }
  put_section ();
  put_interface (1);
  for (guint i = first; i < first + n; i++)
    put_packet (0, i);
}
