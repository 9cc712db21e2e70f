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

/* What opening takes, and opening again when an interface comes back. */
static guint32
get_needed (gboolean namespaces, gboolean adapter)
{
  guint32 capabilities = 1u << CAP_NET_RAW;

  if (namespaces)
    capabilities |= 1u << CAP_SYS_ADMIN;
  if (adapter)
    capabilities |= 1u << CAP_NET_ADMIN;
  return capabilities;
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
  guint32 capabilities = get_needed (namespaces, adapter);

  if (entry == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "-Z: there is no user \"%s\"", user);
    return FALSE;
  }
  if (prctl (PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0
      || initgroups (user, entry->pw_gid) < 0 || setgid (entry->pw_gid) < 0
      || setuid (entry->pw_uid) < 0 || !keep (capabilities))
    return set_error (error, user);
  /* what is cached is his, too */
  g_setenv ("HOME", entry->pw_dir, TRUE);
  g_unsetenv ("XDG_CACHE_HOME");
  return TRUE;
}

void
privileges_limit (gboolean namespaces, gboolean adapter)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct has[2];

  /* root writes where nobody else may */
  if (geteuid () == 0)
    return;
  /* programs that are started get none of it */
  prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall (SYS_capget, &header, has) == 0)
    keep (has[0].permitted & get_needed (namespaces, adapter));
}
