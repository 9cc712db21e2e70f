/* What the targets of libFuzzer have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/afring.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

GST_PLUGIN_STATIC_DECLARE (afring);

guint8
fuzz_take_byte (FuzzInput * self)
{
  guint8 byte;

  if (self->size == 0)
    return 0;
  byte = self->data[0];
  self->data++;
  self->size--;
  return byte;
}

guint32
fuzz_take_u32 (FuzzInput * self)
{
  guint32 value = 0;

  for (guint i = 0; i < 4; i++)
    value |= (guint32) fuzz_take_byte (self) << (8 * i);
  return value;
}

guint8 *
fuzz_take (FuzzInput * self, gsize most, gsize * size)
{
  guint8 *copy;

  *size = MIN (most, self->size);
  copy = g_malloc (MAX (*size, 1));
  if (*size > 0)
    memcpy (copy, self->data, *size);
  self->data += *size;
  self->size -= *size;
  return copy;
}

/* What GLib ends the program by is nothing to libFuzzer, which would keep no input. */
static void
end (int number)
{
  abort ();
}

void
fuzz_init (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  /* no plugin of others, and none that is not built for this */
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  g_setenv ("GST_REGISTRY", "/dev/null", TRUE);
  gst_init (NULL, NULL);
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  signal (SIGTRAP, end);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  GST_PLUGIN_STATIC_REGISTER (afring);
  g_once_init_leave (&done, 1);
}

GstHarness *
fuzz_harness_new (const gchar * line, const gchar * caps)
{
  GstHarness *harness = gst_harness_new_parse (line);

  gst_harness_set_drop_buffers (harness, TRUE);
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

GstBuffer *
fuzz_make_packet (FuzzInput * input, gsize most)
{
  GstClockTime time = fuzz_take_byte (input) * 10 * GST_MSECOND;
  guint32 more = fuzz_take_byte (input);
  gsize size;
  guint8 *bytes = fuzz_take (input, most, &size);
  GstBuffer *buffer = gst_buffer_new_wrapped (bytes, size);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  GST_BUFFER_PTS (buffer) = time;
  meta->capture_time = 1700000000 * GST_SECOND + time;
  /* mostly whole, sometimes cut, sometimes nonsense */
  meta->wire_length = more < 200 ? size : more < 250 ? size + more : more;
  return buffer;
}
