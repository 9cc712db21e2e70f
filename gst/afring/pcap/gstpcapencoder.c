/* gst-afring: packets to the bytes of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapencoder.h"
#include "gstpcapngwriter.h"

#define NOT_WRITTEN -1

typedef struct
{
  GstCaptureInterface iface;    /* its strings are owned */
  GstCaptureStatistics statistics;
  gboolean has_statistics;
  gboolean superseded;          /* the id means another one now */
  gint number;                  /* in the file, or NOT_WRITTEN */
} Entry;

struct _GstPcapEncoder
{
  GstPcapFormat format;
  GstPcapTimestampPrecision precision;
  gchar *application;
  gchar **comments;

  GPtrArray *entries;
  Entry *last;                  /* of the packet before, which is likely again */
  guint32 last_id;              /* that packet's */
  gint n_written;

  gboolean file_header_written; /* classic */
  guint32 link_type;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free ((gchar *) entry->iface.name);
  g_free ((gchar *) entry->iface.filter);
  g_free (entry);
}

GstPcapEncoder *
gst_pcap_encoder_new (GstPcapFormat format,
    GstPcapTimestampPrecision precision, const gchar * application)
{
  GstPcapEncoder *self = g_new0 (GstPcapEncoder, 1);

  self->format = format;
  self->precision = precision;
  self->application = g_strdup (application);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
gst_pcap_encoder_free (GstPcapEncoder * self)
{
  g_ptr_array_unref (self->entries);
  g_free (self->application);
  g_strfreev (self->comments);
  g_free (self);
}

void
gst_pcap_encoder_set_format (GstPcapEncoder * self, GstPcapFormat format)
{
  self->format = format;
}

void
gst_pcap_encoder_restart (GstPcapEncoder * self)
{
  for (guint i = self->entries->len; i > 0; i--) {
    Entry *entry = g_ptr_array_index (self->entries, i - 1);

    entry->number = NOT_WRITTEN;
    if (entry->superseded)
      g_ptr_array_remove_index (self->entries, i - 1);
  }
  self->n_written = 0;
  self->last = NULL;
  self->file_header_written = FALSE;
}

void
gst_pcap_encoder_set_comments (GstPcapEncoder * self,
    const gchar * const *comments)
{
  g_strfreev (self->comments);
  self->comments = g_strdupv ((gchar **) comments);
}

const gchar *const *
gst_pcap_encoder_get_comments (GstPcapEncoder * self)
{
  return (const gchar * const *) self->comments;
}

static Entry *
find_entry (GstPcapEncoder * self, guint32 id, guint32 link_type)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (!entry->superseded && entry->iface.id == id
        && entry->iface.link_type == link_type)
      return entry;
  }
  return NULL;
}

/* A capture on all interfaces describes itself as number 0; its packets have the
 * numbers of the real ones. */
static Entry *
find_entry_of_packet (GstPcapEncoder * self, guint32 id, guint32 link_type)
{
  Entry *entry = find_entry (self, id, link_type);

  return entry != NULL ? entry : find_entry (self, 0, link_type);
}

static Entry *
add_entry (GstPcapEncoder * self, const GstCaptureInterface * iface)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->iface = *iface;
  entry->iface.name = g_strdup (iface->name);
  entry->iface.filter = g_strdup (iface->filter);
  entry->number = NOT_WRITTEN;
  g_ptr_array_add (self->entries, entry);
  return entry;
}

static gboolean
is_same (const GstCaptureInterface * a, const GstCaptureInterface * b)
{
  return a->snaplen == b->snaplen && g_strcmp0 (a->name, b->name) == 0
      && g_strcmp0 (a->filter, b->filter) == 0;
}

void
gst_pcap_encoder_set_interface (GstPcapEncoder * self,
    const GstCaptureInterface * iface)
{
  Entry *entry = find_entry (self, iface->id, iface->link_type);

  if (entry != NULL && is_same (&entry->iface, iface))
    return;
  if (entry != NULL)
    entry->superseded = TRUE;
  add_entry (self, iface);
  self->last = NULL;
}

void
gst_pcap_encoder_set_statistics (GstPcapEncoder * self,
    const GstCaptureStatistics * statistics)
{
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->iface.id == statistics->id && !entry->superseded) {
      entry->statistics = *statistics;
      entry->has_statistics = TRUE;
    }
  }
}

static void
write_interface (GstPcapEncoder * self, GByteArray * out, Entry * entry)
{
  gst_pcapng_append_interface (out, &entry->iface);
  entry->number = self->n_written++;
}

void
gst_pcap_encoder_append_start (GstPcapEncoder * self, GByteArray * out)
{
  if (self->format != GST_PCAP_FORMAT_PCAPNG)
    return;
  gst_pcapng_append_section_header (out, self->application,
      (const gchar * const *) self->comments);
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (!entry->superseded)
      write_interface (self, out, entry);
  }
}

