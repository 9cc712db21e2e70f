/* gst-afring: membership in a fanout group
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringfanout-private.h"

#include <errno.h>
#include <gst/afring/afring-enumtypes.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#define MAX_GROUP 65535         /* 16 bits in the argument of PACKET_FANOUT */
/* Since Linux 4.20: a group gives its members no packets that this host sends, and
 * does not count them when it takes turns. */
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

#define MODE_SHIFT 16

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

void
gst_afring_fanout_install_properties (GObjectClass * klass, guint first_id)
{
  /**
   * GstAfringSource:fanout-group:
   *
   * Number of a fanout group to join: its members, here or in other processes of the
   * network namespace, share the packets of the interface, each packet goes to one of
   * them; -1: none, all packets come here.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_FANOUT_GROUP,
      g_param_spec_int ("fanout-group", "Fanout group",
          "Number of a fanout group to join: its members, here or in other "
          "processes of the network namespace, share the packets of the "
          "interface, each packet goes to one of them; -1: none, all packets "
          "come here", GST_AFRING_FANOUT_NO_GROUP, MAX_GROUP,
          GST_AFRING_FANOUT_NO_GROUP, FLAGS));
  /**
   * GstAfringSource:fanout-mode:
   *
   * How the kernel chooses the member of the fanout group that gets a packet: by a hash
   * of its flow, in turn (load-balance), by the processor or the queue of the adapter
   * that it came on, at random, or always the first whose ring has room (rollover); the
   * same for all members.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_FANOUT_MODE,
      g_param_spec_enum ("fanout-mode", "Fanout mode",
          "How the kernel chooses the member of the fanout group that gets a "
          "packet: by a hash of its flow, in turn (load-balance), by the processor "
          "or the queue of the adapter that it came on, at random, or always the "
          "first whose ring has room (rollover); the same for all members", GST_TYPE_AFRING_FANOUT_MODE,
          GST_AFRING_FANOUT_MODE_HASH, FLAGS));
  /**
   * GstAfringSource:fanout-defrag:
   *
   * Have the kernel put IPv4 fragments together before it chooses, so that they go where
   * the rest of their flow goes; captured is the whole datagram. The same for all
   * members.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_FANOUT_DEFRAG,
      g_param_spec_boolean ("fanout-defrag", "Fanout defragmentation",
          "Have the kernel put IPv4 fragments together before it chooses, so "
          "that they go where the rest of their flow goes; captured is the "
          "whole datagram. The same for all members", FALSE, FLAGS));
  /**
   * GstAfringSource:fanout-rollover:
   *
   * Have the kernel give a packet to another member if the ring of the one that it chose
   * is full; not with fanout-mode=rollover, which is that by itself. The same for all
   * members.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_FANOUT_ROLLOVER,
      g_param_spec_boolean ("fanout-rollover", "Fanout rollover",
          "Have the kernel give a packet to another member if the ring of the "
          "one that it chose is full; not with fanout-mode=rollover, which is "
          "that by itself. The same for all members", FALSE, FLAGS));
}

void
gst_afring_fanout_set_property (GstAfringFanout * self,
    GstAfringFanoutProperty id, const GValue * value)
{
  switch (id) {
    case GST_AFRING_FANOUT_GROUP:
      self->group = g_value_get_int (value);
      break;
    case GST_AFRING_FANOUT_MODE:
      self->mode = g_value_get_enum (value);
      break;
    case GST_AFRING_FANOUT_DEFRAG:
      self->defrag = g_value_get_boolean (value);
      break;
    case GST_AFRING_FANOUT_ROLLOVER:
      self->rollover = g_value_get_boolean (value);
      break;
    case GST_AFRING_FANOUT_N:
      g_assert_not_reached ();
  }
}

void
gst_afring_fanout_get_property (const GstAfringFanout * self,
    GstAfringFanoutProperty id, GValue * value)
{
  switch (id) {
    case GST_AFRING_FANOUT_GROUP:
      g_value_set_int (value, self->group);
      break;
    case GST_AFRING_FANOUT_MODE:
      g_value_set_enum (value, self->mode);
      break;
    case GST_AFRING_FANOUT_DEFRAG:
      g_value_set_boolean (value, self->defrag);
      break;
    case GST_AFRING_FANOUT_ROLLOVER:
      g_value_set_boolean (value, self->rollover);
      break;
    case GST_AFRING_FANOUT_N:
      g_assert_not_reached ();
  }
}

gboolean
gst_afring_fanout_check (const GstAfringFanout * self, GError ** error)
{
  if (self->group == GST_AFRING_FANOUT_NO_GROUP || !self->rollover
      || self->mode != GST_AFRING_FANOUT_MODE_ROLLOVER)
    return TRUE;
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
      "fanout-rollover does not go with fanout-mode=rollover, which rolls over "
      "by itself; leave it out");
  return FALSE;
}

/* The kernel's words for the modes (linux/if_packet.h). */
static gint
get_kernel_mode (GstAfringFanoutMode mode)
{
  switch (mode) {
    case GST_AFRING_FANOUT_MODE_LOAD_BALANCE:
      return PACKET_FANOUT_LB;
    case GST_AFRING_FANOUT_MODE_CPU:
      return PACKET_FANOUT_CPU;
    case GST_AFRING_FANOUT_MODE_ROLLOVER:
      return PACKET_FANOUT_ROLLOVER;
    case GST_AFRING_FANOUT_MODE_RANDOM:
      return PACKET_FANOUT_RND;
    case GST_AFRING_FANOUT_MODE_QUEUE:
      return PACKET_FANOUT_QM;
    case GST_AFRING_FANOUT_MODE_HASH:
    default:
      return PACKET_FANOUT_HASH;
  }
}

/* EINVAL is the kernel's answer to several things (af_packet.c, fanout_add). */
static void
set_join_error (const GstAfringFanout * self, GstCaptureLink * link,
    gint saved_errno, GError ** error)
{
  const gchar *name = gst_capture_link_get_name (link);

  if (saved_errno == EINVAL && !gst_capture_link_is_up (link))
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
        "The interface %s went down", name);
  else if (saved_errno == EINVAL)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "Cannot join the fanout group %d on %s: it has members with another "
        "interface, fanout-mode, fanout-defrag or fanout-rollover; give all of "
        "them the same, or take another fanout-group", self->group, name);
  else if (saved_errno == ENOSPC)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "Cannot join the fanout group %d on %s: it has as many members as the "
        "kernel allows; take another fanout-group", self->group, name);
  else
    g_set_error (error, GST_CAPTURE_ERROR,
        saved_errno == ENOMEM ? GST_CAPTURE_ERROR_NO_MEMORY :
        GST_CAPTURE_ERROR_FAILED, "Cannot join the fanout group %d on %s: %s",
        self->group, name, g_strerror (saved_errno));
}

static gboolean
join (int fd, guint argument)
{
  return setsockopt (fd, SOL_PACKET, PACKET_FANOUT, &argument,
      sizeof (argument)) == 0;
}

gboolean
gst_afring_fanout_join (const GstAfringFanout * self, int fd,
    GstCaptureLink * link, gboolean incoming_only, GError ** error)
{
  guint argument, least;

  if (self->group == GST_AFRING_FANOUT_NO_GROUP)
    return TRUE;

  argument = (guint) self->group | get_kernel_mode (self->mode) << MODE_SHIFT;
  if (self->defrag)
    argument |= (guint) PACKET_FANOUT_FLAG_DEFRAG << MODE_SHIFT;
  if (self->rollover)
    argument |= (guint) PACKET_FANOUT_FLAG_ROLLOVER << MODE_SHIFT;
  least = argument;
  if (incoming_only)
    argument |= (guint) PACKET_FANOUT_FLAG_IGNORE_OUTGOING << MODE_SHIFT;
  /* others have made the group without that, or the kernel does not know it */
  if (!join (fd, argument) && !(errno == EINVAL && argument != least
          && join (fd, least))) {
    set_join_error (self, link, errno, error);
    return FALSE;
  }
  return TRUE;
}
