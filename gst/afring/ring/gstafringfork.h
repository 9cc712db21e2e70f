/* gst-afring: a forked child is somebody else (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* A child that was made with fork() has copies of all objects and none of the memory
 * of a ring (MADV_DONTFORK), whose addresses may be its own again; and its copies of
 * file descriptors would keep a socket in the kernel, and in its fanout group, after
 * the parent has closed it. So in the child, before fork() returns, all that is
 * registered here is told; what does not have to act then can compare generations
 * later. */
typedef struct _GstAfringForkNode GstAfringForkNode;
struct _GstAfringForkNode
{
  /* On the only thread of the child: may close files and set fields, nothing else. */
  void (*forked) (GstAfringForkNode *self);

  /*< private >*/
  GstAfringForkNode *next, **at;
};

void gst_afring_fork_register   (GstAfringForkNode *node);
void gst_afring_fork_unregister (GstAfringForkNode *node);

/* For who only compares generations: from now on they are counted. */
void gst_afring_fork_watch      (void);

/* Another number in each child. */
extern guint gst_afring_fork_generation;

G_END_DECLS
