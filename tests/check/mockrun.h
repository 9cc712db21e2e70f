/* A run of afringmocksrc with synthetic packets, of which every byte is checked.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

/* Where a synthetic packet has its number, big endian. */
#define MOCK_NUMBER_AT 42

/* A buffer that downstream keeps, and its bytes as they were on arrival. */
typedef struct
{
  GstBuffer *buffer;
  gsize size;
  guint8 *copy;
} MockKept;

typedef struct _MockRun MockRun;

struct _MockRun
{
  GstElement *pipeline;
  GstElement *src;
  GstPad *pad;
  GstBus *bus;

  /* To be set before it plays. */
  guint size;                   /* of a packet */
  gint keep_every;              /* atomic, any time; 0 keeps none */
  gboolean gaps;                /* there may be packets missing */
  /* with the lock held, for each packet when it has been checked */
  void (*took) (MockRun * run, GstBuffer * buffer, guint number);
  /* without it, for each list, before it is pushed on: may block */
  void (*pushing) (MockRun * run);
  gpointer user_data;

  GMutex lock;
  GCond cond;                   /* more packets have come */
  guint n;                      /* packets that have come */
  guint next;                   /* number of the next */
  guint n_eos;
  GPtrArray *kept;              /* MockKept */
  guint8 *expected;             /* a packet, but for its number */
  gchar *wrong;                 /* the first thing that was */
};

/* Under valgrind: all is slow, and numbers are to be smaller. */
gboolean   mock_is_slow           (void);

/* "afringmocksrc packet-size=SIZE PROPERTIES ! fakesink"; packets have to come
 * without a gap. */
MockRun  * mock_run_new           (guint        size,
                                   guint        keep_every,
                                   const gchar *properties,
                                   ...) G_GNUC_PRINTF (3, 4);

void       mock_run_play          (MockRun     *run);

guint      mock_run_count         (MockRun     *run);

/* Until @n packets have come. */
void       mock_run_wait          (MockRun     *run,
                                   guint        n);

/* Until the end; all that came was right, and what was kept still is. */
void       mock_run_wait_eos      (MockRun     *run);

/* The same, with @n packets. */
void       mock_run_to_end        (MockRun     *run,
                                   guint        n);

/* Until no packet has come for a while; how many came. Fails if more than
 * @bound bytes are evicted at any time. */
guint      mock_run_wait_stall    (MockRun     *run,
                                   guint64      bound);

/* Nothing was wrong so far, and all that is kept is as it was. */
void       mock_run_check         (MockRun     *run);

/* Drops all that is kept. */
void       mock_run_let_go        (MockRun     *run);

/* The half that came first. */
void       mock_run_let_go_of_half (MockRun    *run);

/* Sets @state, which has to be quick. */
void       mock_run_set_state     (MockRun     *run,
                                   GstState     state);

/* For what the streaming thread finds: fails the test later. */
void       mock_run_blame         (MockRun     *run,
                                   const gchar *what,
                                   guint        number);

guint64    mock_run_get_stat      (MockRun     *run,
                                   const gchar *field);

void       mock_run_wait_for_stat (MockRun     *run,
                                   const gchar *field,
                                   guint64      expected);

/* Stops it and drops all but what it has kept, an array of MockKept. */
GPtrArray *mock_run_free_but_kept (MockRun     *run);

void       mock_run_free          (MockRun     *run);

void       mock_kept_check        (GPtrArray   *kept);

/* Whether the ring itself lies at @address, or pages that nobody else has. */
gboolean   mock_is_in_ring        (gconstpointer address);

/* How many mappings this process has. */
guint      mock_count_maps        (void);

G_END_DECLS
