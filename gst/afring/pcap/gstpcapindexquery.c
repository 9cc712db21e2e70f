/* gst-afring: what is looked for in a file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapindexquery.h"
#include "gstpcapindexkeys.h"
#include "gstpcapindexrun.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstfilterexpression.h>

#define KNOWN_FLAGS (GST_PCAP_RECORD_UNTIMED | GST_PCAP_RECORD_OPAQUE \
    | GST_PCAP_RECORD_NO_PREFIXES | GST_PCAP_RECORD_NO_KEYS)
#define KNOWN_SHAPE (GST_PCAP_SHAPE_TYPE | GST_PCAP_SHAPE_LENGTH \
    | GST_PCAP_SHAPE_IPV4 | GST_PCAP_SHAPE_LATER | GST_PCAP_SHAPE_IPV6 \
    | GST_PCAP_SHAPE_ARP | GST_PCAP_SHAPE_PORTS)

/* Files have few shapes, over and over: a power of two. */
#define N_ANSWERS 1024

typedef enum
{
  UNASKED,
  NEVER,
  MAYBE,
  BY_KEYS                       /* it depends on them */
} Answer;

typedef struct
{
  GstPcapShape shape;
  Answer answer;
} ShapeAnswer;

struct _GstPcapIndexQuery
{
  gatomicrefcount refs;
  gchar *filter;                /* NULL: all packets */
  gboolean optimize;
  GstClockTime start, stop;
  GHashTable *runs;             /* by link type; NULL: it does not compile for it */
  ShapeAnswer answers[N_ANSWERS];
};

G_DEFINE_BOXED_TYPE (GstPcapIndexQuery, gst_pcap_index_query,
    gst_pcap_index_query_ref, gst_pcap_index_query_unref)

/* For each link type an expression is another program. Where it cannot be one, or rejects
 * all, whoever matches the packets has a word to say. */
static gboolean
compile (GstPcapIndexQuery * self, guint link_type, GError ** error)
{
  g_autoptr (GArray) program = g_array_new (FALSE, FALSE,
      sizeof (struct sock_filter));
  GstPcapRun *run = NULL;

  if (gst_filter_expression_compile_full (self->filter, link_type,
          self->optimize, program, error))
    run = gst_pcap_run_new ((const struct sock_filter *) program->data,
        program->len);
  g_hash_table_insert (self->runs, GUINT_TO_POINTER (link_type), run);
  return run != NULL;
}

