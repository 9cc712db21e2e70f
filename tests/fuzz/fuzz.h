/* What the targets of libFuzzer have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Of libFuzzer: one input. A target is a file with this. */
int           LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* What an input decides beside its bytes is taken from its start; 0 behind its end. */
typedef struct
{
  const guint8 *data;
  gsize size;
} FuzzInput;

guint8        fuzz_take_byte         (FuzzInput    *self);
guint32       fuzz_take_u32          (FuzzInput    *self);

/* At most @most bytes: a copy of exactly that size, so that what is read beyond it is
 * seen. To be freed. */
guint8 *      fuzz_take              (FuzzInput    *self,
                                      gsize         most,
                                      gsize        *size);

/* With the elements of this project, and what they warn of fatal. */
void          fuzz_init              (void);

/* An element in a harness that plays; caps as text. */
GstHarness *  fuzz_harness_new       (const gchar  *line,
                                      const gchar  *caps);

/* A packet with a time and the meta that a source gives it. */
GstBuffer *   fuzz_make_packet       (FuzzInput    *input,
                                      gsize         most);

/* Ends the process, and the input is kept, unless it is true. */
#define fuzz_check(what) G_STMT_START { \
  if (!(what)) { \
    g_printerr ("%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
    abort (); \
  } \
} G_STMT_END

G_END_DECLS
