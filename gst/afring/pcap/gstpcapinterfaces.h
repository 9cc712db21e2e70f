/* gst-afring: the interfaces of capture files that are written (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* What is known of the interfaces that packets come from, and which of them the
 * file at hand describes. A stream can describe as many as it likes: nothing here
 * takes longer for each because there are many. */
typedef struct _GstPcapInterfaces GstPcapInterfaces;

typedef struct
{
  GstCaptureInterface iface;
  GstCaptureStatistics statistics;
  gboolean has_statistics;
} GstPcapEntry;

/* Of so many interfaces each file begins with the descriptions. Those of others
 * come with their first packet, and stand once at the end of the first file. */
#define GST_PCAP_MOST_AT_START 64

GstPcapInterfaces * gst_pcap_interfaces_new        (void);
void                gst_pcap_interfaces_free       (GstPcapInterfaces          *self);

/* The next file: nothing is described in it. */
void                gst_pcap_interfaces_restart    (GstPcapInterfaces          *self);

/* What packets with this id and link type are from now on; copied. FALSE if that
 * is known. */
gboolean            gst_pcap_interfaces_set        (GstPcapInterfaces          *self,
                                                    const GstCaptureInterface  *iface);

void                gst_pcap_interfaces_set_statistics
                                                   (GstPcapInterfaces          *self,
                                                    const GstCaptureStatistics *statistics);

/* NULL if there is none. */
GstPcapEntry *      gst_pcap_interfaces_find       (GstPcapInterfaces          *self,
                                                    guint32                     id,
                                                    guint32                     link_type);

/* One of which nothing else is known. */
GstPcapEntry *      gst_pcap_interfaces_add_unknown (GstPcapInterfaces         *self,
                                                    guint32                     id,
                                                    guint32                     link_type);

/* The number of an interface in the file, or -1: it is not described there. */
gint                gst_pcap_interfaces_get_number (GstPcapInterfaces          *self,
                                                    const GstPcapEntry         *entry);

/* It is described now; gives it a number. */
void                gst_pcap_interfaces_describe   (GstPcapInterfaces          *self,
                                                    GstPcapEntry               *entry);

/* The @index-th of those in the file, which is its number; NULL behind the last. */
GstPcapEntry *      gst_pcap_interfaces_get_described (GstPcapInterfaces       *self,
                                                    guint                       index);

/* The oldest that no file describes yet, or NULL. */
GstPcapEntry *      gst_pcap_interfaces_get_new    (GstPcapInterfaces          *self);

/* What stands in the end of the file if it ends now: the bytes of all that no file
 * describes yet, and how many interfaces it has then. */
gsize               gst_pcap_interfaces_get_new_size (GstPcapInterfaces        *self,
                                                    guint                      *n);

typedef void (*GstPcapEntryFunc) (GstPcapEntry *entry,
                                  gpointer      user_data);

/* Those that a file begins with, in the order in which they were set. */
void                gst_pcap_interfaces_foreach_at_start (GstPcapInterfaces    *self,
                                                    GstPcapEntryFunc            func,
                                                    gpointer                    user_data);

/* As much as the interface with the longest packets has; 0: no limit. */
guint32             gst_pcap_interfaces_get_snaplen (GstPcapInterfaces         *self);

/* How many entries were looked at, ever: tests hold that to a few for each call. */
GST_AFRING_API
guint64             gst_pcap_interfaces_get_looks  (GstPcapInterfaces          *self);

G_END_DECLS
