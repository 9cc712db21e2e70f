/* gst-afring: what goes into which file of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaprecorder-private.h"

#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

/* The last moment that classic pcap knows, in 2106; pcapng knows all there are. */
#define CLASSIC_END ((G_GUINT64_CONSTANT (1) << 32) * GST_SECOND - 1)
#define PCAPNG_END (GST_CLOCK_TIME_NONE - 1)

/* Blocks of a pcapng stream are recorded as they are. */
static gboolean
takes_blocks (PcapRecorder * self)
{
  return self->format == GST_PCAP_FORMAT_PCAPNG
      && pcap_section_is_known (self->section);
}

static GByteArray *
clear_scratch (PcapRecorder * self)
{
  g_byte_array_set_size (self->scratch, 0);
  return self->scratch;
}

static void
append_start (PcapRecorder * self, GByteArray * out)
{
  if (takes_blocks (self)) {
    pcap_section_append_start (self->section,
        gst_pcap_encoder_get_comments (self->encoder), out);
  } else {
    gst_pcap_encoder_append_start (self->encoder, out);
    if (self->format == GST_PCAP_FORMAT_PCAPNG)
      pcap_section_append_blocks (self->section, out);
  }
}

/* Counters that a stream of blocks will say later. */
static void
append_answer (PcapRecorder * self)
{
  gst_pcapng_append_statistics (clear_scratch (self), 0,
      &g_array_index (self->answers, GstCaptureStatistics, 0));
  pcap_output_put (&self->output, self->scratch);
}

/* TRUE if a file of blocks is to have them. With several captures it is not known which
 * interface of the section is whose. */
static gboolean
has_answer (PcapRecorder * self)
{
  return self->answers->len == 1 && pcap_section_has_one (self->section);
}

static void
ask (PcapRecorder * self)
{
  g_array_set_size (self->answers, 0);
  if (self->format == GST_PCAP_FORMAT_PCAPNG)
    self->config.ask_statistics (self->answers, self->user_data);
}

void
pcap_recorder_begin_file (PcapRecorder * self)
{
  if (self->begun)
    return;
  self->begun = TRUE;
  /* what will stand at the end counts */
  if (self->config.max_size > 0)
    ask (self);
  append_start (self, clear_scratch (self));
  pcap_output_put (&self->output, self->scratch);
}

/* Of a section of packets that came one by one. */
static void
append_end (PcapRecorder * self)
{
  gst_pcap_encoder_append_end (self->encoder, clear_scratch (self),
      self->config.link_type);
  pcap_output_put (&self->output, self->scratch);
}

void
pcap_recorder_end_file (PcapRecorder * self)
{
  pcap_recorder_begin_file (self);
  if (!takes_blocks (self))
    append_end (self);
  pcap_output_put_index (&self->output, sizeof (guint32));
  pcap_output_submit (&self->output, TRUE);
}

/* The recording's own sum of what was dropped goes by what stands in the stream, which
 * is behind these. */
void
pcap_recorder_cut_file (PcapRecorder * self)
{
  ask (self);
  if (!takes_blocks (self)) {
    for (guint i = 0; i < self->answers->len; i++)
      gst_pcap_encoder_set_statistics (self->encoder,
          &g_array_index (self->answers, GstCaptureStatistics, i));
  } else if (has_answer (self)) {
    pcap_recorder_begin_file (self);
    append_answer (self);
  }
  pcap_recorder_end_file (self);
}

/* Those that the application wants, and why the recording went on. */
static void
set_comments (PcapRecorder * self, gchar ** comments)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (gchar ** i = comments; i != NULL && *i != NULL; i++)
    g_ptr_array_add (all, *i);
  g_ptr_array_add (all, self->comment);
  g_ptr_array_add (all, NULL);
  pcap_recorder_set_comments (self, (const gchar * const *) all->pdata);
}

gchar *
pcap_recorder_plan_file (PcapRecorder * self)
{
  PcapPlan plan = { NULL, };

  self->config.plan (&plan, self->user_data);
  set_comments (self, plan.comments);
  g_strfreev (plan.comments);
  if (!self->config.paused || !self->planned)
    self->format = plan.format;
  self->planned = TRUE;
  self->last_time = self->format == GST_PCAP_FORMAT_PCAP ? CLASSIC_END :
      PCAPNG_END;
  gst_pcap_encoder_restart (self->encoder);
  gst_pcap_encoder_set_format (self->encoder, self->format);
  pcap_output_set_indexed (&self->output, self->config.index
      && self->format == GST_PCAP_FORMAT_PCAPNG);
  pcap_section_restart (self->section);
  self->begun = FALSE;
  pcap_rotation_begin (&self->rotation);
  return plan.pattern;
}

void
pcap_recorder_next_file (PcapRecorder * self)
{
  g_autofree gchar *pattern = NULL;

  pcap_recorder_cut_file (self);
  if (++self->n_files == self->config.most_files) {
    self->ended = TRUE;
    pcap_writer_close (self->writer);
    return;
  }
  pattern = pcap_recorder_plan_file (self);
  pcap_writer_rotate (self->writer, pattern);
  pcap_output_restart (&self->output);
}

