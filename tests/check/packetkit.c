/* Packets made by hand, and pads that remember what came to them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

#include <string.h>

/* Packets. */

static gsize
write_link (guint8 * bytes, const KitPacket * packet)
{
  gsize at = 12;

  memset (bytes, 2, at);
  for (guint i = 0; i < G_N_ELEMENTS (packet->vlans); i++) {
    if (packet->vlans[i] == 0)
      break;
    GST_WRITE_UINT16_BE (bytes + at, 0x8100);
    GST_WRITE_UINT16_BE (bytes + at + 2, packet->vlans[i]);
    at += 4;
  }
  GST_WRITE_UINT16_BE (bytes + at, 0x0800);
  return at + 2;
}

static void
write_ip (guint8 * ip, const KitPacket * packet, gsize length)
{
  static const guint8 addresses[] = { 10, 0, 0, 1, 10, 0, 0, 2 };

  memset (ip, 0, 20);
  ip[0] = 0x45;
  GST_WRITE_UINT16_BE (ip + 2, 20 + length);
  GST_WRITE_UINT16_BE (ip + 4, packet->id);
  GST_WRITE_UINT16_BE (ip + 6, (packet->more ? 0x2000 : 0) |
      packet->offset / 8);
  ip[8] = 64;
  ip[9] = 17;
  memcpy (ip + 12, addresses, sizeof (addresses));
}

static GstBuffer *
wrap (guint8 * bytes, gsize size, const KitPacket * packet)
{
  GstBuffer *buffer = gst_buffer_new_wrapped (bytes, size);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = packet->time;
  meta->capture_time = KIT_START + packet->time;
  meta->wire_length = size;
  meta->interface_id = packet->interface_id;
  return buffer;
}

GstBuffer *
kit_make (const KitPacket * packet)
{
  gsize head = packet->fragment ? 0 : 8, length = head + packet->size;
  guint8 *bytes = g_malloc0 (14 + 8 + 20 + length);
  gsize at = write_link (bytes, packet);

  write_ip (bytes + at, packet, length);
  at += 20;
  if (!packet->fragment) {
    GST_WRITE_UINT16_BE (bytes + at, packet->src_port);
    GST_WRITE_UINT16_BE (bytes + at + 2,
        packet->dst_port != 0 ? packet->dst_port : 5004);
    GST_WRITE_UINT16_BE (bytes + at + 4, length);
  }
  if (packet->payload != NULL)
    memcpy (bytes + at + head, packet->payload, packet->size);
  return wrap (bytes, at + length, packet);
}

GstBuffer *
kit_make_rtp (guint src_port, guint32 ssrc, guint n, GstClockTime time)
{
  guint8 payload[12 + 160] = { 0x80, };
  KitPacket packet = {.time = time,.src_port = src_port,.payload = payload,
    .size = sizeof (payload)
  };

  GST_WRITE_UINT16_BE (payload + 2, n);
  GST_WRITE_UINT32_BE (payload + 4, n * 160);
  GST_WRITE_UINT32_BE (payload + 8, ssrc);
  return kit_make (&packet);
}

/* Pads. */

static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  KitPad *self = gst_pad_get_element_private (pad);

  g_ptr_array_add (self->items, buffer);
  return self->ret;
}

static GstFlowReturn
chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  KitPad *self = gst_pad_get_element_private (pad);
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->items,
        gst_buffer_ref (gst_buffer_list_get (list, i)));
  g_array_append_val (self->lists, n);
  gst_buffer_list_unref (list);
  return self->ret;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  KitPad *self = gst_pad_get_element_private (pad);

  g_ptr_array_add (self->items, event);
  return TRUE;
}

/* Without one a pad that has caps takes no others. */
static GstStaticPadTemplate any_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

