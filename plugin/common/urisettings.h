/* gst-afring: properties of an element in the query of a URI
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Reads the value of one property, which it initializes for that. FALSE, with a GstURIError,
 * if a URI cannot set it, or not to that; @text can be NULL. */
typedef gboolean (*UriSettingsRead) (GObject      *element,
                                     const gchar  *name,
                                     const gchar  *text,
                                     GValue       *value,
                                     GError      **error);

/* The element is in a state in which its URI can be changed: NULL or READY. */
gboolean uri_settings_can_change (GstElement       *element);

/* Sets what the table of a query (names and values, as GstUri gives it) says: all, or
 * nothing. */
gboolean uri_settings_set        (GObject          *element,
                                  GHashTable       *query,
                                  UriSettingsRead   read,
                                  GError          **error);

/* Appends a property to the query of a URI, behind the separator, if it is not what it is by
 * default. */
void     uri_settings_append     (GString          *uri,
                                  GObject          *element,
                                  GParamSpec       *pspec,
                                  const gchar      *separator);

G_END_DECLS