/* What the file would have with @size bytes and @packets more, all told. */
static guint64
get_size_with (PcapRecorder * self, gsize size, guint packets)
{
  gsize end;

  if (!takes_blocks (self))
    end = gst_pcap_encoder_get_end_size (self->encoder);
  else
    end = has_answer (self) ? GST_PCAPNG_STATISTICS_LENGTH : 0;
  return self->output.size + size + end
      + pcap_output_get_index_size (&self->output, size, packets);
}

static gboolean
is_too_big (PcapRecorder * self, gsize size, guint packets)
{
  if (get_size_with (self, size, packets) <= self->config.max_size)
    return FALSE;
  /* the index is not as large as it might be */
  if (!self->output.indexed || self->output.chunk == NULL)
    return TRUE;
  pcap_output_see (&self->output);
  return get_size_with (self, size, packets) > self->config.max_size;
}

/* @packets: how many more. */
static gboolean
is_file_full (PcapRecorder * self, gsize size, guint packets)
{
  if (self->output.packets == 0)
    return FALSE;
  return (self->config.max_packets > 0
      && self->output.packets + packets > self->config.max_packets)
      || (self->config.max_size > 0 && is_too_big (self, size, packets));
}

PcapRecorderResult
pcap_recorder_ensure_room (PcapRecorder * self, gsize size)
{
  const PcapChunk *before = self->output.chunk;

  if (self->ended || self->paused)
    return PCAP_RECORDER_ENDED;
  if (G_UNLIKELY (self->output.index_due))
    pcap_output_put_index (&self->output, PCAP_OUTPUT_ALIGNMENT);
  if (!pcap_output_ensure (&self->output, size))
    return PCAP_RECORDER_FAILED;
  if (self->output.chunk != before)
    pcap_writer_tick_by (self->writer, MIN (self->output.flush_due,
            pcap_rotation_get_next (&self->rotation)));
  return PCAP_RECORDER_OK;
}

/* A chunk of a file in which a record of @size bytes has its place. */
static PcapRecorderResult
make_place (PcapRecorder * self, gsize size, guint packets)
{
  PcapRecorderResult result = pcap_recorder_ensure_room (self, size);

  if (result != PCAP_RECORDER_OK || !is_file_full (self, size, packets))
    return result;
  pcap_recorder_next_file (self);
  return pcap_recorder_ensure_room (self, size);
}

PcapRecorderResult
pcap_recorder_append (PcapRecorder * self, const GstPcapPacket * packet)
{
  gsize size = gst_pcap_encoder_get_packet_size (self->encoder, packet);
  PcapRecorderResult result;

  if (self->config.max_size > 0)        /* what is needed counts at the end */
    gst_pcap_encoder_needs_before (self->encoder, packet);
  result = make_place (self, size, 1);
  if (result != PCAP_RECORDER_OK)
    return result;
  if (G_UNLIKELY (!self->begun)) {
    pcap_recorder_begin_file (self);
    /* the file may have another format than the one before */
    size = gst_pcap_encoder_get_packet_size (self->encoder, packet);
  }
  if (G_UNLIKELY (gst_pcap_encoder_needs_before (self->encoder, packet))) {
    if (!gst_pcap_encoder_append_before (self->encoder, clear_scratch (self),
            packet))
      return PCAP_RECORDER_LINK_TYPE;
    pcap_output_put (&self->output, self->scratch);
  }
  gst_pcap_encoder_write_packet (self->encoder, pcap_output_extend
      (&self->output, size), packet);
  pcap_output_end_records (&self->output, 1, packet->time);
  if (G_UNLIKELY (packet->time > self->last_time))
    self->losses.bad_times++;
  return PCAP_RECORDER_OK;
}

/* In a file of pcapng, with all that it needs. */
static void
put_block (PcapRecorder * self, const guint8 * block, gsize length)
{
  guint8 *copy;

  pcap_recorder_begin_file (self);
  pcap_section_append_missing (self->section, block, length,
      clear_scratch (self));
  pcap_output_put (&self->output, self->scratch);
  copy = pcap_output_extend (&self->output, length);
  memcpy (copy, block, length);
  pcap_section_adapt (self->section, copy, length);
}

/* TRUE if files begin with it. */
static gboolean
take_other (PcapRecorder * self, const guint8 * block, gsize length)
{
  gboolean describes = pcap_section_take (self->section, block, length,
      self->begun && self->format == GST_PCAP_FORMAT_PCAPNG);

  self->known |= describes;
  self->losses.blocks_left_out = pcap_section_get_left_out (self->section);
  return describes;
}

static PcapRecorderResult
append_other (PcapRecorder * self, const guint8 * block, gsize length)
{
  gboolean alone = !takes_blocks (self);
  gboolean describes = take_other (self, block, length);

  /* a file that has not begun will begin with what describes */
  if (self->format == GST_PCAP_FORMAT_PCAP || (describes && !self->begun))
    return PCAP_RECORDER_OK;
  if (alone && self->begun)
    append_end (self);
  put_block (self, block, length);
  return PCAP_RECORDER_OK;
}