KitPad *
kit_pad_new (void)
{
  KitPad *self = g_new0 (KitPad, 1);

  self->items =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_mini_object_unref);
  self->lists = g_array_new (FALSE, FALSE, sizeof (guint));
  self->pad = gst_object_ref_sink (gst_pad_new_from_static_template
      (&any_template, "sink"));
  gst_pad_set_element_private (self->pad, self);
  gst_pad_set_chain_function (self->pad, chain);
  gst_pad_set_chain_list_function (self->pad, chain_list);
  gst_pad_set_event_function (self->pad, take_event);
  gst_pad_set_active (self->pad, TRUE);
  return self;
}

void
kit_pad_free (KitPad * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (self->pad);

  if (peer != NULL)
    gst_pad_unlink (peer, self->pad);
  gst_pad_set_active (self->pad, FALSE);
  gst_object_unref (self->pad);
  g_ptr_array_unref (self->items);
  g_array_unref (self->lists);
  g_free (self);
}

void
kit_pad_forget (KitPad * self)
{
  g_ptr_array_set_size (self->items, 0);
  g_array_set_size (self->lists, 0);
}

static gboolean
is_event (gpointer item, GstEventType type)
{
  return GST_IS_EVENT (item) && GST_EVENT_TYPE (item) == type;
}

guint
kit_pad_count_buffers (KitPad * self)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    n += GST_IS_BUFFER (g_ptr_array_index (self->items, i));
  return n;
}

guint
kit_pad_count_events (KitPad * self, GstEventType type)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    n += is_event (g_ptr_array_index (self->items, i), type);
  return n;
}

GstBuffer *
kit_pad_get_buffer (KitPad * self, guint n)
{
  for (guint i = 0; i < self->items->len; i++) {
    gpointer item = g_ptr_array_index (self->items, i);

    if (GST_IS_BUFFER (item) && n-- == 0)
      return item;
  }
  return NULL;
}

GstEvent *
kit_pad_get_event (KitPad * self, GstEventType type, guint n)
{
  for (guint i = 0; i < self->items->len; i++) {
    gpointer item = g_ptr_array_index (self->items, i);

    if (is_event (item, type) && n-- == 0)
      return item;
  }
  return NULL;
}

/* Runs. */

static void
pad_added (GstElement * element, GstPad * pad, KitRun * self)
{
  KitPad *other;

  if (GST_PAD_IS_SINK (pad) || self->unlinked)
    return;
  other = kit_pad_new ();
  fail_unless_equals_int (gst_pad_link (pad, other->pad), GST_PAD_LINK_OK);
  g_ptr_array_add (self->pads, other);
}

static void
pad_removed (GstElement * element, GstPad * pad, KitRun * self)
{
  self->removed++;
}

static void
add_present (GstElement * element, KitRun * self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  if (pad != NULL)
    pad_added (element, pad, self);
}

KitRun *
kit_run_new_with_caps (const gchar * description, const gchar * caps)
{
  KitRun *self = g_new0 (KitRun, 1);
  g_autoptr (GError) error = NULL;

  self->pads = g_ptr_array_new_with_free_func ((GDestroyNotify) kit_pad_free);
  self->element = gst_parse_bin_from_description_full (description, TRUE, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS,
      &error);
  fail_unless (error == NULL, "%s", error != NULL ? error->message : NULL);
  gst_object_ref_sink (self->element);
  self->bus = gst_bus_new ();
  g_queue_init (&self->messages);
  gst_element_set_bus (self->element, self->bus);
  g_signal_connect (self->element, "pad-added", G_CALLBACK (pad_added), self);
  g_signal_connect (self->element, "pad-removed", G_CALLBACK (pad_removed),
      self);
  add_present (self->element, self);
  self->harness = gst_harness_new_with_element (self->element, "sink", NULL);
  gst_harness_play (self->harness);
  if (caps != NULL)
    gst_harness_set_src_caps_str (self->harness, caps);
  return self;
}

KitRun *
kit_run_new (const gchar * description)
{
  return kit_run_new_with_caps (description, KIT_CAPS);
}

