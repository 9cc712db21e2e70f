/* gst-afring tests: what pcapsrc finds, and what libpcap finds
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../check/indexkit.h"

/* A packet of an answer. */
typedef struct
{
  GstClockTime time;
  guint32 link_type;
  guint32 captured, wire;
  guint64 sum;                  /* of its bytes */
} ProofPacket;

guint64      proof_sum            (const guint8        *data,
                                   gsize                length);

/* What is asked. */
typedef struct
{
  const gchar *expression;      /* NULL: all packets */
  GstClockTime start;           /* 0: from the first on */
  GstClockTime stop;            /* GST_CLOCK_TIME_NONE: to the last */
  gboolean no_index;
} ProofQuestion;

/* Files. Each file of a folder is one of made packets to which something was done. */

typedef struct
{
  gchar *path;                  /* that pcapsrc reads */
  gchar *plain;                 /* the same, as libpcap can read it */
  gchar *story;                 /* how it came about */
} ProofFile;

/* Removes it, too. */
void         proof_file_free      (ProofFile           *file);

/* What is done to a file. */
typedef enum
{
  PROOF_WHOLE,
  PROOF_TORN,
  PROOF_APPENDED,               /* a packet of its section, which no index knows */
  PROOF_CONCATENATED,
  PROOF_EDITED,                 /* a block was taken out */
  PROOF_INDEX_FLIPPED,          /* a bit, of an index */
  PROOF_GZIP,
  PROOF_CLASSIC,
  PROOF_N_DEEDS,
  PROOF_FLIPPED                 /* a bit, anywhere */
} ProofDeed;

ProofFile *  proof_file_make      (GRand               *rand,
                                   const gchar         *folder,
                                   const gchar         *name,
                                   ProofDeed            deed);

/* What libpcap says. */

typedef struct _ProofJudge ProofJudge;

/* Reads the files, as far as libpcap does. */
ProofJudge * proof_judge_new      (GPtrArray           *files);
void         proof_judge_free     (ProofJudge          *self);

/* The packets of all files as mergecap puts together what "tcpdump -r" finds in each.
 * *@refused: the expression does not compile for any of them. */
GArray *     proof_judge_ask      (ProofJudge          *self,
                                   const ProofQuestion *question,
                                   gboolean             optimize,
                                   gboolean            *refused);

/* What pcapsrc says. */

typedef struct _ProofSource ProofSource;

ProofSource * proof_source_new    (void);
void         proof_source_free    (ProofSource         *self);

/* *@refused: it ended with an error. */
GArray *     proof_source_ask     (ProofSource         *self,
                                   GPtrArray           *files,
                                   const ProofQuestion *question,
                                   gboolean            *refused);
