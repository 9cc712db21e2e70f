/* gst-afring: packets that trigger a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptrigger.h"

#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/packet/gstpacketbpf.h>

struct _PcapTrigger
{
  GMutex lock;
  gchar *expression;            /* or NULL; owned */
  guint generation;

  gchar *used;                  /* of the streaming thread, as what follows */
  guint used_generation;
  GHashTable *filters;          /* by link type; NULL: it cannot be one for that */
  guint32 last_link_type;
  GstCaptureFilter *last;       /* borrowed; NULL: look it up */
  GError *error;
};

static void
free_filter (gpointer filter)
{
  if (filter != NULL)
    gst_capture_filter_unref (filter);
}

PcapTrigger *
pcap_trigger_new (void)
{
  PcapTrigger *self = g_new0 (PcapTrigger, 1);

  g_mutex_init (&self->lock);
  self->filters = g_hash_table_new_full (NULL, NULL, NULL, free_filter);
  return self;
}

void
pcap_trigger_free (PcapTrigger * self)
{
  g_hash_table_unref (self->filters);
  g_free (self->expression);
  g_free (self->used);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
is_nothing (const gchar * expression)
{
  return expression == NULL || expression[0] == '\0';
}

static GstCaptureFilter *
compile (const gchar * expression, guint32 link_type, GError ** error)
{
  g_autoptr (GstCaptureLink) link =
      gst_capture_link_new_virtual ("trigger-filter", link_type);
  const GstCaptureFilterSpec spec = {
    .link = link,
    .expression = expression,
    .snaplen = G_MAXUINT32,
    .in_user_space = TRUE,
  };

  return gst_capture_filter_new (&spec, error);
}

gboolean
pcap_trigger_check (const gchar * expression, GError ** error)
{
  /* what comes is not known yet: Ethernet, whose error it is, 802.11 with and without
   * radiotap, raw IP, and what "any" has */
  static const guint32 link_types[] = { GST_CAPTURE_LINK_TYPE_ETHERNET, 127, 105, 101,
    GST_CAPTURE_LINK_TYPE_LINUX_SLL2
  };
  g_autoptr (GError) first = NULL;

  if (is_nothing (expression))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (link_types); i++) {
    GstCaptureFilter *filter = compile (expression, link_types[i],
        first == NULL ? &first : NULL);

    if (filter != NULL) {
      gst_capture_filter_unref (filter);
      return TRUE;
    }
  }
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

void
pcap_trigger_set (PcapTrigger * self, const gchar * expression)
{
  g_mutex_lock (&self->lock);
  g_free (self->expression);
  self->expression = g_strdup (expression);
  self->generation++;
  g_mutex_unlock (&self->lock);
}

gboolean
pcap_trigger_is_set (PcapTrigger * self)
{
  gboolean set;

  g_mutex_lock (&self->lock);
  set = !is_nothing (self->expression);
  g_mutex_unlock (&self->lock);
  return set;
}

gchar *
pcap_trigger_get (PcapTrigger * self)
{
  gchar *expression;

  g_mutex_lock (&self->lock);
  expression = g_strdup (self->expression);
  g_mutex_unlock (&self->lock);
  return expression;
}

gboolean
pcap_trigger_begin (PcapTrigger * self)
{
  g_mutex_lock (&self->lock);
  if (G_UNLIKELY (self->used_generation != self->generation)) {
    g_free (self->used);
    self->used = g_strdup (self->expression);
    self->used_generation = self->generation;
    g_hash_table_remove_all (self->filters);
    self->last = NULL;
  }
  g_mutex_unlock (&self->lock);
  return !is_nothing (self->used);
}

static GstCaptureFilter *
look_up (PcapTrigger * self, guint32 link_type)
{
  gpointer key = GUINT_TO_POINTER (link_type), filter;

  if (!g_hash_table_lookup_extended (self->filters, key, NULL, &filter)) {
    g_autoptr (GError) reason = NULL;

    filter = compile (self->used, link_type, &reason);
    g_hash_table_insert (self->filters, key, filter);
    if (reason != NULL && self->error == NULL)
      self->error = g_error_new (reason->domain, reason->code,
          "No packet of link type %u triggers: %s", link_type, reason->message);
  }
  self->last_link_type = link_type;
  self->last = filter;
  return filter;
}

gboolean
pcap_trigger_matches (PcapTrigger * self, const GstPcapPacket * packet,
    const GstPacketMeta * meta)
{
  GstCaptureFilter *filter = self->last;
  GstBpfPacket bpf;

  if (filter == NULL || self->last_link_type != packet->link_type)
    filter = look_up (self, packet->link_type);
  if (filter == NULL)
    return FALSE;
  gst_packet_bpf_init (&bpf, packet->link_type, packet->data,
      packet->captured_length, packet->wire_length);
  if (meta != NULL)
    gst_packet_bpf_set_meta (&bpf, packet->link_type, meta);
  return gst_capture_filter_match_rest (filter, &bpf) == GST_BPF_ACCEPT;
}

GError *
pcap_trigger_take_error (PcapTrigger * self)
{
  return g_steal_pointer (&self->error);
}
