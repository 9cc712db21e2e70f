/* Faults of the system, for LD_PRELOAD: what a call of the C library gives where it
 * is not as it should be.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* AFRING_FAULTS has rules, separated by spaces: CALL=WHAT@FIRST[-[LAST]][/EACH].
 *
 *   CALL   mmap, mremap, open, read, pread, write, pwrite, pwritev, fsync, fdatasync,
 *          ftruncate, fallocate, rename, flock, close, socket, setsockopt, bind,
 *          eventfd, epoll, memfd, recv, send, epoll_wait, thread, clock; "all" is every one that
 *          a signal can interrupt
 *   WHAT   the name of an error, "short" for half of what was asked, "sleep:MS", or
 *          "jump:SECONDS" for clock, from the FIRST call on
 *   FIRST  the first call that it befalls, counted from 1
 *   LAST   the last one; FIRST where there is no '-', none where nothing is behind it
 *   EACH   of these only every so-manieth
 *
 * Only calls count that gst-afring makes itself, or that have to do with the folder
 * AFRING_FAULTS_FOLDER. AFRING_FAULTS_LOG is a file that has a line for each rule at
 * the end, and "sleeping" when that begins. */

/* both kinds of names, as they are */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_RULES 32
#define OURS "gstafring"
#define SHORT (-1)
#define SLEEP (-2)
#define JUMP (-3)

typedef struct
{
  char call[16];
  int what;                     /* an error, or one of the above */
  long amount;                  /* of SLEEP and JUMP */
  unsigned first, last, each;
  atomic_uint calls;
  atomic_uint faults;
} Rule;

static Rule rules[MOST_RULES];
static unsigned n_rules;
static const char *folder;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct
{
  const char *name;
  int number;
} errors[] = {
  {"ENOMEM", ENOMEM}, {"EINTR", EINTR}, {"ENOSPC", ENOSPC}, {"EIO", EIO},
  {"EDQUOT", EDQUOT}, {"EROFS", EROFS}, {"EMFILE", EMFILE}, {"EAGAIN", EAGAIN},
  {"ENODEV", ENODEV}, {"ENETDOWN", ENETDOWN}, {"EPERM", EPERM},
  {"ENOBUFS", ENOBUFS}, {"EINVAL", EINVAL}, {"short", SHORT}, {"sleep", SLEEP},
  {"jump", JUMP},
};

/* A rule that cannot be read would be a test that tests nothing. */
static void
give_up (const char *text)
{
  fprintf (stderr, "AFRING_FAULTS: what is \"%s\"?\n", text);
  _exit (99);
}

static void
parse_rule (const char *text)
{
  Rule *rule = &rules[n_rules++];
  char what[16] = "", range[32] = "";
  char *at = NULL;

  if (n_rules == MOST_RULES
      || sscanf (text, "%15[a-z_]=%15[A-Za-z]:%ld@%31s", rule->call, what,
          &rule->amount, range) < 4) {
    rule->amount = 0;
    if (sscanf (text, "%15[a-z_]=%15[A-Za-z]@%31s", rule->call, what, range) < 3)
      give_up (text);
  }
  for (size_t i = 0; i < sizeof (errors) / sizeof (errors[0]); i++) {
    if (strcmp (errors[i].name, what) == 0)
      rule->what = errors[i].number;
  }
  rule->first = rule->last = strtoul (range, &at, 10);
  if (*at == '-') {
    rule->last = strtoul (at + 1, &at, 10);
    if (rule->last == 0)
      rule->last = UINT32_MAX;
  }
  rule->each = *at == '/' ? strtoul (at + 1, &at, 10) : 1;
  if (rule->what == 0 || rule->first == 0 || rule->each == 0 || *at != '\0')
    give_up (text);
}

static void
init (void)
{
  char *copy = strdup (getenv ("AFRING_FAULTS") ? : ""), *state = NULL;

  folder = getenv ("AFRING_FAULTS_FOLDER");
  for (char *text = strtok_r (copy, " ", &state); text != NULL;
      text = strtok_r (NULL, " ", &state))
    parse_rule (text);
  free (copy);
}

__attribute__((destructor))
static void
tell (void)
{
  const char *path = getenv ("AFRING_FAULTS_LOG");
  FILE *log = path != NULL ? fopen (path, "a") : NULL;

  if (log == NULL)
    return;
  for (unsigned i = 0; i < n_rules; i++)
    fprintf (log, "%s %u of %u\n", rules[i].call,
        atomic_load (&rules[i].faults), atomic_load (&rules[i].calls));
  fclose (log);
}

/* Paths as they were given: tests give absolute ones. */
static bool
is_in_folder (int fd, const char *path)
{
  char link[64], target[4096];
  ssize_t n;

  if (folder == NULL)
    return false;
  if (path == NULL) {
    if (fd < 0)
      return false;
    snprintf (link, sizeof (link), "/proc/self/fd/%d", fd);
    n = readlink (link, target, sizeof (target) - 1);
    if (n < 0)
      return false;
    target[n] = '\0';
    path = target;
  }
  return strncmp (path, folder, strlen (folder)) == 0;
}

