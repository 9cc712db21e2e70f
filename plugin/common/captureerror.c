/* gst-afring: errors of the library as errors of an element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "captureerror.h"

#include <gst/afring/afring.h>

static gint
error_code_of (const GError * error)
{
  if (error->domain != GST_CAPTURE_ERROR)
    return GST_RESOURCE_ERROR_FAILED;

  switch (error->code) {
    case GST_CAPTURE_ERROR_NOT_PERMITTED:
      return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case GST_CAPTURE_ERROR_NOT_FOUND:
      return GST_RESOURCE_ERROR_NOT_FOUND;
    case GST_CAPTURE_ERROR_GEOMETRY:
    case GST_CAPTURE_ERROR_FILTER:
      return GST_RESOURCE_ERROR_SETTINGS;
    case GST_CAPTURE_ERROR_NO_MEMORY:
      return GST_RESOURCE_ERROR_NO_SPACE_LEFT;
    case GST_CAPTURE_ERROR_LINK_DOWN:
      return GST_RESOURCE_ERROR_OPEN_READ;
    default:
      return GST_RESOURCE_ERROR_READ;
  }
}

void
capture_error_post_from (GstElement * element, const GError * error,
    const gchar * file, const gchar * function, gint line)
{
  gst_element_message_full (element, GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR, error_code_of (error), g_strdup (error->message),
      NULL, file, function, line);
}
