/* What downstream may do to packets of a list that it has alone.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spoil.h"

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <gst/net/gstnetaddressmeta.h>
#include <string.h>

static void
add_meta (GstBufferList * list, guint i)
{
  GstBuffer *buffer = gst_buffer_list_get_writable (list, i);
  GstCaps *caps = gst_caps_new_empty_simple ("timestamp/x-check");

  gst_buffer_add_reference_timestamp_meta (buffer, caps, 1, 2);
  gst_caps_unref (caps);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_MARKER |
      GST_BUFFER_FLAG_DISCONT);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_OFFSET (buffer) = 7;
  gst_buffer_get_packet_meta (buffer)->vlan_tci = 0xfff;
}

static void
change_address (GstBufferList * list, guint i)
{
  GstBuffer *buffer = gst_buffer_list_get_writable (list, i);
  GstNetAddressMeta *meta = gst_buffer_get_net_address_meta (buffer);
  GSocketAddress *other = g_inet_socket_address_new_from_string ("::1", 9);

  if (meta == NULL)
    gst_buffer_add_net_address_meta (buffer, other);
  else
    g_set_object (&meta->addr, other);
  g_object_unref (other);
}

static void
replace_memory (GstBufferList * list, guint i)
{
  gst_buffer_replace_all_memory (gst_buffer_list_get_writable (list, i),
      gst_allocator_alloc (NULL, 7, NULL));
}

/* GstBaseParse copies all flags of another buffer. */
static void
replace_unseen (GstBufferList * list, guint i)
{
  replace_memory (list, i);
  GST_BUFFER_FLAG_UNSET (gst_buffer_list_get (list, i),
      GST_BUFFER_FLAG_TAG_MEMORY);
}

static void
append_memory (GstBufferList * list, guint i)
{
  gst_buffer_append_memory (gst_buffer_list_get_writable (list, i),
      gst_allocator_alloc (NULL, 7, NULL));
}

static void
cut (GstBufferList * list, guint i)
{
  gst_buffer_resize (gst_buffer_list_get_writable (list, i), 1, 2);
}

static void
write_to (GstBufferList * list, guint i)
{
  GstMapInfo map;

  /* a copy: rings and files are read-only */
  fail_unless (gst_buffer_map (gst_buffer_list_get_writable (list, i), &map,
          GST_MAP_READWRITE));
  memset (map.data, 0xff, map.size);
  gst_buffer_unmap (gst_buffer_list_get (list, i), &map);
}

static GArray *memories;        /* of GstMemory */

static void
keep_memory (GstBufferList * list, guint i)
{
  GstMemory *memory = gst_buffer_get_memory (gst_buffer_list_get (list, i), 0);

  g_array_append_val (memories, memory);
}

static void
keep_share (GstBufferList * list, guint i)
{
  GstMemory *memory = gst_memory_share (gst_buffer_peek_memory
      (gst_buffer_list_get (list, i), 0), 0, -1);

  g_array_append_val (memories, memory);
}

static void
exchange (GstBufferList * list, guint i)
{
  gst_buffer_list_remove (list, i, 1);
  gst_buffer_list_insert (list, i, gst_buffer_new_allocate (NULL, 5, NULL));
}

static void
grow (GstBufferList * list, guint i)
{
  for (guint more = 0; more < 300; more++)
    gst_buffer_list_add (list, gst_buffer_new_allocate (NULL, 5, NULL));
}

const SpoilRun spoil_runs[SPOIL_N_RUNS] = {
  {NULL, 0}, {NULL, 1}, {NULL, 7}, {NULL, 100},
  {add_meta, 0}, {add_meta, 5}, {change_address, 0}, {replace_memory, 0},
  {replace_unseen, 0}, {append_memory, 0}, {cut, 0}, {write_to, 0}, {keep_memory, 0},
  {keep_share, 0}, {exchange, 0}, {grow, 0},
};

void
spoil_list (const SpoilRun * run, GstBufferList * list, guint seed)
{
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; run->spoil != NULL && n > 3 && i < n;
      i += run->spoil == grow ? n : 1 + seed % 4)
    run->spoil (list, i);
}

static void
drop_memory (gpointer memory)
{
  gst_memory_unref (*(GstMemory **) memory);
}

void
spoil_begin (void)
{
  memories = g_array_new (FALSE, FALSE, sizeof (GstMemory *));
  g_array_set_clear_func (memories, drop_memory);
}

void
spoil_end (void)
{
  g_array_unref (memories);
}
