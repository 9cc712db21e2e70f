/* gst-afring: caps of RTP flows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpcaps.h"

#include <gst/rtp/rtp.h>
#include <stdlib.h>

static gboolean
fits (const GstStructure * structure, guint8 payload_type)
{
  gint payload;

  return !gst_structure_get_int (structure, "payload", &payload)
      || payload == payload_type;
}

/* The fields of the first structure for this payload type. */
static void
add_fields (GstCaps * caps, const GstCaps * more, guint8 payload_type)
{
  GstStructure *to = gst_caps_get_structure (caps, 0);
  const GstStructure *from = NULL;

  if (more == NULL || gst_caps_is_any (more))
    return;
  for (guint i = 0; from == NULL && i < gst_caps_get_size (more); i++) {
    if (fits (gst_caps_get_structure (more, i), payload_type))
      from = gst_caps_get_structure (more, i);
  }
  for (gint i = 0; from != NULL && i < gst_structure_n_fields (from); i++) {
    const gchar *name = gst_structure_nth_field_name (from, i);

    if (!gst_structure_has_field (to, name))
      gst_structure_set_value (to, name, gst_structure_get_value (from, name));
  }
}

/* RFC 3551 section 6 */
static void
add_static_payload (GstCaps * caps, guint8 payload_type)
{
  const GstRTPPayloadInfo *info = gst_rtp_payload_info_for_pt (payload_type);

  if (info == NULL)
    return;
  gst_caps_set_simple (caps, "media", G_TYPE_STRING, info->media,
      "encoding-name", G_TYPE_STRING, info->encoding_name,
      "clock-rate", G_TYPE_INT, (gint) info->clock_rate, NULL);
  if (info->encoding_parameters != NULL)
    gst_caps_set_simple (caps, "encoding-params", G_TYPE_STRING,
        info->encoding_parameters, "channels", G_TYPE_INT,
        atoi (info->encoding_parameters), NULL);
}

GstCaps *
rtp_caps_new (guint32 ssrc, guint8 payload_type, const GstCaps * asked,
    const GstCaps * fixed)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp",
      "ssrc", G_TYPE_UINT, ssrc,
      "payload", G_TYPE_INT, (gint) payload_type, NULL);

  add_fields (caps, asked, payload_type);
  if (!gst_structure_has_field (gst_caps_get_structure (caps, 0),
          "encoding-name")) {
    add_static_payload (caps, payload_type);
    add_fields (caps, fixed, payload_type);
  }
  return caps;
}
