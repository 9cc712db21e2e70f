/* gst-afring: whether a source gives whole blocks on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringblocks.h"

#include <gst/afring/packet/gstpacketblockmeta.h>

/* Behind a tee, caps do not tell whether there is a branch that takes anything and
 * expects packets. The metas that all branches know do. */
static gboolean
are_known (GstPad * pad)
{
  g_autoptr (GstCaps) caps =
      gst_caps_new_empty_simple (GST_AFRING_BLOCKS_MEDIA_TYPE);
  GstQuery *query = gst_query_new_allocation (caps, FALSE);
  gboolean known = gst_pad_peer_query (pad, query)
      && gst_query_find_allocation_meta (query, GST_PACKET_BLOCK_META_API_TYPE,
      NULL);

  gst_query_unref (query);
  return known;
}

/* The one pad on the other side of an element, or NULL if there is none or more. */
static GstPad *
get_only_link (GstPad * pad)
{
  GstIterator *links = gst_pad_iterate_internal_links (pad);
  GValue first = G_VALUE_INIT, second = G_VALUE_INIT;
  GstPad *link = NULL;

  if (links == NULL)
    return NULL;
  if (gst_iterator_next (links, &first) == GST_ITERATOR_OK) {
    if (gst_iterator_next (links, &second) == GST_ITERATOR_DONE)
      link = g_value_dup_object (&first);
    else
      g_value_reset (&second);
    g_value_reset (&first);
  }
  gst_iterator_free (links);
  return link;
}

static gboolean
takes_several (GstPad * pad)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
  gboolean several;

  if (element == NULL)          /* the inner side of a bin's pad */
    return FALSE;
  GST_OBJECT_LOCK (element);
  several = element->numsinkpads > 1;
  GST_OBJECT_UNLOCK (element);
  return several;
}

/* Blocks are of one section. Where streams come together only packets say which
 * interface they are from. */
static gboolean
goes_alone (GstPad * src)
{
  g_autoptr (GstPad) pad = gst_object_ref (src);

  while (pad != NULL) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

    if (peer == NULL || takes_several (peer))
      return FALSE;
    gst_object_unref (pad);
    pad = get_only_link (peer);
  }
  return TRUE;
}

gboolean
gst_afring_blocks_are_preferred (GstPad * pad, const GstCaps * wanted)
{
  return !gst_caps_is_any (wanted)
      && gst_structure_has_name (gst_caps_get_structure (wanted, 0),
      GST_AFRING_BLOCKS_MEDIA_TYPE) && goes_alone (pad) && are_known (pad);
}
