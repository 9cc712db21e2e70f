/* gst-afring: a network interface to capture on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcapturelink
 * @title: GstCaptureLink
 * @short_description: a network interface to capture on
 *
 * What a capture source must know of an interface before it opens it: its
 * index, the link type of its packets and whether it is up. Looking these up
 * needs no privilege. The name `any` stands for all interfaces at once.
 */

#include "gstcapturelink-private.h"
#include "gstcaptureerror.h"

#include <errno.h>
#include <net/if_arp.h>

#define SLL2_HEADER_LENGTH 20
#define ETHERNET_HEADER_LENGTH 14
#define ANY_NAME "any"

/* ARPHRD_ numbers (linux/if_arp.h) that libc's net/if_arp.h may lack */
#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_IP6GRE
#define ARPHRD_IP6GRE 823
#endif
#ifndef ARPHRD_NONE
#define ARPHRD_NONE 0xFFFE
#endif

struct _GstCaptureLink
{
  GObject parent;

  GstNetns *netns;
  gchar *name;
  guint index;
  guint link_type;
  guint mtu;
  gboolean cooked;
  gboolean loopback;
  gboolean any;                 /* all interfaces */
};

G_DEFINE_TYPE (GstCaptureLink, gst_capture_link, G_TYPE_OBJECT)

static void
gst_capture_link_finalize (GObject * object)
{
  GstCaptureLink *self = GST_CAPTURE_LINK (object);

  gst_netns_unref (self->netns);
  g_free (self->name);
  G_OBJECT_CLASS (gst_capture_link_parent_class)->finalize (object);
}

static void
gst_capture_link_class_init (GstCaptureLinkClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_capture_link_finalize;
}

static void
gst_capture_link_init (GstCaptureLink * self)
{
  self->mtu = 65536;
}

/* Which framing the packets of a hardware type are read with. Devices whose
 * packets are bare IP are opened "cooked" (SOCK_DGRAM), which gives the packet
 * from its network header on whatever the driver puts in front of it; what
 * this table does not know is cooked too and gets an SLL2 header made of the
 * kernel's sockaddr_ll. */
static void
set_hardware_type (GstCaptureLink * self, guint hardware_type)
{
  self->cooked = FALSE;

  switch (hardware_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      self->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
      break;
    case ARPHRD_IEEE80211:
      self->link_type = GST_CAPTURE_LINK_TYPE_IEEE802_11;
      break;
    case ARPHRD_IEEE80211_PRISM:
      self->link_type = GST_CAPTURE_LINK_TYPE_IEEE802_11_PRISM;
      break;
    case ARPHRD_IEEE80211_RADIOTAP:
      self->link_type = GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP;
      break;
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE:
    case ARPHRD_RAWIP:
    case ARPHRD_NONE:
      self->link_type = GST_CAPTURE_LINK_TYPE_RAW;
      self->cooked = TRUE;
      break;
    default:
      self->link_type = GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
      self->cooked = TRUE;
      break;
  }
}

static void
set_state (GstCaptureLink * self, const GstLinkState * state)
{
  g_free (self->name);
  self->name = g_strdup (state->name);
  self->index = state->index;
  self->loopback = (state->flags & IFF_LOOPBACK) != 0;
  if (state->mtu > 0)
    self->mtu = state->mtu;
  set_hardware_type (self, state->hardware_type);
}

static void
make_any (GstCaptureLink * self)
{
  self->name = g_strdup (ANY_NAME);
  self->link_type = GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
  self->cooked = TRUE;
  self->any = TRUE;
}

/* The first interface in index order that is up and not loopback, else lo. */
static gboolean
choose (GstNetns * netns, GstLinkState * state)
{
  g_autoptr (GArray) states = gst_link_state_list (netns);

  for (guint i = 0; states != NULL && i < states->len; i++) {
    *state = g_array_index (states, GstLinkState, i);
    if ((state->flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP)
      return TRUE;
  }
  return states != NULL && gst_link_state_find (netns, "lo", state);
}

static void
set_not_found (GError ** error, GstNetns * netns, const gchar * name)
{
  gint saved_errno = errno;
  const gchar *place = netns != NULL ? gst_netns_get_name (netns) : NULL;

  if (netns != NULL && saved_errno == EPERM)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_PERMITTED,
        "The network namespace \"%s\" may not be entered: that needs CAP_SYS_ADMIN; run "
        "as root, or let somebody who may open the socket there (property fd)",
        place != NULL ? place : "of the thread that started the capture");
  else if (place != NULL)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "There is no network interface \"%s\" in the network namespace \"%s\": %s", name,
        place, g_strerror (saved_errno));
  else
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "There is no network interface \"%s\" in this network namespace: %s", name,
        g_strerror (saved_errno));
}