/* A word that no link type knows is a mistake. */
static gboolean
check (GstPcapIndexQuery * self, GError ** error)
{
  static const guint others[] = { GST_CAPTURE_LINK_TYPE_LINUX_SLL2,
    GST_CAPTURE_LINK_TYPE_LINUX_SLL, GST_CAPTURE_LINK_TYPE_RAW, 105, 127
  };
  g_autoptr (GError) reason = NULL;

  if (compile (self, GST_CAPTURE_LINK_TYPE_ETHERNET, &reason))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    if (compile (self, others[i], NULL))
      return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static void
free_run (gpointer run)
{
  if (run != NULL)
    gst_pcap_run_free (run);
}

GstPcapIndexQuery *
gst_pcap_index_query_new (const gchar * filter, gboolean optimize,
    GstClockTime start, GstClockTime stop, GError ** error)
{
  GstPcapIndexQuery *self = g_new0 (GstPcapIndexQuery, 1);

  g_atomic_ref_count_init (&self->refs);
  self->filter = filter != NULL && filter[0] != '\0' ? g_strdup (filter) : NULL;
  self->optimize = optimize;
  self->start = start;
  self->stop = stop;
  self->runs = g_hash_table_new_full (NULL, NULL, NULL, free_run);
  if (self->filter == NULL || check (self, error))
    return self;
  gst_pcap_index_query_unref (self);
  return NULL;
}

GstPcapIndexQuery *
gst_pcap_index_query_ref (GstPcapIndexQuery * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_pcap_index_query_unref (GstPcapIndexQuery * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_hash_table_unref (self->runs);
  g_free (self->filter);
  g_free (self);
}

/* Keys. */

typedef struct
{
  const guint8 *bloom;
  guint32 length;
  guint32 flags;                /* of the record */
} Keys;

static gboolean
ask_record (guint64 key, gpointer user_data)
{
  const Keys *keys = user_data;

  if (keys->flags & GST_PCAP_RECORD_NO_KEYS)
    return TRUE;
  if ((keys->flags & GST_PCAP_RECORD_NO_PREFIXES)
      && gst_pcap_key_is_prefix (key))
    return TRUE;
  return keys->length > 0 && gst_pcap_bloom_has (keys->bloom, keys->length,
      gst_pcap_bloom_hash (key));
}

static gboolean
ask_all (guint64 key, gpointer user_data)
{
  return TRUE;
}

static gboolean
ask_none (guint64 key, gpointer user_data)
{
  return FALSE;
}

/* Shapes. */

static GstPcapRun *
get_run (GstPcapIndexQuery * self, guint link_type)
{
  gpointer run;

  if (!g_hash_table_lookup_extended (self->runs, GUINT_TO_POINTER (link_type),
          NULL, &run)) {
    compile (self, link_type, NULL);
    run = g_hash_table_lookup (self->runs, GUINT_TO_POINTER (link_type));
  }
  return run;
}

static Answer
make_answer (GstPcapIndexQuery * self, const GstPcapShape * shape)
{
  GstPcapRun *run = get_run (self, shape->link_type);

  if (run == NULL || (shape->flags & ~KNOWN_SHAPE) != 0
      || shape->n_tags > GST_PCAP_SHAPE_MOST_TAGS
      || gst_pcap_run_accepts (run, shape, ask_none, NULL))
    return MAYBE;
  return gst_pcap_run_accepts (run, shape, ask_all, NULL) ? BY_KEYS : NEVER;
}

static Answer
get_answer (GstPcapIndexQuery * self, const GstPcapShape * shape)
{
  guint64 words[2];
  ShapeAnswer *answer;

  memcpy (words, shape, sizeof (words));
  words[0] ^= words[1] * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  answer = &self->answers[(words[0] * G_GUINT64_CONSTANT (0xff51afd7ed558ccd))
      >> 40 & (N_ANSWERS - 1)];
  if (answer->answer == UNASKED
      || !gst_pcap_shape_equal (&answer->shape, shape)) {
    answer->shape = *shape;
    answer->answer = make_answer (self, shape);
  }
  return answer->answer;
}

static gboolean
accepts_shape (GstPcapIndexQuery * self, const GstPcapShape * shape,
    Keys * keys)
{
  switch (get_answer (self, shape)) {
    case NEVER:
      return FALSE;
    case BY_KEYS:
      return gst_pcap_run_accepts (get_run (self, shape->link_type), shape,
          ask_record, keys);
    default:
      return TRUE;
  }
}

static gboolean
accepts_times (GstPcapIndexQuery * self, const GstPcapIndexRecord * record)
{
  if (record->flags & GST_PCAP_RECORD_UNTIMED)
    return TRUE;
  return !(GST_CLOCK_TIME_IS_VALID (self->start) && record->last < self->start)
      && !(GST_CLOCK_TIME_IS_VALID (self->stop) && record->first > self->stop);
}

gboolean
gst_pcap_index_query_accepts (GstPcapIndexQuery * self, const guint8 * block,
    const GstPcapIndexRecord * record, gsize shapes_at, gsize bloom_at)
{
  Keys keys = { block + bloom_at, record->bloom_length, record->flags };

  if ((record->flags & ~KNOWN_FLAGS) != 0)
    return TRUE;
  if (!accepts_times (self, record))
    return FALSE;
  if (self->filter == NULL || (record->flags & GST_PCAP_RECORD_OPAQUE)
      || record->n_shapes == 0)
    return TRUE;
  for (guint32 i = 0; i < record->n_shapes; i++) {
    GstPcapShape shape;

    gst_pcap_index_block_read_shape (block, shapes_at, i, &shape);
    if (accepts_shape (self, &shape, &keys))
      return TRUE;
  }
  return FALSE;
}
