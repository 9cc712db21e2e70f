/* gst-afring: tags as comments of the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptags.h"

struct _PcapTags
{
  GstTagSetter *setter;         /* borrowed */
  GMutex lock;
  GstTagList *stream;           /* or NULL */
};

PcapTags *
pcap_tags_new (GstTagSetter * setter)
{
  PcapTags *self = g_new0 (PcapTags, 1);

  self->setter = setter;
  g_mutex_init (&self->lock);
  return self;
}

void
pcap_tags_free (PcapTags * self)
{
  gst_clear_tag_list (&self->stream);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
pcap_tags_take (PcapTags * self, GstEvent * event)
{
  GstTagList *tags, *merged;

  gst_event_parse_tag (event, &tags);
  g_mutex_lock (&self->lock);
  merged = gst_tag_list_merge (self->stream, tags, GST_TAG_MERGE_REPLACE);
  gst_clear_tag_list (&self->stream);
  self->stream = merged;
  g_mutex_unlock (&self->lock);
}

void
pcap_tags_forget_stream (PcapTags * self)
{
  g_mutex_lock (&self->lock);
  gst_clear_tag_list (&self->stream);
  g_mutex_unlock (&self->lock);
}

gchar **
pcap_tags_make_comments (PcapTags * self)
{
  static const gchar *const names[] = { GST_TAG_TITLE, GST_TAG_COMMENT };
  gchar **comments = g_new0 (gchar *, G_N_ELEMENTS (names) + 1);
  g_autoptr (GstTagList) tags = NULL;
  guint n = 0;

  g_mutex_lock (&self->lock);
  tags = gst_tag_list_merge (gst_tag_setter_get_tag_list (self->setter),
      self->stream, gst_tag_setter_get_tag_merge_mode (self->setter));
  g_mutex_unlock (&self->lock);
  for (guint i = 0; tags != NULL && i < G_N_ELEMENTS (names); i++) {
    if (gst_tag_list_get_string (tags, names[i], &comments[n]))
      n++;
  }
  return comments;
}