static bool
is_ours (void *caller)
{
  Dl_info info;

  return dladdr (caller, &info) != 0 && info.dli_fname != NULL
      && strstr (strrchr (info.dli_fname, '/') ? : info.dli_fname, OURS) != NULL;
}

static bool
is_for (const Rule * rule, const char *call, bool interruptible)
{
  return strcmp (rule->call, call) == 0
      || (interruptible && strcmp (rule->call, "all") == 0);
}

/* The rule that strikes at this call; NULL: none. */
static const Rule *
find (const char *call, bool interruptible, void *caller, int fd,
    const char *path)
{
  const Rule *found = NULL;
  int considered = -1;

  pthread_once (&once, init);
  for (unsigned i = 0; i < n_rules; i++) {
    Rule *rule = &rules[i];
    unsigned n;

    if (!is_for (rule, call, interruptible))
      continue;
    if (considered < 0)
      considered = is_ours (caller) || is_in_folder (fd, path);
    if (!considered)
      return NULL;
    n = atomic_fetch_add (&rule->calls, 1) + 1;
    if (n < rule->first || n > rule->last
        || (n - rule->first) % rule->each != 0)
      continue;
    atomic_fetch_add (&rule->faults, 1);
    found = rule;
  }
  return found;
}

/* For who waits for it. */
static void
note (const char *word)
{
  const char *path = getenv ("AFRING_FAULTS_LOG");
  FILE *log = path != NULL ? fopen (path, "a") : NULL;

  if (log == NULL)
    return;
  fprintf (log, "%s\n", word);
  fclose (log);
}

/* TRUE if the call is not to be made. */
static bool
strike (const Rule * rule, size_t * size)
{
  if (rule == NULL)
    return false;
  if (rule->what == SLEEP) {
    struct timespec time = { rule->amount / 1000, rule->amount % 1000 * 1000000 };

    note ("sleeping");
    nanosleep (&time, NULL);
  } else if (rule->what == SHORT && size != NULL && *size > 1)
    *size /= 2;
  else if (rule->what > 0) {
    errno = rule->what;
    return true;
  }
  return false;
}

