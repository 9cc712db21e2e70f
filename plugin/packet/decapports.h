/* gst-afring: the ports that tunnels have
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpackettunnel.h>

G_BEGIN_DECLS

/* The tunnels over UDP, each with a property. */
#define DECAP_PORTS_N 5

typedef struct
{
  gchar *texts[DECAP_PORTS_N];  /* as they were set */
} DecapPorts;

/* One property of each, from @first_id on. */
void     decap_ports_install (GObjectClass    *klass,
                              guint            first_id);

void     decap_ports_clear   (DecapPorts      *self);

/* The @i-th: "4789,8472", at most GST_TUNNEL_MOST_PORTS; NULL and "" are none. FALSE:
 * it is no list of ports, and what was set before stays. */
gboolean decap_ports_set     (DecapPorts      *self,
                              guint            i,
                              const gchar     *text,
                              GError         **error);

/* Fills in the ports of the tunnels. */
void     decap_ports_get     (const DecapPorts *self,
                              GstTunnelConfig *config);

G_END_DECLS
