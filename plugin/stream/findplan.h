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
  gboolean follow;              /* and what is written next */
  GstPcapIndexQuery *indexed;   /* the same for an index; NULL: none is used */
} FindQuery;

/* Asks the index of the file, if it has one, which is read here and once: for its plan, and
 * for the times of its packets. FALSE: nothing in the file can match. */
gboolean find_plan_make     (FindFile        *file,
                             const FindQuery *query);

/* Of FindSpan: those that may hold a match, each behind what it needs to be read alone. */
GArray * find_plan_take     (FindFile        *file,
                             const FindQuery *query);

G_END_DECLS
