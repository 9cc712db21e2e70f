/* gst-afring: which packets of files are looked for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findfilter.h"

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <pcap/pcap.h>

#define SNAPLEN 262144          /* tcpdump's */

typedef struct
{
  guint32 link_type;
  gboolean refused;
  struct bpf_program program;
} Program;

struct _FindFilter
{
  gchar *expression;            /* or NULL */
  GPtrArray *programs;          /* Program */
  Program *last;                /* that was used, or NULL */
  GQueue refusals;              /* of words */
};

static void
program_free (gpointer data)
{
  Program *program = data;

  if (!program->refused)
    pcap_freecode (&program->program);
  g_free (program);
}

/* Not all link types have the same number in files (LINKTYPE_) and here (DLT_). */
static gint
get_dlt (guint32 link_type)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_RAW:
      return DLT_RAW;
    case 100:
      return DLT_ATM_RFC1483;
    default:
      return link_type;
  }
}

/* An expression that matches nothing at all is none that is refused: tcpdump says so, and
 * reads the file for nothing. */
static Program *
compile (const gchar * expression, guint32 link_type, gchar ** words)
{
  Program *program = g_new0 (Program, 1);
  pcap_t *pcap = pcap_open_dead (get_dlt (link_type), SNAPLEN);

  program->link_type = link_type;
  if (pcap_compile (pcap, &program->program, expression, 1,
          PCAP_NETMASK_UNKNOWN) != 0) {
    *words = g_strdup (pcap_geterr (pcap));
    program->refused = TRUE;
  }
  pcap_close (pcap);
  return program;
}

static Program *
add_program (FindFilter * self, guint32 link_type)
{
  g_autofree gchar *words = NULL;
  Program *program = compile (self->expression, link_type, &words);

  g_ptr_array_add (self->programs, program);
  if (program->refused)
    g_queue_push_tail (&self->refusals,
        g_strdup_printf ("\"%s\" matches no packets of link type %u: %s",
            self->expression, link_type, words));
  return program;
}

static Program *
get_program (FindFilter * self, guint32 link_type)
{
  for (guint i = 0; i < self->programs->len; i++) {
    Program *program = g_ptr_array_index (self->programs, i);

    if (program->link_type == link_type)
      return program;
  }
  return add_program (self, link_type);
}

FindFilter *
find_filter_new (const gchar * expression, GError ** error)
{
  static const guint32 common[] = { GST_CAPTURE_LINK_TYPE_ETHERNET,
    GST_CAPTURE_LINK_TYPE_RAW, 113, 105, 127
  };
  FindFilter *self = g_new0 (FindFilter, 1);
  gboolean taken = FALSE;

  self->programs = g_ptr_array_new_with_free_func (program_free);
  g_queue_init (&self->refusals);
  if (expression == NULL || expression[0] == '\0')
    return self;
  self->expression = g_strdup (expression);
  for (guint i = 0; !taken && i < G_N_ELEMENTS (common); i++)
    taken = !add_program (self, common[i])->refused;
  if (taken) {
    g_queue_clear_full (&self->refusals, g_free);
    return self;
  }
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
      "Filter %s", (const gchar *) g_queue_peek_head (&self->refusals));
  find_filter_free (self);
  return NULL;
}

void
find_filter_free (FindFilter * self)
{
  g_ptr_array_unref (self->programs);
  g_queue_clear_full (&self->refusals, g_free);
  g_free (self->expression);
  g_free (self);
}

gboolean
find_filter_has_expression (const FindFilter * self)
{
  return self->expression != NULL;
}

gboolean
find_filter_match (FindFilter * self, const GstPcapPacket * packet)
{
  struct pcap_pkthdr header;

  if (self->expression == NULL)
    return TRUE;
  if (G_UNLIKELY (self->last == NULL
          || self->last->link_type != packet->link_type))
    self->last = get_program (self, packet->link_type);
  if (self->last->refused)
    return FALSE;
  header.caplen = packet->captured_length;
  header.len = packet->wire_length;
  return pcap_offline_filter (&self->last->program, &header, packet->data) != 0;
}

gchar *
find_filter_pop_refusal (FindFilter * self)
{
  return g_queue_pop_head (&self->refusals);
}
