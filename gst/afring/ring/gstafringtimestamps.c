/* gst-afring: whose clock a ring has its times from
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringtimestamps.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define STAMPS (SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE)

static gboolean
request (int fd, const gchar * interface, gulong command, void *data)
{
  struct ifreq ifr;

  memset (&ifr, 0, sizeof (ifr));
  g_strlcpy (ifr.ifr_name, interface, IFNAMSIZ);
  ifr.ifr_data = data;
  return ioctl (fd, command, &ifr) == 0;
}

gboolean
gst_afring_timestamps_can (int fd, const gchar * interface, gint * clock)
{
  struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO };
  gboolean can = request (fd, interface, SIOCETHTOOL, &info)
      && (info.so_timestamping & STAMPS) == STAMPS
      && (info.rx_filters & 1 << HWTSTAMP_FILTER_ALL) != 0;

  *clock = can ? info.phc_index : -1;
  return can;
}

/* What others have chosen for the packets that are sent stays. FALSE with errno. */
static gboolean
switch_on (int fd, const gchar * interface)
{
  struct hwtstamp_config config;

  memset (&config, 0, sizeof (config));
  if (request (fd, interface, SIOCGHWTSTAMP, &config)
      && config.rx_filter == HWTSTAMP_FILTER_ALL)
    return TRUE;
  config.rx_filter = HWTSTAMP_FILTER_ALL;
  return request (fd, interface, SIOCSHWTSTAMP, &config);
}

static void
set_switch_error (const gchar * name, GError ** error)
{
  if (errno == EPERM || errno == EACCES)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_PERMITTED,
        "To switch the hardware timestamps of %s on needs the capability CAP_NET_ADMIN; "
        "let somebody who has it do so once (hwstamp_ctl -i %s -r 1)", name, name);
  else
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Cannot switch the hardware timestamps of %s on: %s", name,
        g_strerror (errno));
}

static gboolean
set_up_hardware (int fd, GstCaptureLink * link, GError ** error)
{
  const gchar *name = gst_capture_link_get_name (link);
  gint stamps = SOF_TIMESTAMPING_RAW_HARDWARE, clock;

  if (gst_capture_link_is_any (link)
      || !gst_afring_timestamps_can (fd, name, &clock)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "%s has no hardware timestamps for all packets (see ethtool -T); set "
        "timestamp-source to software, or to hardware-or-software", name);
    return FALSE;
  }
  if (!switch_on (fd, name)) {
    set_switch_error (name, error);
    return FALSE;
  }
  if (setsockopt (fd, SOL_PACKET, PACKET_TIMESTAMP, &stamps,
          sizeof (stamps)) < 0) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "The kernel gives no hardware timestamps of %s: %s", name,
        g_strerror (errno));
    return FALSE;
  }
  GST_INFO ("%s has its times from /dev/ptp%d", name, clock);
  return TRUE;
}

gboolean
gst_afring_timestamps_set_up (int fd, GstCaptureLink * link,
    GstCaptureTimestampSource source, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  gint none = 0;

  /* one that was given may have had others */
  if (setsockopt (fd, SOL_PACKET, PACKET_TIMESTAMP, &none, sizeof (none)) < 0)
    GST_DEBUG ("the times of %d stay: %s", fd, g_strerror (errno));
  if (source == GST_CAPTURE_TIMESTAMP_SOURCE_SOFTWARE
      || set_up_hardware (fd, link, &reason))
    return TRUE;
  if (source == GST_CAPTURE_TIMESTAMP_SOURCE_HARDWARE_OR_SOFTWARE) {
    GST_WARNING ("the kernel's times are taken: %s", reason->message);
    return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}
