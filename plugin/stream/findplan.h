/* gst-afring: which pieces of a file are read
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findfile.h"
#include "findfilter.h"

#include <gst/afring/pcap/gstpcapindex.h>

G_BEGIN_DECLS

#define FIND_TO_THE_END G_MAXUINT64

/* From a place where a record begins up to another one. */
typedef struct
{
  guint64 offset;
  guint64 end;                  /* or FIND_TO_THE_END */
  gboolean sure;                /* it ends where a record does, whatever is before */
} FindSpan;

/* What is looked for, in all files. */
typedef struct
{
  FindTimes times;
  GstClockTime from;            /* a seek: what is before is not wanted; 0: all is */
  gboolean trust_order;         /* files are in the order of their times */
  GstPcapIndexQuery *indexed;   /* the same for an index; NULL: none is used */
} FindQuery;

/* FALSE: nothing in the file is of these times, for certain. */
gboolean find_plan_may_have (FindFile        *file,
                             const FindQuery *query);

/* Of FindSpan: those that may hold a match, each behind what it needs to be read alone.
 * @skipped: bytes of the file that its index says hold none; -1: it has no index. */
GArray * find_plan_new      (FindFile        *file,
                             const FindQuery *query,
                             gint64          *skipped);

G_END_DECLS
