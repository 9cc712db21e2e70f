/* gst-afring: what earlier recordings could not complete
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcaprecovery.h>

G_BEGIN_DECLS

/* Completes files on a thread of its own, so that no recording waits for it. */
typedef struct _PcapRecovery PcapRecovery;

typedef struct
{
  void (*recovered) (const GstPcapRecovery *report,
                     gpointer               user_data);
  void (*failed)    (const GError          *error,
                     gpointer               user_data);
} PcapRecoveryFuncs;

/* Of all locations that @pattern could name, @indexed: with an index. They are set aside before this returns; NULL
 * if there are none. @funcs are called on the thread. */
PcapRecovery * pcap_recovery_new  (const gchar             *pattern,
                                   gboolean                 indexed,
                                   const PcapRecoveryFuncs *funcs,
                                   gpointer                 user_data);

/* Leaves what is not done for the next time. Its thread is no more then. */
void           pcap_recovery_close (PcapRecovery           *self);

void           pcap_recovery_free (PcapRecovery            *self);

G_END_DECLS
