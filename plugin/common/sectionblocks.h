/* gst-afring: what a section of pcapng says besides packets and interfaces
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Whole blocks, see gst_capture_section_has_block(): each once, in the order in which
 * they came, and not without end. */
typedef struct
{
  GPtrArray *blocks;            /* GBytes */
  GHashTable *set;              /* the same */
  gsize size;                   /* bytes of them */
  gsize most_bytes;
  guint most_blocks;
  guint64 left_out;             /* ever, because there were so many */
  guint64 left_out_of_set;      /* of those, by the last section_blocks_set() */
} SectionBlocks;

void        section_blocks_init   (SectionBlocks *self,
                                   gsize          most_bytes,
                                   guint          most_blocks);
void        section_blocks_clear  (SectionBlocks *self);

/* Another section. */
void        section_blocks_forget (SectionBlocks *self);

/* Takes @block. FALSE if it is there, or one too many. */
gboolean    section_blocks_add    (SectionBlocks *self,
                                   GBytes        *block);

/* All there are of a section, GBytes, in place of those before. Appends the bytes of those
 * that are new. */
void        section_blocks_set    (SectionBlocks *self,
                                   GPtrArray     *blocks,
                                   GByteArray    *added);

/* The bytes of all. */
void        section_blocks_append (const SectionBlocks *self,
                                   GByteArray    *out);

/* For an event, in which they do not change any more. */
GPtrArray * section_blocks_copy   (const SectionBlocks *self);

G_END_DECLS