GstCaptureLink *
gst_capture_link_new_of_state (GstNetns * netns, const GstLinkState * state)
{
  GstCaptureLink *self = g_object_new (GST_TYPE_CAPTURE_LINK, NULL);

  self->netns = gst_netns_ref (netns);
  set_state (self, state);
  return self;
}

GstCaptureLink *
gst_capture_link_new_in (GstNetns * netns, const gchar * name, GError ** error)
{
  GstCaptureLink *self;
  GstLinkState state;

  if (g_strcmp0 (name, ANY_NAME) == 0) {
    self = g_object_new (GST_TYPE_CAPTURE_LINK, NULL);
    self->netns = gst_netns_ref (netns);
    make_any (self);
    return self;
  }
  if (name != NULL ? !gst_link_state_find (netns, name, &state) :
      !choose (netns, &state)) {
    set_not_found (error, netns, name != NULL ? name : "lo");
    return NULL;
  }
  return gst_capture_link_new_of_state (netns, &state);
}

/**
 * gst_capture_link_new:
 * @name: (nullable): name of an interface; `any` for all of them; %NULL chooses
 *   the first that is up and not loopback, else `lo`
 * @error: return location for a #GError
 *
 * Looks an interface up in the network namespace of the calling thread.
 *
 * Returns: (transfer full) (nullable): the link, or %NULL with
 *   %GST_CAPTURE_ERROR_NOT_FOUND
 */
GstCaptureLink *
gst_capture_link_new (const gchar * name, GError ** error)
{
  return gst_capture_link_new_in (NULL, name, error);
}

/**
 * gst_capture_link_new_in_netns:
 * @netns: a network namespace: a name that ip-netns(8) knows, or a path, such as
 *   `/proc/PID/ns/net`
 * @name: (nullable): as for gst_capture_link_new()
 * @error: return location for a #GError
 *
 * Looks an interface up in another network namespace. The calling thread stays where it
 * is; to enter a namespace takes CAP_SYS_ADMIN (setns(2)). A source that is opened for
 * the link captures there.
 *
 * Returns: (transfer full) (nullable): the link, or %NULL with
 *   %GST_CAPTURE_ERROR_NOT_FOUND or %GST_CAPTURE_ERROR_NOT_PERMITTED
 */
GstCaptureLink *
gst_capture_link_new_in_netns (const gchar * netns, const gchar * name,
    GError ** error)
{
  g_autoptr (GstNetns) opened = NULL;

  g_return_val_if_fail (netns != NULL, NULL);

  opened = gst_netns_new (netns, error);
  return opened != NULL ? gst_capture_link_new_in (opened, name, error) : NULL;
}

/**
 * gst_capture_link_new_virtual:
 * @name: any name
 * @link_type: LINKTYPE_ number of its packets
 *
 * Makes a link that is no interface of this machine, for sources that read a
 * file or a mock ring. Its index is 0 and it is always up.
 *
 * Returns: (transfer full): the link
 */
GstCaptureLink *
gst_capture_link_new_virtual (const gchar * name, guint link_type)
{
  GstCaptureLink *self = g_object_new (GST_TYPE_CAPTURE_LINK, NULL);

  self->name = g_strdup (name);
  self->link_type = link_type;
  return self;
}

void
gst_capture_link_make_cooked (GstCaptureLink * self)
{
  if (self->cooked)
    return;
  self->cooked = TRUE;
  self->link_type = GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
}

GstNetns *
gst_capture_link_get_netns (GstCaptureLink * self)
{
  return self->netns;
}

gboolean
gst_capture_link_get_state (GstCaptureLink * self, GstLinkState * state)
{
  if (self->index == 0) {
    errno = ENODEV;
    return FALSE;
  }
  return gst_link_state_get (self->netns, self->index, state);
}

/**
 * gst_capture_link_get_name:
 * @self: a #GstCaptureLink
 *
 * The name that it was made with.
 *
 * Returns: (transfer none): the interface's name, `any` for all
 */
const gchar *
gst_capture_link_get_name (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), NULL);

  return self->name;
}

/**
 * gst_capture_link_get_index:
 * @self: a #GstCaptureLink
 *
 * The number that the kernel has for the interface (ifindex), which can change when
 * it is removed and made again.
 *
 * Returns: the kernel's index of the interface (ifindex); 0 for `any` and for
 *   a virtual link
 */
