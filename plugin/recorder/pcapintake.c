/* gst-afring: the way of a stream into a recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapintake.h"

struct _PcapIntake
{
  PcapRecorder *recorder;       /* borrowed, as the next two */
  PcapPreroll *preroll;         /* or NULL */
  PcapTrigger *trigger;
  gboolean direct;              /* between lock and unlock */
  gboolean triggers;            /* there is an expression */
  GstClockTime last_time;       /* since lock, or NONE */
  PcapRecorderLosses losses;
};

PcapIntake *
pcap_intake_new (PcapRecorder * recorder, PcapPreroll * preroll,
    PcapTrigger * trigger)
{
  PcapIntake *self = g_new0 (PcapIntake, 1);

  self->recorder = recorder;
  self->preroll = preroll;
  self->trigger = trigger;
  return self;
}

void
pcap_intake_free (PcapIntake * self)
{
  g_free (self);
}

void
pcap_intake_lock (PcapIntake * self)
{
  if (self->preroll != NULL) {
    self->triggers = pcap_trigger_begin (self->trigger);
    self->last_time = GST_CLOCK_TIME_NONE;
  }
  self->direct = self->preroll == NULL || pcap_preroll_begin (self->preroll);
  if (self->direct)
    pcap_recorder_lock (self->recorder);
}

void
pcap_intake_renew (PcapIntake * self)
{
  if (self->direct)
    pcap_recorder_renew (self->recorder);
}

void
pcap_intake_unlock (PcapIntake * self)
{
  if (self->preroll != NULL)
    self->losses = self->direct ? *pcap_recorder_peek_losses (self->recorder) :
        *pcap_preroll_peek_losses (self->preroll);
  if (self->direct)
    pcap_recorder_unlock (self->recorder);
  if (self->preroll != NULL)
    pcap_preroll_end (self->preroll, self->last_time);
}

/* With a pre-roll: what comes next is of @time. */
static void
look_at_time (PcapIntake * self, GstClockTime time)
{
  if (time != GST_CLOCK_TIME_NONE)
    self->last_time = time;
  if (!self->direct || !pcap_preroll_is_over (self->preroll, time))
    return;
  pcap_recorder_unlock (self->recorder);
  pcap_preroll_hold (self->preroll);
  self->direct = FALSE;
}

static void
look_at_packet (PcapIntake * self, const GstPcapPacket * packet,
    const GstPacketMeta * meta)
{
  if (self->triggers && pcap_trigger_matches (self->trigger, packet, meta))
    pcap_preroll_match (self->preroll, packet->time);
}

PcapRecorderResult
pcap_intake_append (PcapIntake * self, const GstPcapPacket * packet,
    const GstPacketMeta * meta)
{
  PcapRecorderResult result;

  if (G_LIKELY (self->preroll == NULL))
    return pcap_recorder_append (self->recorder, packet);
  look_at_time (self, packet->time);
  result = self->direct ? pcap_recorder_append (self->recorder, packet) :
      pcap_preroll_add_packet (self->preroll, packet);
  look_at_packet (self, packet, meta);
  return result;
}

PcapRecorderResult
pcap_intake_append_block (PcapIntake * self, const guint8 * block,
    gsize length, const GstPcapPacket * packet, gboolean of_section)
{
  PcapRecorderResult result;

  if (self->preroll != NULL && packet != NULL)
    look_at_time (self, packet->time);
  if (self->direct)
    result = pcap_recorder_append_block (self->recorder, block, length, packet);
  else if (!of_section)
    result = pcap_preroll_add_block (self->preroll, block, length, packet);
  else
    result = pcap_preroll_add_control (self->preroll,
        pcap_control_new_block (block, length));
  if (self->preroll != NULL && packet != NULL)
    look_at_packet (self, packet, NULL);
  return result;
}

PcapRecorderResult
pcap_intake_append_buffer (PcapIntake * self, GstBuffer * buffer,
    guint packets, GstClockTime first_time, GstClockTime last_time)
{
  if (self->preroll != NULL) {
    look_at_time (self, first_time);
    self->last_time = last_time;
  }
  if (self->direct)
    return pcap_recorder_append_buffer (self->recorder, buffer, packets,
        first_time, last_time);
  return pcap_preroll_add_buffer (self->preroll, buffer, packets, first_time,
      last_time);
}

/* What is held can be told apart only as it came, and a limit of a file or a trigger has
 * to be asked of each packet. */
gboolean
pcap_intake_has_room (PcapIntake * self, gsize size, guint packets)
{
  if (self->triggers)
    return FALSE;
  return self->direct ? pcap_recorder_has_room (self->recorder, size, packets) :
      pcap_recorder_has_no_limit (self->recorder);
}

/* Beside packets: now, or in their place among what is held. */

static PcapRecorderResult
hold (PcapIntake * self, PcapControl * control)
{
  return pcap_preroll_add_control (self->preroll, control);
}

void
pcap_intake_set_interface (PcapIntake * self,
    const GstCaptureInterface * iface)
{
  if (self->direct)
    pcap_recorder_set_interface (self->recorder, iface);
  else
    hold (self, pcap_control_new_interface (PCAP_CONTROL_SET_INTERFACE, iface));
}

void
pcap_intake_note_interface (PcapIntake * self,
    const GstCaptureInterface * iface, gboolean in_blocks)
{
  if (self->direct)
    pcap_recorder_note_interface (self->recorder, iface, in_blocks);
  else
    hold (self, pcap_control_new_interface (in_blocks ?
            PCAP_CONTROL_NOTE_INTERFACE_IN_BLOCKS :
            PCAP_CONTROL_NOTE_INTERFACE, iface));
}

void
pcap_intake_set_statistics (PcapIntake * self,
    const GstCaptureStatistics * statistics)
{
  if (self->direct)
    pcap_recorder_set_statistics (self->recorder, statistics);
  else
    hold (self, pcap_control_new_statistics (PCAP_CONTROL_SET_STATISTICS,
            statistics));
}

void
pcap_intake_note_statistics (PcapIntake * self,
    const GstCaptureStatistics * statistics)
{
  if (self->direct)
    pcap_recorder_note_statistics (self->recorder, statistics);
  else
    hold (self, pcap_control_new_statistics (PCAP_CONTROL_NOTE_STATISTICS,
            statistics));
}

PcapRecorderResult
pcap_intake_set_section (PcapIntake * self, GPtrArray * blocks)
{
  return self->direct ? pcap_recorder_set_section (self->recorder, blocks) :
      hold (self, pcap_control_new_section (blocks));
}

void
pcap_intake_set_link_type (PcapIntake * self, guint32 link_type)
{
  if (self->direct)
    pcap_recorder_set_link_type (self->recorder, link_type);
  else
    hold (self, pcap_control_new_link_type (link_type));
}

void
pcap_intake_leave_section (PcapIntake * self)
{
  if (self->direct)
    pcap_recorder_leave_section (self->recorder);
  else
    hold (self, pcap_control_new_leave ());
}

const PcapRecorderLosses *
pcap_intake_peek_losses (PcapIntake * self)
{
  return self->preroll == NULL ? pcap_recorder_peek_losses (self->recorder) :
      &self->losses;
}

GError *
pcap_intake_take_error (PcapIntake * self)
{
  return pcap_trigger_take_error (self->trigger);
}
