/* gst-afring: the names of the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapnames.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapcompression.h>
#include <string.h>

/* A recording of months must not be one table. Names have the number of the file or
 * a time in them: what comes back does so soon, or when a clock has been set back. */
#define MOST_REMEMBERED 65536

struct _PcapNames
{
  GHashTable *used;             /* the newest names, borrowed */
  GQueue in_order;              /* the same, owned, the oldest first */
  gchar *last;                  /* name that was asked for last, not made unused */
  GQueue complete;              /* paths, owned, the oldest first */
};

PcapNames *
pcap_names_new (void)
{
  PcapNames *self = g_new0 (PcapNames, 1);

  self->used = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&self->in_order);
  g_queue_init (&self->complete);
  return self;
}

void
pcap_names_free (PcapNames * self)
{
  g_hash_table_unref (self->used);
  g_queue_clear_full (&self->in_order, g_free);
  g_queue_clear_full (&self->complete, g_free);
  g_free (self->last);
  g_free (self);
}

/* What strftime() and g_date_time_format() allow between '%' and the letter. */
#define MODIFIERS "_-0^#EO:"

/* One conversion, from its '%' on. */
typedef struct
{
  gsize length;                 /* 0: none, the '%' is one itself */
  gint width;                   /* -1: none given */
  gboolean zeros;
  gchar type;
} Conversion;

static Conversion
parse_conversion (const gchar * p)
{
  Conversion conversion = {.width = -1 };
  const gchar *start = p++;

  conversion.zeros = *p == '0';
  if (g_ascii_isdigit (*p)) {
    gchar *end;

    conversion.width = MIN (g_ascii_strtoull (p, &end, 10), 32);
    p = end;
  }
  while (*p != '\0' && strchr (MODIFIERS, *p) != NULL)
    p++;
  conversion.type = *p;
  if (g_ascii_isalpha (conversion.type) || conversion.type == '%')
    conversion.length = p + 1 - start;
  return conversion;
}

static gboolean
is_number (gchar type)
{
  return type == 'd' || type == 'u' || type == 'i';
}

/* A conversion that only strftime() has. */
static gboolean
has_date (const gchar * pattern)
{
  for (const gchar * p = strchr (pattern, '%'); p != NULL; p = strchr (p, '%')) {
    Conversion conversion = parse_conversion (p);

    if (conversion.length > 0 && !is_number (conversion.type)
        && conversion.type != '%')
      return TRUE;
    p += MAX (conversion.length, 1);
  }
  return FALSE;
}

static void
append_index (GString * out, const Conversion * conversion, guint index)
{
  gint width = MAX (conversion->width, 0);

  if (conversion->zeros)
    g_string_append_printf (out, "%0*u", width, index);
  else
    g_string_append_printf (out, "%*u", width, index);
}

gchar *
pcap_names_expand (const gchar * pattern, guint index, GDateTime * time)
{
  GString *out = g_string_new (NULL);
  gboolean date = has_date (pattern);
  const gchar *p = pattern;

  while (*p != '\0') {
    Conversion conversion = { 0, };

    if (*p == '%')
      conversion = parse_conversion (p);
    if (conversion.length == 0) {
      g_string_append_c (out, *p++);
      continue;
    }
    if (conversion.type == '%') {
      g_string_append_c (out, '%');
    } else if (is_number (conversion.type)
        && (conversion.width >= 0 || conversion.type != 'd' || !date)) {
      append_index (out, &conversion, index);
    } else {
      g_autofree gchar *format = g_strndup (p, conversion.length);
      g_autofree gchar *text = g_date_time_format (time, format);

      /* "%D" and what a locale or a time zone writes choose no folder: '/' does
       * that where it stands in the pattern */
      if (text != NULL)
        g_strdelimit (text, "/", '-');
      g_string_append (out, text != NULL ? text : format);
    }
    p += conversion.length;
  }
  return g_string_free (out, FALSE);
}

gchar *
pcap_names_make_glob (const gchar * pattern)
{
  GString *out = g_string_new (NULL);

  while (*pattern != '\0') {
    Conversion conversion = { 0, };

    if (*pattern == '%')
      conversion = parse_conversion (pattern);
    if (conversion.length > 0 && conversion.type != '%') {
      g_string_append_c (out, '*');
    } else {
      if (strchr ("*?[\\", *pattern) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *pattern);
    }
    pattern += MAX (conversion.length, 1);
  }
  return g_string_free (out, FALSE);
}

static gchar *
insert_index (const gchar * name, guint index)
{
  const gchar *dot = gst_pcap_compression_find_extension (name);

  return g_strdup_printf ("%.*s-%05u%s", (int) (dot - name), name, index, dot);
}

/* FALSE if it is there. */
static gboolean
remember (PcapNames * self, const gchar * name)
{
  gchar *copy;

  if (g_hash_table_contains (self->used, name))
    return FALSE;
  copy = g_strdup (name);
  g_hash_table_add (self->used, copy);
  g_queue_push_tail (&self->in_order, copy);
  if (g_queue_get_length (&self->in_order) > MOST_REMEMBERED) {
    gchar *oldest = g_queue_pop_head (&self->in_order);

    g_hash_table_remove (self->used, oldest);
    g_free (oldest);
  }
  return TRUE;
}

/* A name that stays the same for longer than names are remembered is not used again
 * either. */
gchar *
pcap_names_make_unused (PcapNames * self, const gchar * name, guint index)
{
  gboolean again = g_strcmp0 (name, self->last) == 0;
  gchar *unused = again ? insert_index (name, index) : g_strdup (name);

  g_free (self->last);
  self->last = g_strdup (name);
  while (!remember (self, unused)) {
    g_free (unused);
    unused = insert_index (name, index++);
  }
  return unused;
}

gchar *
pcap_names_make (PcapNames * self, const gchar * pattern, guint index,
    GDateTime * time)
{
  g_autofree gchar *name = pcap_names_expand (pattern, index, time);

  return pcap_names_make_unused (self, name, index);
}

void
pcap_names_add_complete (PcapNames * self, const gchar * path)
{
  g_queue_push_tail (&self->complete, g_strdup (path));
}

guint
pcap_names_get_complete (PcapNames * self)
{
  return g_queue_get_length (&self->complete);
}

gboolean
pcap_names_delete_oldest (PcapNames * self)
{
  g_autofree gchar *path = g_queue_pop_head (&self->complete);

  return path != NULL && (g_unlink (path) == 0 || errno == ENOENT);
}
