/* afring-record: what it tells a service manager
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "notify.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

void
notify_send (const gchar * state)
{
  const gchar *path = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;

  if (path == NULL || path[0] == '\0')
    return;
  address = path[0] == '@' ?
      g_unix_socket_address_new_with_type (path + 1, -1,
      G_UNIX_SOCKET_ADDRESS_ABSTRACT) : g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (socket != NULL)
    g_socket_send_to (socket, address, state, strlen (state), NULL, NULL);
}

guint64
notify_get_watchdog (void)
{
  const gchar *time = g_getenv ("WATCHDOG_USEC");
  const gchar *process = g_getenv ("WATCHDOG_PID");

  if (time == NULL || (process != NULL
          && g_ascii_strtoull (process, NULL, 10) != (guint64) getpid ()))
    return 0;
  return g_ascii_strtoull (time, NULL, 10);
}
