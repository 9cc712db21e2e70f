/* gst-afring: a source that is read into a mock ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmocksource.h>

G_BEGIN_DECLS

/* A thread that adds all packets of a source to a mock source. The mock can go at any
 * time, also on that thread. */
typedef struct _GstAfringMockPipe GstAfringMockPipe;

/* @done is called on the thread when there are no more packets, if the mock is still
 * there; what it does to the mock may be the last thing. NULL if there is no thread to be
 * had. */
GstAfringMockPipe * gst_afring_mock_pipe_new   (GstAfringMockSource *mock,
                                                GstCaptureSource    *source,
                                                void (*done) (GstAfringMockSource *mock),
                                                GError             **error);

GstAfringMockPipe * gst_afring_mock_pipe_ref   (GstAfringMockPipe   *self);
void                gst_afring_mock_pipe_unref (GstAfringMockPipe   *self);

/* No more packets are wanted: a wait for one ends. */
void                gst_afring_mock_pipe_end   (GstAfringMockPipe   *self);

/* Waits until the mock is not used any more, unless on the pipe's thread. Returns the
 * error that ended it, once; NULL at the end of the source. */
GError *            gst_afring_mock_pipe_wait  (GstAfringMockPipe   *self);

G_END_DECLS
