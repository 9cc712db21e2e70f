/* gst-afring: a mock ring that is handed over again and again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringmocksource-private.h"

#include <gst/afring/capture/gstcaptureerror.h>

struct _GstAfringMockSourceNoDrain
{
  GstAfringMockSource parent;
};

G_DEFINE_TYPE (GstAfringMockSourceNoDrain, gst_afring_mock_source_no_drain,
    GST_TYPE_AFRING_MOCK_SOURCE)

static void
gst_afring_mock_source_no_drain_class_init (GstAfringMockSourceNoDrainClass *
    klass)
{
}

static void
gst_afring_mock_source_no_drain_init (GstAfringMockSourceNoDrain * self)
{
}

/**
 * gst_afring_mock_source_no_drain_new: (skip)
 * @name: what its link is called
 * @error: return location for a #GError
 * @first_property: (nullable): name of a property to set before opening
 * @...: its value, then more names and values, then %NULL
 *
 * Makes a mock ring that is filled once and handed over again and again, and opens
 * it.
 *
 * Returns: (transfer full) (nullable): the source, or %NULL with an error of
 *   %GST_CAPTURE_ERROR
 */
GstAfringMockSourceNoDrain *
gst_afring_mock_source_no_drain_new (const gchar * name, GError ** error,
    const gchar * first_property, ...)
{
  GstAfringMockSource *self;
  va_list args;

  va_start (args, first_property);
  self = gst_afring_mock_source_new_valist
      (GST_TYPE_AFRING_MOCK_SOURCE_NO_DRAIN, name, error, first_property, args);
  va_end (args);
  return (GstAfringMockSourceNoDrain *) self;
}

/**
 * gst_afring_mock_source_no_drain_run:
 * @self: a #GstAfringMockSourceNoDrain
 * @release_interval: nanoseconds between two blocks; 0: as soon as it is read
 * @error: return location for a #GError
 *
 * Hands the blocks of a full ring over again and again, until
 * gst_afring_mock_source_done() or close.
 *
 * Returns: %FALSE with %GST_CAPTURE_ERROR_NOT_POPULATED unless every block has
 *   packets, with %GST_CAPTURE_ERROR_FAILED if there is no thread to be had
 */
gboolean
gst_afring_mock_source_no_drain_run (GstAfringMockSourceNoDrain * self,
    GstClockTime release_interval, GError ** error)
{
  GstAfringMockKernel *kernel;

  g_return_val_if_fail (GST_IS_AFRING_MOCK_SOURCE_NO_DRAIN (self), FALSE);

  kernel = gst_afring_mock_source_get_kernel (GST_AFRING_MOCK_SOURCE (self));
  if (kernel != NULL)
    return gst_afring_mock_kernel_run_endlessly (kernel, release_interval,
        error);
  g_set_error_literal (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_NOT_POPULATED,
      "A ring that is not open has no blocks that could be handed over");
  return FALSE;
}
