/* gst-afring: times of a pcapng file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder-private.h"

static guint64
power_of_ten (guint exponent)
{
  guint64 power = 1;

  for (; exponent > 0; exponent--)
    power *= 10;
  return power;
}

/* Nanoseconds; NONE if they do not fit. */
static GstClockTime
scale_ticks (const GstPcapInterface * interface, guint64 ticks)
{
  guint exponent = interface->exponent;
  guint64 time;

  if (!interface->binary && exponent <= 9)
    return g_uint64_checked_mul (&time, ticks, power_of_ten (9 - exponent)) ?
        time : GST_CLOCK_TIME_NONE;
  if (!interface->binary)
    return exponent <= 9 + 19 ? ticks / power_of_ten (exponent - 9) : 0;
  if (exponent > 63) {
    ticks = exponent < 2 * 63 ? ticks >> (exponent - 63) : 0;
    exponent = 63;
  }
  return gst_util_uint64_scale (ticks, GST_SECOND,
      G_GUINT64_CONSTANT (1) << exponent);
}

/* NONE if the time does not fit. */
GstClockTime
gst_pcap_decoder_ticks_to_time (const GstPcapInterface * interface,
    guint64 ticks)
{
  guint64 time = scale_ticks (interface, ticks), offset;

  if (time == GST_CLOCK_TIME_NONE || interface->offset == 0)
    return time;
  if (!g_uint64_checked_mul (&offset, interface->offset < 0 ?
          -(guint64) interface->offset : (guint64) interface->offset,
          GST_SECOND))
    return GST_CLOCK_TIME_NONE;
  if (interface->offset < 0)
    return time >= offset ? time - offset : GST_CLOCK_TIME_NONE;
  return g_uint64_checked_add (&time, time, offset) ? time :
      GST_CLOCK_TIME_NONE;
}