static Entry *
get_entry (GstPcapEncoder * self, guint32 id, guint32 link_type)
{
  GstCaptureInterface unknown = {.id = id,.link_type = link_type };

  if (self->last != NULL && self->last_id == id
      && self->last->iface.link_type == link_type)
    return self->last;
  self->last_id = id;
  self->last = find_entry_of_packet (self, id, link_type);
  if (self->last == NULL)
    self->last = add_entry (self, &unknown);
  return self->last;
}

static void
write_file_header (GstPcapEncoder * self, GByteArray * out, guint32 link_type)
{
  guint32 snaplen = 0;

  /* as much as the interface with the longest packets has; 0: no limit */
  for (guint i = 0; i < self->entries->len; i++) {
    const Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->iface.snaplen == 0) {
      snaplen = 0;
      break;
    }
    snaplen = MAX (snaplen, entry->iface.snaplen);
  }
  gst_pcap_append_file_header (out, link_type, snaplen, self->precision);
  self->link_type = link_type;
  self->file_header_written = TRUE;
}

gboolean
gst_pcap_encoder_needs_before (GstPcapEncoder * self,
    const GstPcapPacket * packet)
{
  if (self->format == GST_PCAP_FORMAT_PCAP)
    return !self->file_header_written || packet->link_type != self->link_type;
  return get_entry (self, packet->interface_id, packet->link_type)->number ==
      NOT_WRITTEN;
}

gboolean
gst_pcap_encoder_append_before (GstPcapEncoder * self, GByteArray * out,
    const GstPcapPacket * packet)
{
  if (!gst_pcap_encoder_needs_before (self, packet))
    return TRUE;
  if (self->format == GST_PCAP_FORMAT_PCAPNG)
    write_interface (self, out, self->last);
  else if (!self->file_header_written)
    write_file_header (self, out, packet->link_type);
  else
    return FALSE;
  return TRUE;
}

gsize
gst_pcap_encoder_get_packet_size (GstPcapEncoder * self,
    const GstPcapPacket * packet)
{
  if (self->format == GST_PCAP_FORMAT_PCAP)
    return GST_PCAP_RECORD_HEADER_LENGTH + (gsize) packet->captured_length;
  return gst_pcapng_get_packet_size (packet->type, packet->captured_length);
}

void
gst_pcap_encoder_write_packet (GstPcapEncoder * self, guint8 * out,
    const GstPcapPacket * packet)
{
  if (self->format == GST_PCAP_FORMAT_PCAP)
    gst_pcap_write_packet (out, self->precision, packet->time, packet->data,
        packet->captured_length, packet->wire_length);
  else
    gst_pcapng_write_packet (out,
        get_entry (self, packet->interface_id, packet->link_type)->number,
        packet->time, packet->type, packet->data, packet->captured_length,
        packet->wire_length);
}

gboolean
gst_pcap_encoder_append_packet (GstPcapEncoder * self, GByteArray * out,
    const GstPcapPacket * packet)
{
  guint at;

  if (!gst_pcap_encoder_append_before (self, out, packet))
    return FALSE;
  at = out->len;
  g_byte_array_set_size (out,
      at + gst_pcap_encoder_get_packet_size (self, packet));
  gst_pcap_encoder_write_packet (self, out->data + at, packet);
  return TRUE;
}

void
gst_pcap_encoder_append_end (GstPcapEncoder * self, GByteArray * out,
    guint32 link_type)
{
  if (self->format == GST_PCAP_FORMAT_PCAP) {
    if (!self->file_header_written)
      write_file_header (self, out, link_type);
    return;
  }

  /* libpcap does not open a file without an interface */
  if (self->entries->len == 0)
    get_entry (self, 0, link_type);
  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->number == NOT_WRITTEN && !entry->superseded)
      write_interface (self, out, entry);
    if (entry->number != NOT_WRITTEN && entry->has_statistics)
      gst_pcapng_append_statistics (out, entry->number, &entry->statistics);
  }
}

gsize
gst_pcap_encoder_get_end_size (GstPcapEncoder * self)
{
  g_autoptr (GByteArray) unwritten = NULL;
  gsize size = 0;

  if (self->format == GST_PCAP_FORMAT_PCAP)
    return self->file_header_written ? 0 : GST_PCAP_FILE_HEADER_LENGTH;

  for (guint i = 0; i < self->entries->len; i++) {
    Entry *entry = g_ptr_array_index (self->entries, i);

    if (entry->number != NOT_WRITTEN || !entry->superseded)
      size += GST_PCAPNG_STATISTICS_LENGTH;
    if (entry->number == NOT_WRITTEN && !entry->superseded) {
      if (unwritten == NULL)
        unwritten = g_byte_array_new ();
      gst_pcapng_append_interface (unwritten, &entry->iface);
    }
  }
  return size + (unwritten != NULL ? unwritten->len : 0);
}
