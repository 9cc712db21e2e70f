/* gst-afring: the settings of the sender and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringaccess.h>

#include "sinkframe.h"
#include "sinksender.h"

G_BEGIN_DECLS

/* Property ids from 1 to below this. */
#define SINK_SETTINGS_N 13

typedef enum
{
  SINK_CHECKSUMS_AUTO,
  SINK_CHECKSUMS_AS_IS
} SinkChecksums;

typedef enum
{
  SINK_OVERSIZE_SEGMENT,
  SINK_OVERSIZE_SKIP
} SinkOversize;

typedef struct
{
  gchar *interface;
  GstAfringAccess access;
  guint64 spin_time;
  guint64 max_early;
  gint on_full;                 /* SinkOnFull, and so on */
  gint on_link_down;
  gint checksums;
  gint oversize;
  gboolean qdisc_bypass;
  gchar *dst_mac;
  gchar *src_mac;
  gint vlan;
} SinkSettings;

void     sink_settings_install_properties (GObjectClass *klass);

void     sink_settings_init         (SinkSettings *self);

void     sink_settings_clear        (SinkSettings *self);

/* FALSE if it is no property of these. */
gboolean sink_settings_set_property (SinkSettings *self,
                                     guint         id,
                                     const GValue *value);

gboolean sink_settings_get_property (SinkSettings *self,
                                     guint         id,
                                     GValue       *value);

/* What is to be put into the headers. FALSE with an error of GST_CAPTURE_ERROR if an
 * address is none. */
gboolean sink_settings_get_framing  (const SinkSettings *self,
                                     SinkFraming        *framing,
                                     GError            **error);

G_END_DECLS