PcapRecorderResult
pcap_recorder_append_block (PcapRecorder * self, const guint8 * block,
    gsize length, const GstPcapPacket * packet)
{
  gboolean plain = packet != NULL && pcap_section_take_packet (self->section);
  PcapRecorderResult result;
  gsize missing;

  if (G_UNLIKELY (self->paused && packet == NULL && !self->ended)) {
    take_other (self, block, length);
    return PCAP_RECORDER_OK;
  }
  missing = plain ? 0 : pcap_section_get_missing (self->section, block, length);
  result = make_place (self, missing + length, packet != NULL);
  if (result != PCAP_RECORDER_OK)
    return result;
  if (packet == NULL)
    return append_other (self, block, length);
  if (G_UNLIKELY (self->format == GST_PCAP_FORMAT_PCAP))
    return pcap_recorder_append (self, packet);
  if (G_LIKELY (plain && self->begun))
    memcpy (pcap_output_extend (&self->output, length), block, length);
  else
    put_block (self, block, length);
  pcap_output_end_records (&self->output, 1, packet->time);
  return PCAP_RECORDER_OK;
}

static void
end_blocks (PcapRecorder * self, guint packets, GstClockTime first_time,
    GstClockTime last_time)
{
  if (packets > 0)
    pcap_output_end_records (&self->output, 1, first_time);
  if (packets > 1)
    pcap_output_end_records (&self->output, packets - 1, last_time);
}

/* Blocks of a ring, which are all of the first interface. */
PcapRecorderResult
pcap_recorder_append_buffer (PcapRecorder * self, GstBuffer * buffer,
    guint packets, GstClockTime first_time, GstClockTime last_time)
{
  gsize size = gst_buffer_get_size (buffer);
  gboolean borrow =
      pcap_lending_look (&self->lending, buffer, first_time)
      && !pcap_writer_is_slow (self->writer);
  PcapRecorderResult result = pcap_recorder_ensure_room (self, borrow ? 0 : size);

  if (result != PCAP_RECORDER_OK)
    return result;
  pcap_recorder_begin_file (self);
  if (!borrow)
    gst_buffer_extract (buffer, 0, pcap_output_extend (&self->output, size),
        size);
  else if (!pcap_output_borrow (&self->output, buffer))
    return PCAP_RECORDER_FAILED;
  end_blocks (self, packets, first_time, last_time);
  if (borrow)
    pcap_output_submit (&self->output, FALSE);
  return PCAP_RECORDER_OK;
}

PcapRecorderResult
pcap_recorder_append_blocks (PcapRecorder * self, const guint8 * blocks,
    gsize size, guint packets, GstClockTime first_time, GstClockTime last_time)
{
  PcapRecorderResult result = pcap_recorder_ensure_room (self, size);

  if (result != PCAP_RECORDER_OK)
    return result;
  pcap_recorder_begin_file (self);
  memcpy (pcap_output_extend (&self->output, size), blocks, size);
  end_blocks (self, packets, first_time, last_time);
  return PCAP_RECORDER_OK;
}

/* What a file that has not begun yet will begin with. */
static gsize
get_start_size (PcapRecorder * self)
{
  return self->begun ? 0 : pcap_section_get_start_size (self->section,
      gst_pcap_encoder_get_comments (self->encoder));
}

gboolean
pcap_recorder_has_room (PcapRecorder * self, gsize size, guint packets)
{
  return takes_blocks (self) && (self->config.max_packets == 0
      || self->output.packets + packets <= self->config.max_packets)
      && (self->config.max_size == 0
      || get_size_with (self, get_start_size (self) + size +
          2 * PCAP_OUTPUT_ALIGNMENT, packets) <= self->config.max_size);
}

gboolean
pcap_recorder_has_no_limit (PcapRecorder * self)
{
  return self->format == GST_PCAP_FORMAT_PCAPNG
      && self->config.max_packets == 0 && self->config.max_size == 0;
}

PcapRecorderResult
pcap_recorder_set_section (PcapRecorder * self, GPtrArray * blocks)
{
  PcapRecorderResult result;

  if (pcap_section_is_known (self->section))
    return PCAP_RECORDER_OK;
  pcap_section_set_blocks (self->section, blocks, clear_scratch (self));
  self->losses.blocks_left_out = pcap_section_get_left_out (self->section);
  /* else a file that has not begun will begin with them */
  if (!self->begun || self->scratch->len == 0
      || self->format == GST_PCAP_FORMAT_PCAP)
    return PCAP_RECORDER_OK;
  result = pcap_recorder_ensure_room (self, self->scratch->len);
  if (result == PCAP_RECORDER_OK)
    pcap_output_put (&self->output, self->scratch);
  return result;
}

void
pcap_recorder_leave_section (PcapRecorder * self)
{
  if (takes_blocks (self)) {
    gst_pcap_encoder_restart (self->encoder);
    self->begun = FALSE;
  }
  if (pcap_section_is_known (self->section))
    pcap_section_forget (self->section);
}
