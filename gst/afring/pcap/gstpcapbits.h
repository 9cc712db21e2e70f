/* gst-afring: numbers of which some bits are known (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All numbers that have the bits of @value where @unknown has none; in @value those are
 * 0. Every operation gives at least all results that there can be. The kernel's verifier
 * has the same (kernel/bpf/tnum.c; Vishwanathan and others, "Sound, Precise, and Fast
 * Abstract Interpretation with Tristate Numbers", CGO 2022). */
typedef struct
{
  guint32 value;
  guint32 unknown;
} GstPcapBits;

#define GST_PCAP_BITS_ANY ((GstPcapBits) { 0, G_MAXUINT32 })

static inline GstPcapBits
gst_pcap_bits (guint32 value)
{
  return (GstPcapBits) { value, 0 };
}

static inline gboolean
gst_pcap_bits_is_known (GstPcapBits self)
{
  return self.unknown == 0;
}

static inline guint32
gst_pcap_bits_get_least (GstPcapBits self)
{
  return self.value;
}

static inline guint32
gst_pcap_bits_get_most (GstPcapBits self)
{
  return self.value | self.unknown;
}

/* One of the two. */
static inline GstPcapBits
gst_pcap_bits_join (GstPcapBits a, GstPcapBits b)
{
  guint32 unknown = a.unknown | b.unknown | (a.value ^ b.value);

  return (GstPcapBits) { a.value & ~unknown, unknown };
}

static inline gboolean
gst_pcap_bits_can_be_equal (GstPcapBits a, GstPcapBits b)
{
  return ((a.value ^ b.value) & ~a.unknown & ~b.unknown) == 0;
}

static inline GstPcapBits
gst_pcap_bits_and (GstPcapBits a, GstPcapBits b)
{
  guint32 value = a.value & b.value;
  guint32 can_be = gst_pcap_bits_get_most (a) & gst_pcap_bits_get_most (b);

  return (GstPcapBits) { value, can_be & ~value };
}

static inline GstPcapBits
gst_pcap_bits_or (GstPcapBits a, GstPcapBits b)
{
  guint32 value = a.value | b.value;
  guint32 can_be = gst_pcap_bits_get_most (a) | gst_pcap_bits_get_most (b);

  return (GstPcapBits) { value, can_be & ~value };
}

static inline GstPcapBits
gst_pcap_bits_xor (GstPcapBits a, GstPcapBits b)
{
  guint32 unknown = a.unknown | b.unknown;

  return (GstPcapBits) { (a.value ^ b.value) & ~unknown, unknown };
}

/* A bit of a sum is not known if it is not in a number, or a carry into it differs
 * between the least and the greatest sum. */
static inline GstPcapBits
gst_pcap_bits_add (GstPcapBits a, GstPcapBits b)
{
  guint32 least = a.value + b.value;
  guint32 carries = (least + a.unknown + b.unknown) ^ least;
  guint32 unknown = carries | a.unknown | b.unknown;

  return (GstPcapBits) { least & ~unknown, unknown };
}

/* Likewise with what is borrowed. */
static inline GstPcapBits
gst_pcap_bits_subtract (GstPcapBits a, GstPcapBits b)
{
  guint32 middle = a.value - b.value;
  guint32 borrows = (middle + a.unknown) ^ (middle - b.unknown);
  guint32 unknown = borrows | a.unknown | b.unknown;

  return (GstPcapBits) { middle & ~unknown, unknown };
}

static inline GstPcapBits
gst_pcap_bits_shift_left (GstPcapBits a, guint by)
{
  return by < 32 ? (GstPcapBits) { a.value << by, a.unknown << by } :
      gst_pcap_bits (0);
}

static inline GstPcapBits
gst_pcap_bits_shift_right (GstPcapBits a, guint by)
{
  return by < 32 ? (GstPcapBits) { a.value >> by, a.unknown >> by } :
      gst_pcap_bits (0);
}

G_END_DECLS
