/* gst-afring: packets that are held, to be recorded or not
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapheld.h"

#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 8

typedef enum
{
  ITEM_PACKET,
  ITEM_BLOCK,                   /* of pcapng, with a packet or none */
  ITEM_BUFFER,                  /* of whole blocks of pcapng */
  ITEM_CONTROL                  /* the next one */
} ItemType;

/* Stands in memory before its bytes. */
typedef struct
{
  guint8 type;                  /* ItemType */
  guint8 packet_type;
  guint32 length;               /* of the bytes */
  guint32 packets;
  guint32 interface_id;
  guint32 link_type;
  guint32 captured_length;
  guint32 wire_length;
  guint32 data_at;              /* of a packet, in its block */
  GstClockTime time;            /* the first, and the last if there are several */
  GstClockTime last_time;
} Item;

/* Of most machines. */
#define HUGE_PAGE (2 * 1024 * 1024)

/* Where a huge page can be; what was mapped to find that goes back. NULL with an errno. */
static guint8 *
map_aligned (gsize size)
{
  guint8 *memory = mmap (NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  gsize front;

  if (memory == MAP_FAILED)
    return NULL;
  front = -(guintptr) memory % HUGE_PAGE;
  if (front > 0)
    munmap (memory, front);
  munmap (memory + front + size, HUGE_PAGE - front);
  return memory + front;
}

/* Copying into memory that has no pages yet costs six times as much, and into many small
 * ones, each of which has to be looked up, twice as much as into large ones. */
static guint8 *
allocate (gsize size)
{
  guint8 *memory = map_aligned (size);

  if (memory == NULL)
    return NULL;
#ifdef MADV_HUGEPAGE
  if (size >= HUGE_PAGE)
    madvise (memory, size, MADV_HUGEPAGE);
#endif
#ifdef MADV_POPULATE_WRITE
  madvise (memory, size, MADV_POPULATE_WRITE);
#endif
  return memory;
}

static GPtrArray *
new_controls (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) pcap_control_free);
}

PcapHeld *
pcap_held_new (gsize capacity)
{
  guint8 *memory = allocate (capacity);
  PcapHeld *self;

  if (memory == NULL)
    return NULL;
  self = g_new0 (PcapHeld, 1);
  self->memory = memory;
  self->capacity = capacity;
  self->controls = new_controls ();
  pcap_held_reset (self);
  return self;
}

void
pcap_held_free (PcapHeld * self)
{
  munmap (self->memory, self->capacity);
  g_ptr_array_unref (self->controls);
  g_free (self);
}

void
pcap_held_reset (PcapHeld * self)
{
  self->length = 0;
  g_ptr_array_set_size (self->controls, 0);
  self->packets = self->bytes = 0;
  self->first_time = self->last_time = GST_CLOCK_TIME_NONE;
  self->skip_before = 0;
}

gsize
pcap_held_get_needed (gsize size)
{
  return GST_ROUND_UP_N (sizeof (Item) + size, (gsize) ALIGNMENT);
}

gboolean
pcap_held_has_room (const PcapHeld * self, gsize size)
{
  return pcap_held_get_needed (size) <= self->capacity - self->length;
}

/* Returns where its bytes go. */
static guint8 *
add (PcapHeld * self, const Item * item)
{
  guint8 *at = self->memory + self->length;

  memcpy (at, item, sizeof (*item));
  self->length += pcap_held_get_needed (item->length);
  self->packets += item->packets;
  self->bytes += item->length;
  if (item->packets > 0 && item->time != GST_CLOCK_TIME_NONE) {
    if (self->last_time == GST_CLOCK_TIME_NONE) {
      self->first_time = item->time;
      self->last_time = item->last_time;
    }
    self->first_time = MIN (self->first_time, item->time);
    self->last_time = MAX (self->last_time, item->last_time);
  }
  return at + sizeof (*item);
}

static void
describe (Item * item, const GstPcapPacket * packet)
{
  item->packet_type = packet->type;
  item->packets = 1;
  item->interface_id = packet->interface_id;
  item->link_type = packet->link_type;
  item->captured_length = packet->captured_length;
  item->wire_length = packet->wire_length;
  item->time = item->last_time = packet->time;
}

void
pcap_held_add_packet (PcapHeld * self, const GstPcapPacket * packet)
{
  Item item = {.type = ITEM_PACKET,.length = packet->captured_length };

  describe (&item, packet);
  memcpy (add (self, &item), packet->data, packet->captured_length);
}

void
pcap_held_add_block (PcapHeld * self, const guint8 * block, gsize length,
    const GstPcapPacket * packet)
{
  Item item = {.type = ITEM_BLOCK,.length = length,
    .last_time = GST_CLOCK_TIME_NONE
  };

  if (packet != NULL) {
    describe (&item, packet);
    item.data_at = packet->data - block;
  }
  memcpy (add (self, &item), block, length);
}

void
pcap_held_add_buffer (PcapHeld * self, GstBuffer * buffer, guint packets,
    GstClockTime first_time, GstClockTime last_time)
{
  Item item = {.type = ITEM_BUFFER,.length = gst_buffer_get_size (buffer),
    .packets = packets,.time = first_time,.last_time = last_time
  };

  gst_buffer_extract (buffer, 0, add (self, &item), item.length);
}

void
pcap_held_add_control (PcapHeld * self, PcapControl * control)
{
  const Item item = {.type = ITEM_CONTROL };

  add (self, &item);
  g_ptr_array_add (self->controls, control);
}

static PcapRecorderResult
record (const Item * item, const guint8 * bytes, PcapRecorder * recorder)
{
  const GstPcapPacket packet = {
    .interface_id = item->interface_id,
    .link_type = item->link_type,
    .time = item->time,
    .type = item->packet_type,
    .data = bytes + item->data_at,
    .captured_length = item->captured_length,
    .wire_length = item->wire_length,
  };

  if (item->type == ITEM_PACKET)
    return pcap_recorder_append (recorder, &packet);
  if (item->type == ITEM_BLOCK)
    return pcap_recorder_append_block (recorder, bytes, item->length,
        item->packets > 0 ? &packet : NULL);
  return pcap_recorder_append_blocks (recorder, bytes, item->length,
      item->packets, item->time, item->last_time);
}

GPtrArray *
pcap_held_take_controls (PcapHeld * self)
{
  GPtrArray *controls = self->controls;

  self->controls = new_controls ();
  return controls;
}

PcapRecorderResult
pcap_held_replay (PcapHeld * self, PcapRecorder * recorder,
    PcapHeldCounts * counts)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;
  guint64 recorded = 0;
  guint n_controls = 0;
  Item item;

  counts->skipped = 0;
  pcap_recorder_lock (recorder);
  for (gsize at = 0; at < self->length && result == PCAP_RECORDER_OK;
      at += pcap_held_get_needed (item.length)) {
    memcpy (&item, self->memory + at, sizeof (item));
    pcap_recorder_renew (recorder);
    if (item.type == ITEM_CONTROL) {
      result = pcap_control_apply (g_ptr_array_index (self->controls,
              n_controls++), recorder);
    } else if (item.last_time < self->skip_before) {
      counts->skipped += item.packets;
    } else {
      result = record (&item, self->memory + at + sizeof (item), recorder);
      if (result == PCAP_RECORDER_OK)
        recorded += item.packets;
    }
  }
  pcap_recorder_unlock (recorder);
  counts->lost = self->packets - counts->skipped - recorded;
  return result;
}
