/* gst-afring: what a section of pcapng says besides packets and interfaces
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sectionblocks.h"

static void
make_empty (SectionBlocks * self)
{
  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)
      g_bytes_unref);
  self->set = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  self->size = 0;
}

void
section_blocks_init (SectionBlocks * self, gsize most_bytes, guint most_blocks)
{
  make_empty (self);
  self->most_bytes = most_bytes;
  self->most_blocks = most_blocks;
  self->left_out = self->left_out_of_set = 0;
}

void
section_blocks_clear (SectionBlocks * self)
{
  g_hash_table_unref (self->set);
  g_ptr_array_unref (self->blocks);
}

void
section_blocks_forget (SectionBlocks * self)
{
  g_hash_table_remove_all (self->set);
  g_ptr_array_set_size (self->blocks, 0);
  self->size = 0;
  self->left_out_of_set = 0;
}

gboolean
section_blocks_add (SectionBlocks * self, GBytes * block)
{
  gboolean is_new = !g_hash_table_contains (self->set, block);

  if (is_new && (self->blocks->len == self->most_blocks
          || self->size + g_bytes_get_size (block) > self->most_bytes)) {
    self->left_out++;
    is_new = FALSE;
  }
  if (!is_new) {
    g_bytes_unref (block);
    return FALSE;
  }
  self->size += g_bytes_get_size (block);
  g_hash_table_add (self->set, block);
  g_ptr_array_add (self->blocks, block);
  return TRUE;
}

static void
append_block (GByteArray * out, GBytes * block)
{
  g_byte_array_append (out, g_bytes_get_data (block, NULL),
      g_bytes_get_size (block));
}

/* Those that there are, and more behind them: the usual case, as a file is read. */
static gboolean
goes_on (SectionBlocks * self, GPtrArray * blocks)
{
  if (blocks->len < self->blocks->len)
    return FALSE;
  for (guint i = 0; i < self->blocks->len; i++)
    if (g_ptr_array_index (blocks, i) != g_ptr_array_index (self->blocks, i))
      return FALSE;
  return TRUE;
}

static void
add_more (SectionBlocks * self, GPtrArray * blocks, GByteArray * added)
{
  for (guint i = self->blocks->len; i < blocks->len; i++) {
    GBytes *block = g_ptr_array_index (blocks, i);

    if (section_blocks_add (self, g_bytes_ref (block)))
      append_block (added, block);
  }
}

static void
exchange (SectionBlocks * self, GPtrArray * blocks, GByteArray * added)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->set);
  GPtrArray *owned = g_steal_pointer (&self->blocks);  /* the keys of that */

  make_empty (self);
  for (guint i = 0; i < blocks->len; i++) {
    GBytes *block = g_ptr_array_index (blocks, i);

    if (section_blocks_add (self, g_bytes_ref (block))
        && !g_hash_table_contains (before, block))
      append_block (added, block);
  }
  g_ptr_array_unref (owned);
}

void
section_blocks_set (SectionBlocks * self, GPtrArray * blocks,
    GByteArray * added)
{
  guint64 before;

  /* each of those is asked for again */
  self->left_out -= self->left_out_of_set;
  before = self->left_out;
  if (goes_on (self, blocks))
    add_more (self, blocks, added);
  else
    exchange (self, blocks, added);
  self->left_out_of_set = self->left_out - before;
}

void
section_blocks_append (const SectionBlocks * self, GByteArray * out)
{
  for (guint i = 0; i < self->blocks->len; i++)
    append_block (out, g_ptr_array_index (self->blocks, i));
}

static gpointer
ref_bytes (gconstpointer bytes, gpointer user_data)
{
  return g_bytes_ref ((GBytes *) bytes);
}

GPtrArray *
section_blocks_copy (const SectionBlocks * self)
{
  return g_ptr_array_copy (self->blocks, ref_bytes, NULL);
}
