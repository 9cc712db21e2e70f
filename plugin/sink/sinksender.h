/* gst-afring: frames out of an interface, whatever stands in the way
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "sinkbatch.h"
#include "sinkcounters.h"
#include "sinklink.h"

G_BEGIN_DECLS

typedef enum
{
  SINK_ON_FULL_WAIT,
  SINK_ON_FULL_DROP
} SinkOnFull;

typedef enum
{
  SINK_ON_LINK_DOWN_WAIT,
  SINK_ON_LINK_DOWN_ERROR,
  SINK_ON_LINK_DOWN_DROP
} SinkOnLinkDown;

/* What the element tells others of. With the thread that sends. */
typedef enum
{
  SINK_NEWS_LINK,               /* up or down, carrier or not, another MTU */
  SINK_NEWS_WAITING_FOR_LINK,   /* once each time that it is down */
  SINK_NEWS_QUEUE_STANDS,       /* packets are given up; once in a run */
  SINK_NEWS_REFUSED             /* one is; once in a run */
} SinkNews;

typedef void (*SinkNewsFunc) (SinkNews news,
                              gpointer user_data);

/* Sends batches, and knows what each error of the kernel means for them. Everything that
 * it gives up is counted. */
typedef struct _SinkSender SinkSender;

SinkSender * sink_sender_new        (SinkCounters *counters,
                                     SinkNewsFunc  news,
                                     gpointer      user_data);

void         sink_sender_free       (SinkSender *self);

SinkLink *   sink_sender_get_link   (SinkSender *self);

SinkBatch *  sink_sender_get_batch  (SinkSender *self);

void         sink_sender_set_policy (SinkSender    *self,
                                     SinkOnFull     on_full,
                                     SinkOnLinkDown on_link_down);

/* As sink_link_open(). */
gboolean     sink_sender_open       (SinkSender            *self,
                                     const GstAfringAccess *access,
                                     const gchar           *interface,
                                     gboolean               qdisc_bypass,
                                     GError               **error);

void         sink_sender_close      (SinkSender *self);

typedef enum
{
  SINK_SENDER_SENT,             /* or given up: the batch is empty */
  SINK_SENDER_UNBLOCKED,        /* what is left of the batch can still be sent */
  SINK_SENDER_FAILED            /* with an error */
} SinkSenderResult;

/* Whether something has stood in the way since that was asked last. */
gboolean     sink_sender_take_waited (SinkSender *self);

/* Sends what is in the batch. */
SinkSenderResult sink_sender_send   (SinkSender *self,
                                     GError    **error);

G_END_DECLS
