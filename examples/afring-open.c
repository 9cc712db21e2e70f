/* gst-afring example: opens a packet socket and runs a program that may not
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afring-open gst-launch-1.0 -e afringsrc fd=3 interface=eth0 ! pcapsink location=a.pcapng
 *   afring-open --cooked gst-launch-1.0 -e afringsrc fd=3 interface=any ! ...
 *
 * It alone needs CAP_NET_RAW, and has it for one system call:
 *
 *   sudo install -m 750 -g GROUP build/examples/afring-open /usr/local/bin
 *   sudo setcap cap_net_raw+ep /usr/local/bin/afring-open
 *
 * Members of the group can capture on every interface, and send, as with dumpcap in
 * Debian's group wireshark. The program gets the socket as descriptor 3, told by
 * LISTEN_FDS and LISTEN_PID as systemd does (sd_listen_fds(3)), and no capability.
 */

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LISTEN_FD 3             /* SD_LISTEN_FDS_START */

#define STATUS_USAGE 2
#define STATUS_NO_SOCKET 125    /* as env(1) and others have them */
#define STATUS_NOT_RUN 126
#define STATUS_NOT_FOUND 127

/* A program that root runs keeps what root has; any other has nothing left. */
static int
drop_capabilities (void)
{
  struct __user_cap_header_struct header = {
    .version = _LINUX_CAPABILITY_VERSION_3
  };
  struct __user_cap_data_struct none[2] = { {0}, {0} };

  if (getuid () == 0)
    return 0;
  return prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0
      && syscall (SYS_capset, &header, none) == 0 ? 0 : -1;
}

static int
give_socket (int type)
{
  /* of no protocol: it receives nothing before somebody binds it */
  int fd = socket (AF_PACKET, type, 0);

  if (fd < 0)
    return -1;
  if (fd == LISTEN_FD)
    return 0;
  if (dup2 (fd, LISTEN_FD) < 0)
    return -1;
  return close (fd);
}

static int
tell (void)
{
  char pid[16];

  snprintf (pid, sizeof (pid), "%ld", (long) getpid ());
  return setenv ("LISTEN_PID", pid, 1) == 0
      && setenv ("LISTEN_FDS", "1", 1) == 0 ? 0 : -1;
}

int
main (int argc, char **argv)
{
  int type = SOCK_RAW, first = 1;

  if (argc > 1 && strcmp (argv[1], "--cooked") == 0) {
    type = SOCK_DGRAM;
    first++;
  }
  if (first >= argc || argv[first][0] == '-') {
    fprintf (stderr, "Usage: afring-open [--cooked] PROGRAM [ARGUMENT...]\n"
        "Runs PROGRAM with a packet socket as descriptor %d (afringsrc fd=%d).\n"
        "--cooked: for \"any\" and interfaces without a link header\n", LISTEN_FD,
        LISTEN_FD);
    return STATUS_USAGE;
  }
  if (give_socket (type) < 0) {
    fprintf (stderr, "afring-open: cannot open a packet socket: %s%s\n",
        strerror (errno), errno == EPERM ? "; it needs the capability CAP_NET_RAW "
        "(setcap cap_net_raw+ep), as its source says" : "");
    return STATUS_NO_SOCKET;
  }
  if (drop_capabilities () < 0 || tell () < 0) {
    fprintf (stderr, "afring-open: %s\n", strerror (errno));
    return STATUS_NO_SOCKET;
  }
  execvp (argv[first], argv + first);
  fprintf (stderr, "afring-open: cannot run %s: %s\n", argv[first],
      strerror (errno));
  return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}
