/* afring-record: what it tells a service manager
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* By the socket of sd_notify(3), which NOTIFY_SOCKET names; else nothing is done. */
void  notify_send              (const gchar *state);

/* Microseconds in which it wants to hear WATCHDOG=1; 0: it does not. */
guint64 notify_get_watchdog    (void);

G_END_DECLS
