/* What a forked child does and how it ends.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* In a child, in which GstCheck's own are the parent's. */
#define child_check(condition) \
    G_STMT_START { \
      if (!(condition)) \
        child_fail (__FILE__, __LINE__, #condition); \
    } G_STMT_END

typedef void (*ChildFunc) (gpointer data);

typedef struct
{
  pid_t pid;
  int go;                       /* closed by the parent: the child may end */
  int ready;                    /* readable when the child's function is done */
} Child;

G_NORETURN
void     child_fail          (const gchar *file,
                              guint        line,
                              const gchar *what);

/* Forks. The child calls @func and lives on until child_end(). One that hangs is
 * killed by an alarm. */
void     child_start         (Child       *self,
                              ChildFunc    func,
                              gpointer     data);

/* Until the function has returned, or failed. */
void     child_wait          (Child       *self);

/* Lets it end; it has to end well. */
void     child_end           (Child       *self);

/* All three. */
void     child_run           (ChildFunc    func,
                              gpointer     data);

/* The call has failed with STOPPED; clears the error. */
gboolean child_is_stopped    (gboolean     result,
                              GError     **error);

/* All that can be asked of a source says that it is stopped. */
void     child_check_stopped (GstCaptureSource *source);

/* Memory of the child's own at @address, where the parent's was; filled. */
guint8 * child_map_at        (gconstpointer address,
                              gsize        *size);

/* Still as it was filled. */
gboolean child_is_untouched  (const guint8 *memory,
                              gsize         size);

G_END_DECLS
