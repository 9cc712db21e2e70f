/* gst-afring: the readers that have a packet at hand, the earliest first
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findheads.h"

typedef struct
{
  FindReader *reader;
  GstClockTime time;            /* of its packet */
  guint number;                 /* of its file */
} Head;

struct _FindHeads
{
  GArray *heads;                /* Head, a heap */
};

FindHeads *
find_heads_new (void)
{
  FindHeads *self = g_new0 (FindHeads, 1);

  self->heads = g_array_new (FALSE, FALSE, sizeof (Head));
  return self;
}

static inline Head *
get_head (FindHeads * self, guint i)
{
  return &g_array_index (self->heads, Head, i);
}

void
find_heads_clear (FindHeads * self)
{
  for (guint i = 0; i < self->heads->len; i++)
    find_reader_free (get_head (self, i)->reader);
  g_array_set_size (self->heads, 0);
}

void
find_heads_free (FindHeads * self)
{
  find_heads_clear (self);
  g_array_unref (self->heads);
  g_free (self);
}

gboolean
find_heads_is_empty (FindHeads * self)
{
  return self->heads->len == 0;
}

static inline gboolean
is_before (const Head * a, const Head * b)
{
  return a->time < b->time || (a->time == b->time && a->number < b->number);
}

static void
swap_heads (FindHeads * self, guint a, guint b)
{
  Head head = *get_head (self, a);

  *get_head (self, a) = *get_head (self, b);
  *get_head (self, b) = head;
}

static void
sift_down (FindHeads * self)
{
  guint n = self->heads->len;

  for (guint i = 0, child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && is_before (get_head (self, child + 1), get_head (self,
                child)))
      child++;
    if (!is_before (get_head (self, child), get_head (self, i)))
      return;
    swap_heads (self, i, child);
  }
}

void
find_heads_add (FindHeads * self, FindReader * reader)
{
  Head head = { reader, find_reader_get_time (reader),
    find_reader_get_file (reader)->number
  };
  guint i = self->heads->len;

  g_array_append_val (self->heads, head);
  for (; i > 0 && is_before (get_head (self, i), get_head (self, (i - 1) / 2));
      i = (i - 1) / 2)
    swap_heads (self, i, (i - 1) / 2);
}

FindReader *
find_heads_get_first (FindHeads * self)
{
  return get_head (self, 0)->reader;
}

GstClockTime
find_heads_get_time (FindHeads * self)
{
  return get_head (self, 0)->time;
}

void
find_heads_update_first (FindHeads * self)
{
  Head *head = get_head (self, 0);

  head->time = find_reader_get_time (head->reader);
  sift_down (self);
}

FindReader *
find_heads_remove_first (FindHeads * self)
{
  FindReader *reader = get_head (self, 0)->reader;

  *get_head (self, 0) = *get_head (self, self->heads->len - 1);
  g_array_set_size (self->heads, self->heads->len - 1);
  sift_down (self);
  return reader;
}

GstClockTime
find_heads_get_second_time (FindHeads * self)
{
  guint n = self->heads->len;

  if (n < 2)
    return GST_CLOCK_TIME_NONE;
  if (n > 2 && is_before (get_head (self, 2), get_head (self, 1)))
    return get_head (self, 2)->time;
  return get_head (self, 1)->time;
}
