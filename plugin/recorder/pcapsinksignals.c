/* gst-afring: the signals of the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinksignals.h"

enum
{
  SIGNAL_FORMAT_LOCATION,
  SIGNAL_ROTATE,
  SIGNAL_FLUSH,
  SIGNAL_TRIGGER,
  SIGNAL_STOP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

gchar *
pcap_sink_signals_ask_name (guint index, gpointer element)
{
  gchar *name = NULL;

  g_signal_emit (element, signals[SIGNAL_FORMAT_LOCATION], 0, index, &name);
  return name;
}

gboolean
pcap_sink_signals_is_named (GstElement * element)
{
  return g_signal_has_handler_pending (element,
      signals[SIGNAL_FORMAT_LOCATION], 0, FALSE);
}

/* Action signals: any thread, any state. */

static void
rotate (GstPcapSink * self)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);

  if (recording != NULL)
    pcap_recording_rotate (recording);
  g_clear_pointer (&recording, pcap_recording_unref);
}

static void
flush (GstPcapSink * self)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);

  if (recording != NULL)
    pcap_recording_flush (recording);
  g_clear_pointer (&recording, pcap_recording_unref);
}

void
pcap_sink_signals_trigger (GstPcapSink * self, const gchar * comment)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);

  if (recording == NULL || !pcap_recording_has_preroll (recording))
    GST_WARNING_OBJECT (self, "a trigger, but no recording that waits for one");
  else
    pcap_recording_trigger (recording, comment);
  g_clear_pointer (&recording, pcap_recording_unref);
}

static void
stop (GstPcapSink * self)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);

  if (recording != NULL)
    pcap_recording_stop (recording);
  g_clear_pointer (&recording, pcap_recording_unref);
}

void
pcap_sink_signals_install (GObjectClass * klass)
{
  /**
   * GstPcapSink::format-location:
   * @index: number of the file, from 0 on
   *
   * Asks for the name of a file that is about to be opened, instead of making it
   * from `location`. Emitted on a thread of the element.
   *
   * Returns: (transfer full) (nullable): the name; %NULL: make it from `location`
   */
  signals[SIGNAL_FORMAT_LOCATION] = g_signal_new ("format-location",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_STRING, 1, G_TYPE_UINT);
  /**
   * GstPcapSink::rotate:
   *
   * Ends the file after what has come so far and begins the next one. Any thread.
   */
  signals[SIGNAL_ROTATE] = g_signal_new_class_handler ("rotate",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (rotate), NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GstPcapSink::flush:
   *
   * Returns when all that has come so far can be read from the file. Any thread,
   * but for a handler of format-location and of the element's messages.
   */
  signals[SIGNAL_FLUSH] = g_signal_new_class_handler ("flush",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (flush), NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GstPcapSink::trigger:
   * @comment: (nullable): why, for the file
   *
   * With `pre-roll-time`: begins a file with what was captured so long before now,
   * or has the one that is being written end later. Any thread; does not wait.
   */
  signals[SIGNAL_TRIGGER] = g_signal_new_class_handler ("trigger",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (pcap_sink_signals_trigger), NULL, NULL, NULL, G_TYPE_NONE, 1,
      G_TYPE_STRING);
  /**
   * GstPcapSink::stop:
   *
   * With `pre-roll-time`: ends the file after what has come so far, and waits for the
   * next trigger. Any thread; does not wait.
   */
  signals[SIGNAL_STOP] = g_signal_new_class_handler ("stop",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (stop), NULL, NULL, NULL, G_TYPE_NONE, 0);
}
