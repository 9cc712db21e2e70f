/* gst-afring: packets to the bytes of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapencoder.h"
#include "gstpcapinterfaces.h"
#include "gstpcapngwriter.h"

#include <string.h>

#define NOT_WRITTEN -1

/* Packets of so many interfaces in turn need no look at the table. */
#define N_RECENT 8

typedef struct
{
  guint32 id;
  GstPcapEntry *entry;          /* or NULL */
} Recent;

struct _GstPcapEncoder
{
  GstPcapFormat format;
  GstPcapTimestampPrecision precision;
  gchar *application;
  gchar **comments;

  GstPcapInterfaces *interfaces;
  Recent recent[N_RECENT];

  gboolean file_header_written; /* classic */
  guint32 link_type;
};

GstPcapEncoder *
gst_pcap_encoder_new (GstPcapFormat format,
    GstPcapTimestampPrecision precision, const gchar * application)
{
  GstPcapEncoder *self = g_new0 (GstPcapEncoder, 1);

  self->format = format;
  self->precision = precision;
  self->application = g_strdup (application);
  self->interfaces = gst_pcap_interfaces_new ();
  return self;
}

void
gst_pcap_encoder_free (GstPcapEncoder * self)
{
  gst_pcap_interfaces_free (self->interfaces);
  g_free (self->application);
  g_strfreev (self->comments);
  g_free (self);
}

void
gst_pcap_encoder_set_format (GstPcapEncoder * self, GstPcapFormat format)
{
  self->format = format;
}

GstPcapInterfaces *
gst_pcap_encoder_get_interfaces (GstPcapEncoder * self)
{
  return self->interfaces;
}

static void
forget_recent (GstPcapEncoder * self)
{
  memset (self->recent, 0, sizeof (self->recent));
}

void
gst_pcap_encoder_restart (GstPcapEncoder * self)
{
  gst_pcap_interfaces_restart (self->interfaces);
  forget_recent (self);
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

void
gst_pcap_encoder_set_interface (GstPcapEncoder * self,
    const GstCaptureInterface * iface)
{
  if (gst_pcap_interfaces_set (self->interfaces, iface))
    forget_recent (self);
}

void
gst_pcap_encoder_set_statistics (GstPcapEncoder * self,
    const GstCaptureStatistics * statistics)
{
  gst_pcap_interfaces_set_statistics (self->interfaces, statistics);
}

typedef struct
{
  GstPcapEncoder *self;
  GByteArray *out;
} Writing;

static void
write_interface (GstPcapEntry * entry, gpointer user_data)
{
  Writing *writing = user_data;

  gst_pcapng_append_interface (writing->out, &entry->iface);
  gst_pcap_interfaces_describe (writing->self->interfaces, entry);
}

void
gst_pcap_encoder_append_start (GstPcapEncoder * self, GByteArray * out)
{
  Writing writing = { self, out };

  if (self->format != GST_PCAP_FORMAT_PCAPNG)
    return;
  gst_pcapng_append_section_header (out, self->application,
      (const gchar * const *) self->comments);
  gst_pcap_interfaces_foreach_at_start (self->interfaces, write_interface,
      &writing);
}

/* A capture on all interfaces describes itself as number 0; its packets have the
 * numbers of the real ones. */
static GstPcapEntry *
look_up_entry (GstPcapEncoder * self, guint32 id, guint32 link_type)
{
  GstPcapEntry *entry = gst_pcap_interfaces_find (self->interfaces, id,
      link_type);

  if (entry == NULL)
    entry = gst_pcap_interfaces_find (self->interfaces, 0, link_type);
  if (entry == NULL)
    entry = gst_pcap_interfaces_add_unknown (self->interfaces, id, link_type);
  return entry;
}

static inline GstPcapEntry *
get_entry (GstPcapEncoder * self, guint32 id, guint32 link_type)
{
  Recent *recent = &self->recent[id % N_RECENT];

  if (G_UNLIKELY (recent->entry == NULL || recent->id != id
          || recent->entry->iface.link_type != link_type)) {
    recent->id = id;
    recent->entry = look_up_entry (self, id, link_type);
  }
  return recent->entry;
}

static inline gint
get_number (GstPcapEncoder * self, const GstPcapPacket * packet)
{
  return gst_pcap_interfaces_get_number (self->interfaces, get_entry (self,
          packet->interface_id, packet->link_type));
}

static void
write_file_header (GstPcapEncoder * self, GByteArray * out, guint32 link_type)
{
  gst_pcap_append_file_header (out, link_type,
      gst_pcap_interfaces_get_snaplen (self->interfaces), self->precision);
  self->link_type = link_type;
  self->file_header_written = TRUE;
}

gboolean
gst_pcap_encoder_needs_before (GstPcapEncoder * self,
    const GstPcapPacket * packet)
{
  if (self->format == GST_PCAP_FORMAT_PCAP)
    return !self->file_header_written || packet->link_type != self->link_type;
  return get_number (self, packet) == NOT_WRITTEN;
}

gboolean
gst_pcap_encoder_append_before (GstPcapEncoder * self, GByteArray * out,
    const GstPcapPacket * packet)
{
  Writing writing = { self, out };

  if (!gst_pcap_encoder_needs_before (self, packet))
    return TRUE;
  if (self->format == GST_PCAP_FORMAT_PCAPNG)
    write_interface (get_entry (self, packet->interface_id,
            packet->link_type), &writing);
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
        get_number (self, packet), packet->time, packet->type, packet->data, packet->captured_length,
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
  Writing writing = { self, out };
  GstPcapEntry *entry;

  if (self->format == GST_PCAP_FORMAT_PCAP) {
    if (!self->file_header_written)
      write_file_header (self, out, link_type);
    return;
  }

  while ((entry = gst_pcap_interfaces_get_new (self->interfaces)) != NULL)
    write_interface (entry, &writing);
  /* libpcap does not open a file without an interface */
  if (gst_pcap_interfaces_get_described (self->interfaces, 0) == NULL)
    write_interface (get_entry (self, 0, link_type), &writing);
  for (guint i = 0; (entry = gst_pcap_interfaces_get_described
          (self->interfaces, i)) != NULL; i++) {
    if (entry->has_statistics)
      gst_pcapng_append_statistics (out, i, &entry->statistics);
  }
}

gsize
gst_pcap_encoder_get_end_size (GstPcapEncoder * self)
{
  gsize size;
  guint n;

  if (self->format == GST_PCAP_FORMAT_PCAP)
    return self->file_header_written ? 0 : GST_PCAP_FILE_HEADER_LENGTH;
  size = gst_pcap_interfaces_get_new_size (self->interfaces, &n);
  return size + n * GST_PCAPNG_STATISTICS_LENGTH;
}
