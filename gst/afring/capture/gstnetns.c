/* gst-afring: network namespaces
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstnetns.h"
#include "gstcaptureerror.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE         /* since Linux 5.14 */
#define SO_NETNS_COOKIE 71
#endif
#ifndef SIOCGSKNS               /* since Linux 4.9 */
#define SIOCGSKNS 0x894C
#endif

/* Where iproute2 keeps the namespaces that have names. */
#define NAMES_FOLDER "/run/netns"
#define OF_THREAD "/proc/thread-self/ns/net"

struct _GstNetns
{
  gatomicrefcount refs;
  int fd;
  gchar *name;
};

static GstNetns *
new_from_fd (int fd, const gchar * name)
{
  GstNetns *self = g_new0 (GstNetns, 1);

  g_atomic_ref_count_init (&self->refs);
  self->fd = fd;
  self->name = g_strdup (name);
  return self;
}

GstNetns *
gst_netns_new (const gchar * name, GError ** error)
{
  g_autofree gchar *path = strchr (name, '/') != NULL ? g_strdup (name) :
      g_build_filename (NAMES_FOLDER, name, NULL);
  int fd = name[0] != '\0' ? open (path, O_RDONLY | O_CLOEXEC) : -1;

  if (fd < 0) {
    gint saved_errno = name[0] != '\0' ? errno : ENOENT;

    g_set_error (error, GST_CAPTURE_ERROR, saved_errno == EACCES ?
        GST_CAPTURE_ERROR_NOT_PERMITTED : GST_CAPTURE_ERROR_NOT_FOUND,
        "There is no network namespace \"%s\" to be had (%s: %s); \"ip netns\" lists "
        "those with names, and others have a path, such as /proc/PID/ns/net", name,
        path, g_strerror (saved_errno));
    return NULL;
  }
  if (ioctl (fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "%s is no network namespace", path);
    close (fd);
    return NULL;
  }
  return new_from_fd (fd, name);
}

GstNetns *
gst_netns_new_of_thread (void)
{
  int fd = open (OF_THREAD, O_RDONLY | O_CLOEXEC);

  return fd >= 0 ? new_from_fd (fd, NULL) : NULL;
}

/* FALSE if the kernel does not say. */
static gboolean
get_cookie (int fd, guint64 * cookie)
{
  socklen_t length = sizeof (*cookie);

  return getsockopt (fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) == 0;
}

static gboolean
is_of_this_thread (int fd)
{
  int other = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  guint64 cookie = 0, other_cookie = 0;
  gboolean same = !get_cookie (fd, &cookie)
      || (other >= 0 && get_cookie (other, &other_cookie)
      && cookie == other_cookie);

  if (other >= 0)
    close (other);
  return same;
}

GstNetns *
gst_netns_new_of_socket (int fd, GError ** error)
{
  int netns_fd;

  if (is_of_this_thread (fd))
    return NULL;
  netns_fd = ioctl (fd, SIOCGSKNS);
  if (netns_fd < 0) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_PERMITTED,
        "The socket is of another network namespace, in which its interface cannot be "
        "looked up: %s. To enter it takes CAP_SYS_ADMIN and CAP_NET_ADMIN; run in that "
        "namespace instead (ip netns exec)", g_strerror (errno));
    return NULL;
  }
  fcntl (netns_fd, F_SETFD, FD_CLOEXEC);
  return new_from_fd (netns_fd, NULL);
}

GstNetns *
gst_netns_ref (GstNetns * self)
{
  if (self != NULL)
    g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_netns_unref (GstNetns * self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  close (self->fd);
  g_free (self->name);
  g_free (self);
}

const gchar *
gst_netns_get_name (GstNetns * self)
{
  return self->name;
}

/* To be where one is takes no privilege. */
static gboolean
is_here (GstNetns * self)
{
  struct stat its, here;

  return fstat (self->fd, &its) == 0 && stat (OF_THREAD, &here) == 0
      && its.st_dev == here.st_dev && its.st_ino == here.st_ino;
}

typedef struct
{
  int netns_fd;
  int domain;
  int type;
  int protocol;
  gint saved_errno;
} Request;

/* A thread that is never seen again: none that anybody uses changes its place. */
static gpointer
open_there (gpointer data)
{
  Request *request = data;
  int fd = -1;

  if (setns (request->netns_fd, CLONE_NEWNET) == 0)
    fd = socket (request->domain, request->type, request->protocol);
  request->saved_errno = errno;
  return GINT_TO_POINTER (fd);
}

int
gst_netns_socket (GstNetns * self, int domain, int type, int protocol)
{
  Request request;
  GThread *thread;
  int fd;

  if (self == NULL || is_here (self))
    return socket (domain, type, protocol);
  request = (Request) {
    self->fd, domain, type, protocol, 0
  };
  thread = g_thread_try_new ("afring-netns", open_there, &request, NULL);
  if (thread == NULL) {
    errno = EAGAIN;
    return -1;
  }
  fd = GPOINTER_TO_INT (g_thread_join (thread));
  errno = request.saved_errno;
  return fd;
}
