/* What a test leaves behind: descriptors and mappings.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Linked whole into the test programs. GstCheck forks for each test; when that process
 * ends, after gst_deinit(), it has no descriptor that it had not when it began, no piece
 * of a ring, and no more mappings than threads and plugins make. What is left of
 * GStreamer's objects the "leaks" tracer tells, whose warning ends the test. */

#include <dirent.h>
#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 1024
#define EXIT_LEFT 9

/* Stacks of threads and heaps, which the C library keeps for the next, have been up to
 * 25; a ring of 64 blocks whose windows stay is more. */
#define MOST_MAPPINGS 48

static pid_t program, test;
static bool had[MOST_DESCRIPTORS];
static int had_mappings;

/* Those that were not there when the test began. */
static int
count_descriptors (bool tell)
{
  DIR *dir = opendir ("/proc/self/fd");
  struct dirent *entry;
  int n = 0;

  while (dir != NULL && (entry = readdir (dir)) != NULL) {
    int fd = atoi (entry->d_name);
    char path[64], what[256] = "";

    if (entry->d_name[0] == '.' || fd == dirfd (dir) || fd >= MOST_DESCRIPTORS
        || had[fd])
      continue;
    n++;
    if (!tell) {
      had[fd] = true;
      continue;
    }
    snprintf (path, sizeof (path), "/proc/self/fd/%d", fd);
    if (readlink (path, what, sizeof (what) - 1) > 0)
      fprintf (stderr, "descriptor %d is left: %s\n", fd, what);
  }
  if (dir != NULL)
    closedir (dir);
  return n;
}

static bool
is_of_ring (const char *line)
{
  return strstr (line, " socket:") != NULL || strstr (line, "/memfd:") != NULL;
}

/* What plugins bring does not count. */
static int
count_mappings (int *of_rings)
{
  FILE *maps = fopen ("/proc/self/maps", "r");
  char line[4352];
  int n = 0;

  *of_rings = 0;
  while (maps != NULL && fgets (line, sizeof (line), maps) != NULL) {
    if (is_of_ring (line)) {
      fprintf (stderr, "mapped: %s", line);
      ++*of_rings;
    }
    n += strstr (line, " /usr/") == NULL && strstr (line, ".so") == NULL;
  }
  if (maps != NULL)
    fclose (maps);
  return n;
}

/* AddressSanitizer has its own. */
static bool
may_count_mappings (void)
{
  /* valgrind makes its own, and more of them the longer it runs */
  if (g_getenv ("AFRING_WRAPPER") != NULL)
    return false;
#if defined (__SANITIZE_ADDRESS__)
  return false;
#elif defined (__has_feature)
  return !__has_feature (address_sanitizer);
#else
  return true;
#endif
}

/* Behind gst_deinit(). */
static void
look (void)
{
  int of_rings, mappings, descriptors;

  if (getpid () != test)
    return;
  descriptors = count_descriptors (true);
  mappings = count_mappings (&of_rings) - had_mappings;
  mappings = may_count_mappings ()? mappings : 0;
  if (descriptors == 0 && of_rings == 0 && mappings <= MOST_MAPPINGS)
    return;
  fprintf (stderr, "left behind: %d descriptors, %d mappings of rings, %d mappings\n",
      descriptors, of_rings, mappings);
  fflush (NULL);
  _exit (EXIT_LEFT);
}

/* A test that has failed had no time to clear up, and its own words are what is wanted. Only
 * glibc tells. */
#ifdef __GLIBC__
static void
leave_at_failure (int status, void *unused)
{
  if (status == 0 || getpid () != test)
    return;
  fflush (NULL);
  _exit (status);
}
#endif

static void
begin (void)
{
  int of_rings;

  /* what a test forks itself is its own business */
  if (getppid () != program)
    return;
  test = getpid ();
  /* which is never freed, and has a descriptor */
  g_main_context_default ();
  count_descriptors (false);
  had_mappings = count_mappings (&of_rings);
#ifdef __GLIBC__
  on_exit (leave_at_failure, NULL);
#endif
}

/* Before gst_init(), so that it is called after what that leaves to do at the end. */
__attribute__((constructor))
static void
prepare (void)
{
  program = getpid ();
  atexit (look);
  pthread_atfork (NULL, NULL, begin);
}
