/* gst-afring: whether a source gives whole blocks on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringblocks.h"
#include "common/streamcaps.h"

#include <gst/afring/packet/gstpacketblockmeta.h>

/* Behind a tee, caps do not tell whether there is a branch that takes anything and
 * expects packets. The metas that all branches know do. */
static gboolean
are_known (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (PCAPNG_MEDIA_TYPE);
  GstQuery *query = gst_query_new_allocation (caps, FALSE);
  gboolean known = gst_pad_peer_query (pad, query)
      && gst_query_find_allocation_meta (query, GST_PACKET_BLOCK_META_API_TYPE,
      NULL);

  gst_query_unref (query);
  return known;
}

static gboolean
has_request_sinks (GstElement * element)
{
  for (GList * i = gst_element_get_pad_template_list (element); i != NULL;
      i = i->next) {
    GstPadTemplate *template = i->data;

    if (template->direction == GST_PAD_SINK
        && template->presence == GST_PAD_REQUEST)
      return TRUE;
  }
  return FALSE;
}

/* Now, or when somebody asks it for another pad. */
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
  return several || has_request_sinks (element);
}

static gboolean goes_alone (GstPad * src);

static gboolean
look_at_link (const GValue * link, GValue * alone, gpointer user_data)
{
  if (!goes_alone (g_value_get_object (link)))
    g_value_set_boolean (alone, FALSE);
  return g_value_get_boolean (alone);
}

/* Blocks are of one section. Where streams come together only packets say which
 * interface they are from. */
static gboolean
goes_alone (GstPad * src)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (src);
  GstIteratorResult result;
  GValue alone = G_VALUE_INIT;
  GstIterator *links;

  if (peer == NULL || takes_several (peer))
    return FALSE;
  links = gst_pad_iterate_internal_links (peer);
  if (links == NULL)
    return TRUE;
  g_value_init (&alone, G_TYPE_BOOLEAN);
  do {
    g_value_set_boolean (&alone, TRUE);
    result = gst_iterator_fold (links, look_at_link, &alone, NULL);
    if (result == GST_ITERATOR_RESYNC)
      gst_iterator_resync (links);
  } while (result == GST_ITERATOR_RESYNC);
  gst_iterator_free (links);
  return result != GST_ITERATOR_ERROR && g_value_get_boolean (&alone);
}

/* All that is downstream does. */
static gboolean
are_preferred (GstPad * pad, const GstCaps * wanted)
{
  return !gst_caps_is_any (wanted)
      && gst_structure_has_name (gst_caps_get_structure (wanted, 0),
      PCAPNG_MEDIA_TYPE) && goes_alone (pad) && are_known (pad);
}

GstCaps *
gst_afring_blocks_make_caps (GstAfringBlocks self, GstCaps * packets)
{
  GstCaps *caps = gst_caps_copy (packets);

  if (self != GST_AFRING_BLOCKS_NEVER)
    gst_caps_append_structure (caps,
        gst_structure_new_empty (PCAPNG_MEDIA_TYPE));
  return caps;
}

gboolean
gst_afring_blocks_are_wanted (GstAfringBlocks self, GstPad * pad,
    const GstCaps * wanted, const GstCaps * packets)
{
  return !gst_caps_can_intersect (wanted, packets)
      || (self == GST_AFRING_BLOCKS_PREFERRED && are_preferred (pad, wanted));
}
