/* gst-afring: packets of several link types on one pad
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "decapinterfaces.h"
#include "packetdecapper.h"
#include "packetpad.h"

G_BEGIN_DECLS

/* Opens packets and pushes them, with new caps where the link type is another than
 * before. For the streaming thread. */
typedef struct
{
  PacketPad pad;
  PacketDecapper *decapper;     /* borrowed; NULL: not running */
  DecapInterfaces *interfaces;
  gint link_type;               /* of packets that come; -1: not known */
  gint said;                    /* the one in the caps of the pad; -1: none */
  GstEvent *segment;            /* comes after the caps: waits for them */
} DecapOutput;

void          decap_output_init      (DecapOutput    *self,
                                      GstPad         *pad);
void          decap_output_clear     (DecapOutput    *self);

/* A new stream, or a flush: what comes next does not go with what came before. */
void          decap_output_reset     (DecapOutput    *self,
                                      gboolean        new_stream);

/* Something else than packets is going out: caps have to be there before it. */
void          decap_output_ensure_caps (DecapOutput  *self);

/* Takes a segment, which goes on when there are caps. */
void          decap_output_push_segment (DecapOutput *self,
                                      GstEvent       *event);

/* Take what they get. */
GstFlowReturn decap_output_push      (DecapOutput    *self,
                                      GstBuffer      *buffer);
GstFlowReturn decap_output_push_list (DecapOutput    *self,
                                      GstBufferList  *list);

G_END_DECLS