#define CALLER __builtin_return_address (0)
#define REAL(name) \
    static __typeof__ (name) *real; \
    if (real == NULL) \
      *(void **) &real = dlsym (RTLD_NEXT, #name)

/* A function that gives -1, or another value, where it fails. */
#define PLAIN(type, name, call, wrong, parameters, arguments, fd, path, signals) \
    type name parameters \
    { \
      REAL (name); \
      if (strike (find (call, signals, CALLER, fd, path), NULL)) \
        return wrong; \
      return real arguments; \
    }

/* One that may do less than it was asked. */
#define SIZED(name, call, parameters, arguments) \
    ssize_t name parameters \
    { \
      REAL (name); \
      if (strike (find (call, true, CALLER, fd, NULL), &size)) \
        return -1; \
      return real arguments; \
    }

#define MMAP(name) \
    PLAIN (void *, name, "mmap", MAP_FAILED, \
        (void *at, size_t size, int protection, int flags, int fd, off_t offset), \
        (at, size, protection, flags, fd, offset), -1, NULL, false)

/* *INDENT-OFF* */
MMAP (mmap)
MMAP (mmap64)
SIZED (read, "read", (int fd, void *p, size_t size), (fd, p, size))
SIZED (write, "write", (int fd, const void *p, size_t size), (fd, p, size))
SIZED (pread, "pread", (int fd, void *p, size_t size, off_t at), (fd, p, size, at))
SIZED (pread64, "pread", (int fd, void *p, size_t size, off_t at), (fd, p, size, at))
SIZED (pwrite, "pwrite", (int fd, const void *p, size_t size, off_t at),
    (fd, p, size, at))
SIZED (pwrite64, "pwrite", (int fd, const void *p, size_t size, off_t at),
    (fd, p, size, at))
SIZED (recv, "recv", (int fd, void *p, size_t size, int flags), (fd, p, size, flags))
SIZED (send, "send", (int fd, const void *p, size_t size, int flags),
    (fd, p, size, flags))
PLAIN (int, fsync, "fsync", -1, (int fd), (fd), fd, NULL, true)
PLAIN (int, fdatasync, "fdatasync", -1, (int fd), (fd), fd, NULL, true)
PLAIN (int, ftruncate, "ftruncate", -1, (int fd, off_t size), (fd, size), fd, NULL, true)
PLAIN (int, ftruncate64, "ftruncate", -1, (int fd, off_t size), (fd, size), fd, NULL, true)
PLAIN (int, fallocate, "fallocate", -1, (int fd, int mode, off_t at, off_t size),
    (fd, mode, at, size), fd, NULL, true)
PLAIN (int, fallocate64, "fallocate", -1, (int fd, int mode, off_t at, off_t size),
    (fd, mode, at, size), fd, NULL, true)
PLAIN (int, flock, "flock", -1, (int fd, int what), (fd, what), fd, NULL, true)
PLAIN (int, rename, "rename", -1, (const char *from, const char *to), (from, to), -1,
    from, false)
PLAIN (int, renameat2, "rename", -1, (int from_folder, const char *from, int to_folder,
    const char *to, unsigned flags), (from_folder, from, to_folder, to, flags), -1, from,
    false)
PLAIN (int, socket, "socket", -1, (int domain, int type, int protocol),
    (domain, type, protocol), -1, NULL, false)
PLAIN (int, setsockopt, "setsockopt", -1, (int fd, int level, int name,
    const void *value, socklen_t size), (fd, level, name, value, size), -1, NULL, false)
PLAIN (int, bind, "bind", -1, (int fd, const struct sockaddr *address, socklen_t size),
    (fd, address, size), -1, NULL, false)
PLAIN (int, eventfd, "eventfd", -1, (unsigned n, int flags), (n, flags), -1, NULL, false)
PLAIN (int, epoll_create1, "epoll", -1, (int flags), (flags), -1, NULL, false)
PLAIN (int, memfd_create, "memfd", -1, (const char *name, unsigned flags), (name, flags),
    -1, NULL, false)
PLAIN (int, epoll_wait, "epoll_wait", -1, (int fd, struct epoll_event *events, int n,
    int timeout), (fd, events, n, timeout), -1, NULL, true)
/* *INDENT-ON* */

/* Parts of a vector are what is short of it. */
#define VECTOR(name) \
    ssize_t name (int fd, const struct iovec *parts, int n, off_t at) \
    { \
      const Rule *rule = find ("pwritev", true, CALLER, fd, NULL); \
      struct iovec first; \
      REAL (name); \
      if (strike (rule, NULL)) \
        return -1; \
      if (rule == NULL || rule->what != SHORT) \
        return real (fd, parts, n, at); \
      first = parts[0]; \
      first.iov_len = first.iov_len / 2 & ~(size_t) 4095; \
      return first.iov_len > 0 ? real (fd, &first, 1, at) : real (fd, parts, 1, at); \
    }

VECTOR (pwritev)
VECTOR (pwritev64)

/* On Linux the descriptor is gone whatever close() says. */
int
close (int fd)
{
  const Rule *rule = find ("close", true, CALLER, fd, NULL);
  int result;

  REAL (close);
  result = real (fd);
  return strike (rule, NULL) ? -1 : result;
}

void *
mremap (void *at, size_t old_size, size_t size, int flags, ...)
{
  void *target = NULL;
  va_list rest;

  REAL (mremap);
  if (flags & MREMAP_FIXED) {
    va_start (rest, flags);
    target = va_arg (rest, void *);
    va_end (rest);
  }
  if (strike (find ("mremap", false, CALLER, -1, NULL), NULL))
    return MAP_FAILED;
  return real (at, old_size, size, flags, target);
}

/* What only finds the way is none. */
#define OPEN(name) \
    int name (const char *path, int flags, ...) \
    { \
      mode_t mode = 0; \
      va_list rest; \
      REAL (name); \
      if (flags & O_CREAT) { \
        va_start (rest, flags); \
        mode = va_arg (rest, mode_t); \
        va_end (rest); \
      } \
      if (!(flags & O_PATH) \
          && strike (find ("open", true, CALLER, -1, path), NULL)) \
        return -1; \
      return real (path, flags, mode); \
    }

OPEN (open)
OPEN (open64)

/* In a folder. */
#define OPENAT(name) \
    int name (int folder, const char *path, int flags, ...) \
    { \
      mode_t mode = 0; \
      va_list rest; \
      REAL (name); \
      if (flags & O_CREAT) { \
        va_start (rest, flags); \
        mode = va_arg (rest, mode_t); \
        va_end (rest); \
      } \
      if (!(flags & O_PATH) \
          && strike (find ("open", true, CALLER, -1, path), NULL)) \
        return -1; \
      return real (folder, path, flags, mode); \
    }

OPENAT (openat)
OPENAT (openat64)

/* Any thread of the process: GLib makes them for others. */
int
pthread_create (pthread_t * thread, const pthread_attr_t * attributes,
    void *(*start) (void *), void *data)
{
  REAL (pthread_create);
  return strike (find ("thread", false, (void *) pthread_create, -1, folder),
      NULL) ? errno : real (thread, attributes, start, data);
}

/* Everybody's clock. */
int
clock_gettime (clockid_t clock, struct timespec *time)
{
  int result;

  REAL (clock_gettime);
  result = real (clock, time);
  if (clock == CLOCK_REALTIME && result == 0) {
    const Rule *rule = find ("clock", false, NULL, -1, folder);

    if (rule != NULL && rule->what == JUMP)
      time->tv_sec += rule->amount;
  }
  return result;
}