guint
gst_capture_link_get_index (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), 0);

  return self->index;
}

/**
 * gst_capture_link_get_link_type:
 * @self: a #GstCaptureLink
 *
 * What packets of the interface begin with: a LINKTYPE_ number of tcpdump.org.
 *
 * Returns: the LINKTYPE_ number of the packets captured on the interface, as in
 *   <https://www.tcpdump.org/linktypes.html>
 */
guint
gst_capture_link_get_link_type (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), 0);

  return self->link_type;
}

/**
 * gst_capture_link_get_ip_offset:
 * @self: a #GstCaptureLink
 *
 * Bytes of the link header in front of the IP header of packets without a VLAN tag.
 *
 * Returns: bytes from the start of an untagged packet to its IP header
 */
guint8
gst_capture_link_get_ip_offset (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), 0);

  return gst_capture_link_type_get_ip_offset (self->link_type);
}

/**
 * gst_capture_link_get_mtu:
 * @self: a #GstCaptureLink
 *
 * Most bytes of a packet without its link header, as it was when the link was made.
 *
 * Returns: the interface's MTU in bytes when the link was looked up; 65536 for
 *   `any`
 */
guint
gst_capture_link_get_mtu (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), 0);

  return self->mtu;
}

/**
 * gst_capture_link_is_cooked:
 * @self: a #GstCaptureLink
 *
 * Whether packets are read from their network header on (SOCK_DGRAM, see
 * packet(7)), so that any link header in a record is a made one.
 *
 * Returns: %TRUE for `any` and for interfaces without a link header of a known
 *   kind
 */
gboolean
gst_capture_link_is_cooked (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), FALSE);

  return self->cooked;
}

/**
 * gst_capture_link_is_loopback:
 * @self: a #GstCaptureLink
 *
 * Whether it is the loopback interface, on which each packet goes out and comes in.
 *
 * Returns: %TRUE if each packet of the interface is seen twice, going out and
 *   coming in
 */
gboolean
gst_capture_link_is_loopback (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), FALSE);

  return self->loopback;
}

/**
 * gst_capture_link_is_any:
 * @self: a #GstCaptureLink
 *
 * Whether it stands for all interfaces.
 *
 * Returns: %TRUE if the link stands for all interfaces. One whose index is 0 and of
 *   which this is not so is no interface at all (gst_capture_link_new_virtual()).
 */
gboolean
gst_capture_link_is_any (GstCaptureLink * self)
{
  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), FALSE);

  return self->any;
}

/**
 * gst_capture_link_is_up:
 * @self: a #GstCaptureLink
 *
 * Asks the kernel each time, by the interface's index: one that was renamed is the
 * same. One that was looked up without a network namespace is asked for in that of the
 * calling thread.
 *
 * Returns: %TRUE if the interface is up (IFF_UP); always for `any` and for a virtual
 *   link
 */
gboolean
gst_capture_link_is_up (GstCaptureLink * self)
{
  GstLinkState state;

  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), FALSE);

  return self->index == 0 || (gst_capture_link_get_state (self, &state)
      && (state.flags & IFF_UP) != 0);
}

/**
 * gst_capture_link_get_drops:
 * @self: a #GstCaptureLink
 * @drops: (out): packets that the interface missed
 *
 * How many packets the interface itself had to give up on receiving
 * (`rx_missed_errors` and `rx_fifo_errors` of linux/if_link.h), before any capture
 * could see them, since it exists; the lowest 32 bits of it. Asks the kernel each
 * time, for this interface only.
 *
 * Returns: %FALSE if the link is no interface, or not one any more
 */
gboolean
gst_capture_link_get_drops (GstCaptureLink * self, guint32 * drops)
{
  GstLinkState state;

  g_return_val_if_fail (GST_IS_CAPTURE_LINK (self), FALSE);
  g_return_val_if_fail (drops != NULL, FALSE);

  if (!gst_capture_link_get_state (self, &state))
    return FALSE;
  *drops = (guint32) state.missed;
  return TRUE;
}

/**
 * gst_capture_link_type_get_ip_offset: (skip)
 * @link_type: a LINKTYPE_ number
 *
 * The same as gst_capture_link_get_ip_offset() for a link type by itself.
 *
 * Returns: bytes that a link header of the type has without VLAN tags; 0 if it
 *   has none or its length varies
 */
guint8
gst_capture_link_type_get_ip_offset (guint link_type)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_ETHERNET:
      return ETHERNET_HEADER_LENGTH;
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
      return SLL2_HEADER_LENGTH;
    default:
      return 0;
  }
}