void
kit_run_free (KitRun * self)
{
  gst_element_set_state (self->element, GST_STATE_NULL);
  g_signal_handlers_disconnect_by_data (self->element, self);
  gst_element_set_bus (self->element, NULL);
  g_ptr_array_unref (self->pads);
  gst_harness_teardown (self->harness);
  gst_object_unref (self->element);
  g_queue_clear_full (&self->messages, (GDestroyNotify) gst_message_unref);
  gst_bus_set_flushing (self->bus, TRUE);
  gst_object_unref (self->bus);
  g_free (self);
}

KitPad *
kit_run_get_pad (KitRun * self, guint n)
{
  fail_unless (n < self->pads->len, "pad %u of %u", n, self->pads->len);
  return g_ptr_array_index (self->pads, n);
}

GstFlowReturn
kit_run_push (KitRun * self, GstBuffer * buffer)
{
  return gst_harness_push (self->harness, buffer);
}

void
kit_run_push_flow (KitRun * self, guint src_port, guint n, GstClockTime time)
{
  for (guint i = 0; i < n; i++) {
    KitPacket packet = {.time = time + i * GST_MSECOND,.src_port = src_port,
      .payload = (const guint8 *) "no rtp",.size = 6
    };

    fail_unless_equals_int (kit_run_push (self, kit_make (&packet)),
        GST_FLOW_OK);
  }
}

void
kit_run_event (KitRun * self, GstEvent * event)
{
  fail_unless (gst_harness_push_event (self->harness, event));
}

void
kit_run_flush (KitRun * self)
{
  GstSegment segment;

  kit_run_event (self, gst_event_new_flush_start ());
  kit_run_event (self, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  kit_run_event (self, gst_event_new_segment (&segment));
}

guint64
kit_run_get_stat (KitRun * self, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (self->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

guint
kit_run_count_flows (KitRun * self, const gchar * kind)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  guint n = 0;

  g_object_get (self->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  for (guint i = 0; i < gst_value_list_get_size (flows); i++) {
    const GstStructure *flow =
        gst_value_get_structure (gst_value_list_get_value (flows, i));

    n += kind == NULL
        || g_strcmp0 (gst_structure_get_string (flow, "kind"), kind) == 0;
  }
  return n;
}

GstMessage *
kit_run_pop (KitRun * self, GstMessageType type)
{
  GstMessage *message;

  while ((message = gst_bus_pop (self->bus)) != NULL)
    g_queue_push_tail (&self->messages, message);
  for (GList * i = self->messages.head; i != NULL; i = i->next) {
    message = i->data;
    if (GST_MESSAGE_TYPE (message) & type) {
      g_queue_delete_link (&self->messages, i);
      return message;
    }
  }
  return NULL;
}

gchar *
kit_run_pop_error (KitRun * self, GstMessageType type)
{
  g_autoptr (GstMessage) message = kit_run_pop (self, type);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    return NULL;
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  return g_strdup (error->message);
}

guint
kit_count_metas (GstBuffer * buffer)
{
  gpointer state = NULL;
  guint n = 0;

  while (gst_buffer_iterate_meta (buffer, &state) != NULL)
    n++;
  return n;
}

gchar *
kit_write_file (const gchar * folder, guint n, KitPacketFunc func)
{
  GstCaptureInterface iface = {.id = 0,.link_type = 1,.name = "eth7" };
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, "check");
  gchar *location = g_build_filename (folder, "packets.pcapng", NULL);
  GByteArray *out = g_byte_array_new ();

  gst_pcap_encoder_append_start (encoder, out);
  gst_pcap_encoder_set_interface (encoder, &iface);
  for (guint i = 0; i < n; i++) {
    guint8 bytes[KIT_MOST_BYTES];
    GstPcapPacket packet = {.link_type = 1,.data = bytes };

    func (i, bytes, &packet);
    gst_pcap_encoder_append_packet (encoder, out, &packet);
  }
  gst_pcap_encoder_append_end (encoder, out, 1);
  fail_unless (g_file_set_contents (location, (const gchar *) out->data,
          out->len, NULL));
  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (out);
  return location;
}
