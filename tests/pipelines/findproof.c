/* gst-afring tests: the answers of pcapsrc are those of libpcap
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   find-proof-many [EXPRESSIONS [SEED]]
 *
 * Random expressions over hostile packets, in files to which all was done that befalls
 * files; each question with the index and without, with and without libpcap's optimizer,
 * with times and without, of many files and of one. find-proof.py does a few of the same
 * by the programs themselves, tcpdump and mergecap.
 */

#include "findproof.h"

#include <glib/gstdio.h>

#include <stdlib.h>

#define EXPRESSIONS_A_FOLDER 50
#define MOST_SHOWN 5            /* differences of an answer */

typedef struct
{
  GRand *rand;
  gchar *folder;
  ProofSource *source;
  GPtrArray *files;             /* ProofFile: many at a time */
  ProofJudge *judge;            /* of those */
  guint questions, matching, refused, failures;
  guint differing;              /* by the optimizer */
  guint flipped;
  guint64 packets;
} Proof;

guint64
proof_sum (const guint8 * data, gsize length)
{
  guint64 sum = G_GUINT64_CONSTANT (0xcbf29ce484222325);

  for (gsize i = 0; i < length; i++)
    sum = (sum ^ data[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return sum;
}

static guint
below (Proof * self, guint n)
{
  return g_rand_int_range (self->rand, 0, n);
}

/* Answers. */

static gboolean
is_same (const ProofPacket * a, const ProofPacket * b)
{
  return a->time == b->time && a->link_type == b->link_type
      && a->captured == b->captured && a->wire == b->wire && a->sum == b->sum;
}

/* Of the bytes alone: a description that has changed changes all packets of it. */
static gboolean
has_bytes (GArray * packets, const ProofPacket * packet)
{
  for (guint i = 0; i < packets->len; i++) {
    const ProofPacket *other = &g_array_index (packets, ProofPacket, i);

    if (other->sum == packet->sum && other->captured == packet->captured)
      return TRUE;
  }
  return FALSE;
}

static gboolean
has (GArray * packets, const ProofPacket * packet)
{
  for (guint i = 0; i < packets->len; i++) {
    if (is_same (&g_array_index (packets, ProofPacket, i), packet))
      return TRUE;
  }
  return FALSE;
}

static gboolean
are_same (GArray * a, GArray * b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++) {
    if (!is_same (&g_array_index (a, ProofPacket, i), &g_array_index (b,
                ProofPacket, i)))
      return FALSE;
  }
  return TRUE;
}

static void
show_missing (const gchar * what, GArray * packets, GArray * others)
{
  guint shown = 0;

  for (guint i = 0; i < packets->len && shown < MOST_SHOWN; i++) {
    const ProofPacket *packet = &g_array_index (packets, ProofPacket, i);

    if (has (others, packet))
      continue;
    g_print ("  %s: time %" G_GUINT64_FORMAT ", link type %u, %u of %u bytes\n",
        what, packet->time, packet->link_type, packet->captured, packet->wire);
    shown++;
  }
}

static void
complain (Proof * self, GPtrArray * files, const ProofQuestion * question,
    GArray * expected, GArray * found)
{
  self->failures++;
  g_print ("FAIL \"%s\" from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
      "%s: %u expected, %u found\n", question->expression, question->start,
      question->stop, question->no_index ? ", without index" : "",
      expected->len, found->len);
  show_missing ("missing", expected, found);
  show_missing ("too many", found, expected);
  for (guint i = 0; i < files->len; i++)
    g_print ("  %s\n", ((ProofFile *) g_ptr_array_index (files, i))->story);
}

/* Questions. */

/* The one of libpcap, if its optimizer makes no difference; what tcpdump does if not. */
static GArray *
get_expected (Proof * self, ProofJudge * judge, const ProofQuestion * question,
    gboolean * refused)
{
  gboolean refused_plain;
  GArray *expected = proof_judge_ask (judge, question, TRUE, refused);
  g_autoptr (GArray) plain = proof_judge_ask (judge, question, FALSE,
      &refused_plain);

  self->differing += !are_same (expected, plain);
  return expected;
}

static void
ask (Proof * self, GPtrArray * files, ProofJudge * judge,
    ProofQuestion * question)
{
  gboolean refused;
  g_autoptr (GArray) expected = get_expected (self, judge, question, &refused);

  self->questions++;
  self->matching += expected->len > 0;
  self->refused += refused;
  self->packets += expected->len;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GArray) found = NULL;
    gboolean failed;

    question->no_index = i > 0;
    found = proof_source_ask (self->source, files, question, &failed);
    if ((failed && !refused) || !are_same (found, expected))
      complain (self, files, question, expected, found);
  }
}

static void
choose_times (Proof * self, ProofQuestion * question)
{
  question->start = G_GUINT64_CONSTANT (1700000000) * GST_SECOND
      + below (self, 1500) * GST_MSECOND;
  question->stop = question->start + 1 + below (self, 300 * GST_MSECOND);
  if (below (self, 3) == 0)
    question->start = 0;
  else if (below (self, 3) == 0)
    question->stop = GST_CLOCK_TIME_NONE;
}

