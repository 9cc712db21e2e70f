/* gst-afring: capture files that were not completed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* A file that is being written is named NAME.part and locked. What a crash leaves is
 * there and locked by nobody; whoever begins to complete it names it
 * NAME.recovering first, so that a NAME.part can be begun meanwhile. */
#define GST_PCAP_PART_SUFFIX ".part"
#define GST_PCAP_RECOVERING_SUFFIX ".recovering"

/* What a file had. */
typedef struct
{
  gchar *location;              /* its name now; NULL: nothing was in it, and it is gone */
  guint64 packets;
  guint64 bytes;
  guint64 cut;                  /* bytes at its end that were no whole record */
  guint64 damaged_at;           /* behind so many bytes nothing can be read; 0: no */
} GstPcapRecovery;

typedef enum
{
  GST_PCAP_LOCKED,
  GST_PCAP_BUSY,                /* somebody else has it */
  GST_PCAP_GONE                 /* it is not of that name any more: to be opened anew */
} GstPcapLock;

/* Locks @fd, a file named @path, for as long as it is open, as whoever writes or completes
 * one does. */
GST_AFRING_API
GstPcapLock gst_pcap_recovery_lock   (int               fd,
                                      const gchar      *path);

/* Gives @part another name, under which it can be completed: transfer full. NULL with
 * an error; G_IO_ERROR_BUSY: it is being written. */
GST_AFRING_API
gchar *  gst_pcap_recovery_set_aside (const gchar      *part,
                                      GError          **error);

/* Completes a file that was set aside: cuts what is no whole record, or only zeros, off its
 * end, says in a comment that it did so, and names it NAME-recovered, with a number if that
 * is there, before its extension. One in which something follows what cannot be read is
 * not cut. @indexed: one of pcapng gets the index of what has none in it. FALSE with an error
 * if it is no capture, and then it stays as it is. Reads all of it. */
GST_AFRING_API
gboolean gst_pcap_recovery_complete  (const gchar      *path,
                                      gboolean          indexed,
                                      GCancellable     *cancellable,
                                      GstPcapRecovery  *report,
                                      GError          **error);

/* Those of @folder that are to be completed, NULL-terminated; NULL with an error. */
GST_AFRING_API
gchar ** gst_pcap_recovery_list      (const gchar      *folder,
                                      GError          **error);

GST_AFRING_API
gboolean gst_pcap_recovery_has_suffix (const gchar     *path);

G_END_DECLS
