/* gst-afring: what a ring source makes next
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringturn.h"
#include "common/captureerror.h"

gboolean
gst_afring_turn_begin_section (GstBaseSrc * src, GstAfringRun * run)
{
  g_autoptr (GstCaps) caps =
      gst_afring_stream_give_blocks (gst_afring_run_get_stream (run));

  return gst_base_src_set_caps (src, caps);
}

static GstMiniObject *
make_next (GstBaseSrc * src, GstAfringRun * run)
{
  if (gst_afring_stream_is_stale (gst_afring_run_get_stream (run)))
    gst_afring_turn_begin_section (src, run);
  return gst_afring_run_make_next (run, GST_ELEMENT (src));
}

static GstFlowReturn
finish (GstBaseSrc * src, GstAfringRun * run)
{
  g_autoptr (GError) error = gst_afring_run_finish (run);

  if (gst_afring_run_is_followed (run))
    return GST_AFRING_FLOW_OTHER_RUN;
  if (error == NULL)
    return GST_FLOW_EOS;
  capture_error_post (GST_ELEMENT (src), error);
  return GST_FLOW_ERROR;
}

GstFlowReturn
gst_afring_turn (GstBaseSrc * src, GstAfringRun * run, GstAfringGate * gate,
    GstMiniObject ** made)
{
  GstFlowReturn ret = gst_afring_gate_wait (gate, GST_BASE_SRC_PAD (src));
  gboolean ended;

  if (ret != GST_FLOW_OK)
    return ret;
  if (gst_afring_report_counters (gst_afring_run_get_report (run)))
    gst_afring_run_get_stream (run)->discont = TRUE;
  if (!gst_afring_run_has_block (run, &ended) && !ended)
    return GST_FLOW_OK;
  if (!gst_afring_gate_enter (gate))
    return GST_FLOW_OK;

  *made = ended ? gst_afring_run_make_last (run) : make_next (src, run);
  if (*made != NULL)
    return GST_FLOW_OK;
  gst_afring_gate_leave (gate);
  return ended ? finish (src, run) : GST_FLOW_OK;
}
