/* gst-afring: the interfaces of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* Each file numbers its interfaces from 0 on: here is one number for all that are the
 * same. One of the same name, link type and filter in another file is the same interface,
 * and of those that are alike in one file the first is that of the other, and so on. */
typedef struct _FindInterfaces FindInterfaces;

FindInterfaces * find_interfaces_new   (void);
void             find_interfaces_free  (FindInterfaces            *self);
void             find_interfaces_clear (FindInterfaces            *self);

/* Those of one section, in a file. */
typedef struct
{
  GArray *ids;                  /* guint32: of all, by their number in the section */
  GHashTable *alike;            /* how many there are, by description */
  gboolean same;                /* all have the numbers that they have in the file */
} FindSection;

void             find_section_init     (FindSection               *self);
void             find_section_clear    (FindSection               *self);
void             find_section_begin    (FindSection               *self);

/* An interface of a section. NULL: it was described before; else an event for
 * downstream. */
GstEvent *       find_interfaces_take  (FindInterfaces            *self,
                                        FindSection               *section,
                                        const GstCaptureInterface *iface);

static inline guint32
find_section_get_id (const FindSection * self, guint32 number)
{
  return number < self->ids->len ? g_array_index (self->ids, guint32,
      number) : number;
}

G_END_DECLS
