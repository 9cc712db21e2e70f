/* gst-afring: what a flowdemux is asked to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowtcp.h"
#include "packetmatch.h"

G_BEGIN_DECLS

typedef struct
{
  PacketProtocol protocol;
  GstClockTime flow_timeout;    /* 0: none */
  guint max_flows;
  gboolean require_flow;
  gboolean reassembles;
  FlowTcpRules tcp;
  GstCaps *rtp_caps;            /* owned, or NULL */
} FlowSettings;

/* Ids of the properties, from the one on that a class gives them. */
typedef enum
{
  FLOW_SETTING_PROTOCOL,
  FLOW_SETTING_FLOW_TIMEOUT,
  FLOW_SETTING_MAX_FLOWS,
  FLOW_SETTING_RTP_CAPS,
  FLOW_SETTING_REQUIRE_FLOW,
  FLOW_SETTING_TCP_REASSEMBLY,
  FLOW_SETTING_TCP_MAX_BYTES,
  FLOW_SETTING_TCP_MAX_TOTAL_BYTES,
  FLOW_SETTING_TCP_MAX_WAIT,
  FLOW_SETTING_N
} FlowSetting;

void     flow_settings_install      (GObjectClass       *klass,
                                     guint               first_id);

/* The defaults of what must not be 0, for a property whose first value is refused. */
void     flow_settings_init         (FlowSettings       *self);

void     flow_settings_clear        (FlowSettings       *self);

/* FALSE if @value is not what the property takes: what was there stays. */
gboolean flow_settings_set_property (FlowSettings       *self,
                                     FlowSetting         id,
                                     const GValue       *value,
                                     GError            **error);

void     flow_settings_get_property (const FlowSettings *self,
                                     FlowSetting         id,
                                     GValue             *value);

G_END_DECLS
