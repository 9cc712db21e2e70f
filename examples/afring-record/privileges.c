/* afring-record: as whom it runs
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static gboolean
set_error (GError ** error, const gchar * user)
{
  gint saved_errno = errno;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
      "-Z: cannot become \"%s\": %s", user, g_strerror (saved_errno));
  return FALSE;
}

static gboolean
keep (guint32 capabilities)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2] = {
    {capabilities, capabilities, 0}, {0, 0, 0}
  };

  return syscall (SYS_capset, &header, data) == 0;
}

gboolean
privileges_become (const gchar * user, gboolean namespaces, gboolean adapter,
    GError ** error)
{
  const struct passwd *entry = getpwnam (user);
  guint32 capabilities = 1u << CAP_NET_RAW;

  if (entry == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "-Z: there is no user \"%s\"", user);
    return FALSE;
  }
  if (namespaces)
    capabilities |= 1u << CAP_SYS_ADMIN;
  if (adapter)
    capabilities |= 1u << CAP_NET_ADMIN;
  if (prctl (PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0
      || initgroups (user, entry->pw_gid) < 0 || setgid (entry->pw_gid) < 0
      || setuid (entry->pw_uid) < 0 || !keep (capabilities))
    return set_error (error, user);
  /* what is cached is his, too */
  g_setenv ("HOME", entry->pw_dir, TRUE);
  g_unsetenv ("XDG_CACHE_HOME");
  return TRUE;
}
