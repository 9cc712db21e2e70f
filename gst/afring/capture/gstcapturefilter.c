/* gst-afring: what passes into the ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstcapturefilter.h"
#include "gstcaptureerror.h"
#include "gstfilterexpression.h"
#include "gstfiltersections.h"

#define SLL2_HEADER_LENGTH 20
#define MAX_SNAPLEN GST_FILTER_EXPRESSION_ACCEPT

#define ANCILLARY(what) ((guint32) (SKF_AD_OFF + (what)))

struct _GstCaptureFilter
{
  gatomicrefcount refs;
  struct sock_fprog program;
  GArray *rest;                 /* what the kernel does not do; NULL: nothing */
};

/* On a cooked socket the kernel's program sees the packet from its network
 * header on; what the expression asks of the made link header is ancillary data
 * there, and that header is no part of its length, as with libpcap. FALSE if it asks for something that the kernel cannot tell. */
static gboolean
move_load (struct sock_filter *insn)
{
  static const struct
  {
    guint offset;
    guint16 code;
    gint ancillary;
  } fields[] = {
    {0, BPF_LD | BPF_H | BPF_ABS, SKF_AD_PROTOCOL},
    {4, BPF_LD | BPF_W | BPF_ABS, SKF_AD_IFINDEX},
    {10, BPF_LD | BPF_B | BPF_ABS, SKF_AD_PKTTYPE},
  };

  if (insn->k >= ANCILLARY (0))
    return TRUE;
  if (insn->k >= SLL2_HEADER_LENGTH) {
    insn->k -= SLL2_HEADER_LENGTH;
    return TRUE;
  }
  /* whole fields only */
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (insn->k == fields[i].offset && insn->code == fields[i].code) {
      insn->k = ANCILLARY (fields[i].ancillary);
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_load (const struct sock_filter *insn)
{
  guint mode = BPF_MODE (insn->code);

  return (BPF_CLASS (insn->code) == BPF_LD
      && (mode == BPF_ABS || mode == BPF_IND))
      || (BPF_CLASS (insn->code) == BPF_LDX && mode == BPF_MSH);
}

/* FALSE if the kernel cannot run the expression. */
static gboolean
append_expression (GArray * program, GArray * expression,
    gboolean has_made_header, guint32 snaplen)
{
  guint start = program->len;

  for (guint i = 0; i < expression->len; i++) {
    struct sock_filter insn =
        g_array_index (expression, struct sock_filter, i);
    /* libpcap loops over IPv6 headers (protochain); the kernel does not */
    gboolean loops = insn.code == (BPF_JMP | BPF_JA) && (gint32) insn.k < 0;

    if (insn.code == (BPF_RET | BPF_K) && insn.k != 0)
      insn.k = snaplen;
    if (loops || (has_made_header && is_load (&insn) && !move_load (&insn))) {
      g_array_set_size (program, start);
      return FALSE;
    }
    g_array_append_val (program, insn);
  }
  if (program->len <= BPF_MAXINSNS)
    return TRUE;
  g_array_set_size (program, start);
  return FALSE;
}

static gboolean
has_made_header (const GstCaptureFilterSpec * spec)
{
  return gst_capture_link_is_cooked (spec->link)
      && gst_capture_link_get_link_type (spec->link) ==
      GST_CAPTURE_LINK_TYPE_LINUX_SLL2;
}

/* What to return from the kernel's program: bytes of the packet as the socket
 * has it, which on a cooked link lacks the header that is made for it. */
static guint32
kernel_snaplen (const GstCaptureFilterSpec * spec)
{
  guint32 snaplen = MIN (spec->snaplen, MAX_SNAPLEN);

  if (has_made_header (spec))
    snaplen -= MIN (snaplen, SLL2_HEADER_LENGTH);
  return MAX (snaplen, 1);
}

static void
append_return (GArray * program, guint32 snaplen)
{
  struct sock_filter insn = { BPF_RET | BPF_K, 0, 0, snaplen };

  g_array_append_val (program, insn);
}

/* The expression, at the end of the kernel's program or as the rest. */
static gboolean
place_expression (GstCaptureFilter * self, GArray * program,
    const GstCaptureFilterSpec * spec, GError ** error)
{
  GArray *expression = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  const gchar *unknown;

  if (!gst_filter_expression_compile (spec->expression,
          gst_capture_link_get_link_type (spec->link), expression, error)) {
    g_array_unref (expression);
    return FALSE;
  }
  if (!spec->in_user_space && append_expression (program, expression,
          has_made_header (spec), kernel_snaplen (spec))) {
    g_array_unref (expression);
    return TRUE;
  }
  self->rest = expression;
  unknown = gst_bpf_unknown ((const struct sock_filter *) (gpointer)
      expression->data, expression->len);
  if (unknown == NULL) {
    /* a packet that has yet to be matched must come whole */
    append_return (program, MAX_SNAPLEN);
    return TRUE;
  }
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
      "The filter \"%s\" asks for %s, which only the kernel knows, but the "
      "kernel cannot run it", spec->expression, unknown);
  return FALSE;
}

/* Errors: GST_CAPTURE_ERROR_FILTER, with libpcap's own words. */
GstCaptureFilter *
gst_capture_filter_new (const GstCaptureFilterSpec * spec, GError ** error)
{
  GstCaptureFilter *self = g_new0 (GstCaptureFilter, 1);
  GArray *program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  gboolean ok;

  g_atomic_ref_count_init (&self->refs);
  ok = gst_filter_sections_append (program, spec, error);
  if (ok && spec->expression != NULL && spec->expression[0] != '\0')
    ok = place_expression (self, program, spec, error);
  else if (ok)
    append_return (program, kernel_snaplen (spec));

  self->program.len = program->len;
  self->program.filter =
      (struct sock_filter *) (gpointer) g_array_free (program, FALSE);
  if (!ok)
    g_clear_pointer (&self, gst_capture_filter_unref);
  return self;
}

GstCaptureFilter *
gst_capture_filter_ref (GstCaptureFilter * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_capture_filter_unref (GstCaptureFilter * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->rest, g_array_unref);
  g_free (self->program.filter);
  g_free (self);
}

const struct sock_fprog *
gst_capture_filter_get_program (GstCaptureFilter * self)
{
  return &self->program;
}

gboolean
gst_capture_filter_is_user_space (GstCaptureFilter * self)
{
  return self->rest != NULL;
}

GstBpfVerdict
gst_capture_filter_match_kernel (GstCaptureFilter * self,
    const GstBpfPacket * packet)
{
  return gst_bpf_run (self->program.filter, self->program.len, packet);
}

GstBpfVerdict
gst_capture_filter_match_rest (GstCaptureFilter * self,
    const GstBpfPacket * packet)
{
  if (self->rest == NULL)
    return GST_BPF_ACCEPT;
  return gst_bpf_run ((const struct sock_filter *) (gpointer)
      self->rest->data, self->rest->len, packet);
}