/* A file to which something else was done each time. */
static void
ask_one (Proof * self, const gchar * expression)
{
  ProofQuestion question = { expression, 0, GST_CLOCK_TIME_NONE, FALSE };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (
      (GDestroyNotify) proof_file_free);
  ProofFile *file = proof_file_make (self->rand, self->folder, "one",
      below (self, PROOF_N_DEEDS));
  ProofJudge *judge;

  g_ptr_array_add (files, file);
  judge = proof_judge_new (files);
  if (below (self, 2) == 0)
    choose_times (self, &question);
  ask (self, files, judge, &question);
  proof_judge_free (judge);
}

/* A bit is not what it was. What libpcap still reads, and is as it was, has to be found, in
 * the order of the file. Behind what libpcap stops at there may be more. */
static gboolean
has_all (GArray * found, GArray * whole, GArray * flipped)
{
  guint at = 0;

  for (guint i = 0; i < flipped->len; i++) {
    const ProofPacket *packet = &g_array_index (flipped, ProofPacket, i);

    if (!has (whole, packet))
      continue;
    while (at < found->len && !is_same (&g_array_index (found, ProofPacket,
                at), packet))
      at++;
    if (at++ == found->len)
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_no_others (GArray * found, GArray * whole, GArray * flipped)
{
  for (guint i = 0; i < found->len; i++) {
    const ProofPacket *packet = &g_array_index (found, ProofPacket, i);

    if (!has_bytes (whole, packet) && !has_bytes (flipped, packet))
      return FALSE;
  }
  return TRUE;
}

static void
flip_file (Proof * self, const gchar * path)
{
  g_autofree gchar *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  bytes[g_rand_int_range (self->rand, 0, length)] ^= 1 << below (self, 8);
  g_assert_true (g_file_set_contents_full (path, bytes, length,
          G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
ask_flipped (Proof * self, const gchar * expression)
{
  ProofQuestion question = { expression, 0, GST_CLOCK_TIME_NONE, FALSE };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (
      (GDestroyNotify) proof_file_free);
  ProofFile *file = proof_file_make (self->rand, self->folder, "one",
      below (self, 2) == 0 ? PROOF_WHOLE : PROOF_CONCATENATED);
  g_autoptr (GArray) whole = NULL, flipped = NULL, found = NULL;
  ProofJudge *judge;
  gboolean refused;

  g_ptr_array_add (files, file);
  judge = proof_judge_new (files);
  whole = proof_judge_ask (judge, &question, TRUE, &refused);
  proof_judge_free (judge);
  flip_file (self, file->path);
  judge = proof_judge_new (files);
  flipped = proof_judge_ask (judge, &question, TRUE, &refused);
  found = proof_source_ask (self->source, files, &question, &refused);
  self->questions++;
  self->flipped++;
  /* a file is refused whose header's lengths differ, which libpcap does not look at */
  if (!refused && (!has_all (found, whole, flipped)
          || !has_no_others (found, whole, flipped)))
    complain (self, files, &question, flipped, found);
  proof_judge_free (judge);
}

static void
ask_many (Proof * self, const gchar * expression)
{
  ProofQuestion question = { expression, 0, GST_CLOCK_TIME_NONE, FALSE };

  ask (self, self->files, self->judge, &question);
  choose_times (self, &question);
  ask (self, self->files, self->judge, &question);
}

/* One of each kind, and one more. */
static void
make_files (Proof * self)
{
  g_clear_pointer (&self->judge, proof_judge_free);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  self->files = g_ptr_array_new_with_free_func (
      (GDestroyNotify) proof_file_free);
  for (guint i = 0; i <= PROOF_N_DEEDS; i++) {
    g_autofree gchar *name = g_strdup_printf ("many%02u", i);

    g_ptr_array_add (self->files, proof_file_make (self->rand, self->folder,
            name, i % PROOF_N_DEEDS));
  }
  self->judge = proof_judge_new (self->files);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? atoi (argv[1]) : 60;
  Proof *self = g_new0 (Proof, 1);
  g_autoptr (GError) error = NULL;

  gst_init (NULL, NULL);
  self->rand = g_rand_new_with_seed (argc > 2 ? atoi (argv[2]) : 1);
  self->source = proof_source_new ();
  self->folder = g_dir_make_tmp ("afring-proof-XXXXXX", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *expression = kit_make_expression (self->rand);

    if (i % EXPRESSIONS_A_FOLDER == 0)
      make_files (self);
    ask_many (self, expression);
    ask_one (self, expression);
    ask_flipped (self, expression);
  }
  g_print ("%u expressions, %u questions, %u with matches, %" G_GUINT64_FORMAT
      " of them, %u that libpcap refuses, %u that its optimizer answers "
      "otherwise, %u of files with a bit flipped; %u wrong answers\n", n,
      self->questions, self->matching, self->packets, self->refused,
      self->differing, self->flipped, self->failures);
  n = self->failures > 0 || self->matching < n / 2;
  proof_judge_free (self->judge);
  g_ptr_array_unref (self->files);
  proof_source_free (self->source);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_rand_free (self->rand);
  g_free (self);
  return n;
}
