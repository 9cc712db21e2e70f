/* gst-afring: the ports that tunnels have
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "decapports.h"

#include <gst/gst.h>

typedef struct
{
  GstPacketTunnel tunnel;
  const gchar *property, *nick, *blurb, *ports;
} Kind;

static const Kind kinds[DECAP_PORTS_N] = {
  {GST_PACKET_TUNNEL_VXLAN, "vxlan-ports", "VXLAN ports",
        "UDP ports that VXLAN is sent to, 16 at most, with commas between them; "
        "none: it is not opened", "4789,8472"},
  {GST_PACKET_TUNNEL_GENEVE, "geneve-ports", "Geneve ports",
        "UDP ports that Geneve is sent to, likewise", "6081"},
  {GST_PACKET_TUNNEL_GTP, "gtp-ports", "GTP ports",
        "UDP ports that GTP-U is sent to, likewise", "2152"},
  {GST_PACKET_TUNNEL_TZSP, "tzsp-ports", "TZSP ports",
        "UDP ports that TZSP is sent to, likewise", "37008"},
  {GST_PACKET_TUNNEL_VXLAN_GPE, "vxlan-gpe-ports", "VXLAN-GPE ports",
        "UDP ports that VXLAN-GPE is sent to, likewise", "4790"},
};

void
decap_ports_install (GObjectClass * klass, guint first_id)
{
  for (guint i = 0; i < DECAP_PORTS_N; i++)
    g_object_class_install_property (klass, first_id + i,
        g_param_spec_string (kinds[i].property, kinds[i].nick, kinds[i].blurb,
            kinds[i].ports, G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
            G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
}

void
decap_ports_clear (DecapPorts * self)
{
  for (guint i = 0; i < DECAP_PORTS_N; i++)
    g_clear_pointer (&self->texts[i], g_free);
}

/* How many there are; -1: @text is no list of them. */
static gint
parse (const gchar * text, guint16 * ports)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  gint n = 0;

  for (guint i = 0; words[i] != NULL; i++) {
    const gchar *word = g_strstrip (words[i]);
    guint64 port;

    if (word[0] == '\0' && i == 0 && words[1] == NULL)
      return 0;
    if (n == GST_TUNNEL_MOST_PORTS
        || !g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT16, &port, NULL))
      return -1;
    ports[n++] = port;
  }
  return n;
}

gboolean
decap_ports_set (DecapPorts * self, guint i, const gchar * text,
    GError ** error)
{
  guint16 ports[GST_TUNNEL_MOST_PORTS];

  if (text != NULL && parse (text, ports) < 0) {
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        "%s is not a list of UDP ports: \"%s\". Give numbers from 1 to 65535, %d "
        "at most, with commas between them", kinds[i].property, text,
        GST_TUNNEL_MOST_PORTS);
    return FALSE;
  }
  g_free (self->texts[i]);
  self->texts[i] = g_strdup (text);
  return TRUE;
}

G_STATIC_ASSERT (DECAP_PORTS_N * GST_TUNNEL_MOST_PORTS <=
    GST_TUNNEL_MOST_ALL_PORTS);

void
decap_ports_get (const DecapPorts * self, GstTunnelConfig * config)
{
  config->n_ports = 0;
  for (guint i = 0; i < DECAP_PORTS_N; i++) {
    guint16 ports[GST_TUNNEL_MOST_PORTS];
    gint n = self->texts[i] != NULL ? parse (self->texts[i], ports) : 0;

    if (!(config->tunnels & kinds[i].tunnel))
      continue;
    for (gint at = 0; at < n; at++)
      config->ports[config->n_ports++] =
          (GstTunnelPort) { ports[at], kinds[i].tunnel };
  }
}
