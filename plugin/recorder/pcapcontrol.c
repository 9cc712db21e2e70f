/* gst-afring: what a stream says beside its packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapcontrol.h"

struct _PcapControl
{
  PcapControlType type;
  GstCaptureInterface iface;    /* whose strings are owned */
  GstCaptureStatistics statistics;
  GPtrArray *section;           /* or NULL, as the next */
  GBytes *block;
  guint32 link_type;
};

static PcapControl *
new_control (PcapControlType type)
{
  PcapControl *self = g_new0 (PcapControl, 1);

  self->type = type;
  return self;
}

PcapControl *
pcap_control_new_interface (PcapControlType type,
    const GstCaptureInterface * iface)
{
  PcapControl *self = new_control (type);

  self->iface = *iface;
  self->iface.name = g_strdup (iface->name);
  self->iface.filter = g_strdup (iface->filter);
  return self;
}

PcapControl *
pcap_control_new_statistics (PcapControlType type,
    const GstCaptureStatistics * statistics)
{
  PcapControl *self = new_control (type);

  self->statistics = *statistics;
  return self;
}

PcapControl *
pcap_control_new_section (GPtrArray * blocks)
{
  PcapControl *self = new_control (PCAP_CONTROL_SET_SECTION);

  self->section = g_ptr_array_ref (blocks);
  return self;
}

PcapControl *
pcap_control_new_link_type (guint32 link_type)
{
  PcapControl *self = new_control (PCAP_CONTROL_SET_LINK_TYPE);

  self->link_type = link_type;
  return self;
}

PcapControl *
pcap_control_new_leave (void)
{
  return new_control (PCAP_CONTROL_LEAVE_SECTION);
}

PcapControl *
pcap_control_new_block (const guint8 * block, gsize length)
{
  PcapControl *self = new_control (PCAP_CONTROL_BLOCK);

  self->block = g_bytes_new (block, length);
  return self;
}

void
pcap_control_free (PcapControl * self)
{
  g_free ((gchar *) self->iface.name);
  g_free ((gchar *) self->iface.filter);
  g_clear_pointer (&self->section, g_ptr_array_unref);
  g_clear_pointer (&self->block, g_bytes_unref);
  g_free (self);
}

static PcapRecorderResult
append_block (GBytes * block, PcapRecorder * recorder)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (block, &length);

  return pcap_recorder_append_block (recorder, data, length, NULL);
}

PcapRecorderResult
pcap_control_apply (const PcapControl * self, PcapRecorder * recorder)
{
  switch (self->type) {
    case PCAP_CONTROL_SET_INTERFACE:
      pcap_recorder_set_interface (recorder, &self->iface);
      break;
    case PCAP_CONTROL_NOTE_INTERFACE:
    case PCAP_CONTROL_NOTE_INTERFACE_IN_BLOCKS:
      pcap_recorder_note_interface (recorder, &self->iface,
          self->type == PCAP_CONTROL_NOTE_INTERFACE_IN_BLOCKS);
      break;
    case PCAP_CONTROL_SET_STATISTICS:
      pcap_recorder_set_statistics (recorder, &self->statistics);
      break;
    case PCAP_CONTROL_NOTE_STATISTICS:
      pcap_recorder_note_statistics (recorder, &self->statistics);
      break;
    case PCAP_CONTROL_SET_LINK_TYPE:
      pcap_recorder_set_link_type (recorder, self->link_type);
      break;
    case PCAP_CONTROL_LEAVE_SECTION:
      pcap_recorder_leave_section (recorder);
      break;
    case PCAP_CONTROL_SET_SECTION:
      return pcap_recorder_set_section (recorder, self->section);
    case PCAP_CONTROL_BLOCK:
      return append_block (self->block, recorder);
  }
  return PCAP_RECORDER_OK;
}
