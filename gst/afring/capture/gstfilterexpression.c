/* gst-afring: pcap-filter(7) expressions as classic BPF
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libpcap compiles some primitives only for a handle on which a capture runs, and
 * here there is none: `vlan`, which then also looks at the tag that the kernel has
 * taken out of the bytes; and, from 1.11 on, `inbound`, `outbound` and `ifindex`. Their
 * meaning is the same with the loads that the kernel has for it (linux/filter.h), and
 * an expression can have loads at any offset. So these words are exchanged before
 * libpcap sees the expression; whether it has any is asked of its tokens, as
 * libpcap's own scanner tells them apart.
 *
 * A packet whose tag is beside the bytes, and any other, get a program each, because
 * `vlan` moves what follows it by four bytes for the latter only (pcap-filter(7),
 * gen_vlan() in libpcap's gencode.c). */

#include "gstfilterexpression.h"
#include "gstcaptureenums.h"
#include "gstcaptureerror.h"
#include "gstcapturelink.h"

#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <string.h>

#define ANCILLARY(what) ((guint32) (SKF_AD_OFF + (what)))

#define TOKEN_CHARACTERS "-_.0123456789abcdefghijklmnopqrstuvwxyz" \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

typedef struct
{
  const gchar *rest;            /* of the expression */
  GString *text;                /* what libpcap gets */
  gboolean tagged;              /* for packets whose tag is beside the bytes */
  gboolean native;              /* the link header has direction and interface */
  gboolean may_be_tagged;       /* `vlan` is about the outermost header */
  gboolean asks_for_tag;
} Rewriting;

static void
copy (Rewriting * self, gsize length)
{
  g_string_append_len (self->text, self->rest, length);
  self->rest += length;
}

static gboolean
is (const gchar * token, gsize length, const gchar * word)
{
  return strlen (word) == length && strncmp (token, word, length) == 0;
}

static gboolean
is_one_of (const gchar * token, gsize length, const gchar * const *words)
{
  for (; *words != NULL; words++)
    if (is (token, length, *words))
      return TRUE;
  return FALSE;
}

static gsize
get_token_length (const gchar * token)
{
  gsize length = strspn (token, TOKEN_CHARACTERS);

  /* an identifier ends in none of these */
  while (length > 1 && (token[length - 1] == '-' || token[length - 1] == '_'))
    length--;
  return length;
}

/* The number that can follow `vlan` and does follow `ifindex`, in parentheses or not.
 * 0 if there is none. */
static gsize
get_number_length (const gchar * rest)
{
  static const gchar *const operators[] = { "and", "or", "not", NULL };
  gsize space = strspn (rest, " \t\r\n"), length;
  const gchar *end;

  if (rest[space] == '(') {
    end = strchr (rest, ')');
    return end != NULL ? (gsize) (end - rest) + 1 : 0;
  }
  length = get_token_length (rest + space);
  if (length == 0 || is_one_of (rest + space, length, operators))
    return 0;
  return space + length;
}

static void
append_load (Rewriting * self, guint what, guint size)
{
  g_string_append_printf (self->text, "link[0x%x:%u]", ANCILLARY (what), size);
}

static void
take_vlan (Rewriting * self)
{
  gsize number = get_number_length (self->rest);

  self->asks_for_tag = TRUE;
  /* a second one is about what is behind the first */
  self->may_be_tagged = FALSE;
  g_string_append (self->text, "(");
  append_load (self, SKF_AD_VLAN_TAG_PRESENT, 1);
  g_string_append (self->text, " = 1");
  if (number > 0) {
    g_string_append (self->text, " and ");
    append_load (self, SKF_AD_VLAN_TAG, 2);
    g_string_append (self->text, " & 0xfff = ");
    copy (self, number);
  }
  g_string_append (self->text, ")");
}

static void
take_direction (Rewriting * self, const gchar * relation)
{
  g_string_append (self->text, "(");
  append_load (self, SKF_AD_PKTTYPE, 1);
  g_string_append_printf (self->text, " %s %u)", relation, PACKET_OUTGOING);
}

static void
take_interface (Rewriting * self)
{
  gsize number = get_number_length (self->rest);

  g_string_append (self->text, "(");
  append_load (self, SKF_AD_IFINDEX, 4);
  g_string_append (self->text, " = ");
  copy (self, number);
  g_string_append (self->text, ")");
}

static void
take_token (Rewriting * self, gsize length)
{
  static const gchar *const tunnels[] = { "geneve", "vxlan", "pppoes", NULL };
  const gchar *token = self->rest;

  if (is (token, length, "vlan") && self->may_be_tagged) {
    self->asks_for_tag = TRUE;
    self->may_be_tagged = FALSE;
    if (self->tagged) {
      self->rest += length;
      take_vlan (self);
      return;
    }
  } else if (is_one_of (token, length, tunnels)) {
    self->may_be_tagged = FALSE;
  } else if (!self->native && is (token, length, "inbound")) {
    self->rest += length;
    take_direction (self, "!=");
    return;
  } else if (!self->native && is (token, length, "outbound")) {
    self->rest += length;
    take_direction (self, "=");
    return;
  } else if (!self->native && is (token, length, "ifindex")) {
    self->rest += length;
    take_interface (self);
    return;
  }
  copy (self, length);
}

/* The expression for packets with their tag beside the bytes, or for all others.
 * @asks_for_tag: the two differ. */
static gchar *
rewrite (const gchar * expression, guint link_type, gboolean tagged,
    gboolean * asks_for_tag)
{
  Rewriting self = {
    .rest = expression,
    .text = g_string_new (NULL),
    .tagged = tagged,
    .native = link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2
        || link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL,
    .may_be_tagged = link_type == GST_CAPTURE_LINK_TYPE_ETHERNET,
  };

  while (*self.rest != '\0') {
    gsize length = get_token_length (self.rest);

    if (*self.rest == '\\')
      copy (&self, 1 + strcspn (self.rest + 1, " !()\n\t"));
    else if (length == 0)
      copy (&self, 1);
    else
      take_token (&self, length);
  }
  *asks_for_tag = self.asks_for_tag;
  return g_string_free (self.text, FALSE);
}

/* libpcap numbers raw IP differently from files (DLT_ against LINKTYPE_). */
static gint
link_type_to_dlt (guint link_type)
{
  return link_type == GST_CAPTURE_LINK_TYPE_RAW ? DLT_RAW : (gint) link_type;
}

/* An expression can have any bytes, and libpcap repeats some of them; a message is text. */
static void
set_error (GError ** error, const gchar * expression, const gchar * words)
{
  g_autofree gchar *what = g_utf8_make_valid (expression, -1);
  g_autofree gchar *why = g_utf8_make_valid (words, -1);

  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
      "The filter \"%s\" does not compile: %s (see pcap-filter(7))", what, why);
}

/* What libpcap does not compile only because it rejects all packets, which its
 * optimizer finds out, is NULL without an error. */
static struct bpf_program *
compile (const gchar * text, const gchar * expression, guint link_type,
    gboolean optimize, GError ** error)
{
  pcap_t *pcap = pcap_open_dead (link_type_to_dlt (link_type),
      GST_FILTER_EXPRESSION_ACCEPT);
  struct bpf_program *compiled = g_new0 (struct bpf_program, 1);
  g_autofree gchar *words = NULL;

  if (pcap_compile (pcap, compiled, text, optimize,
          PCAP_NETMASK_UNKNOWN) != 0) {
    words = g_strdup (pcap_geterr (pcap));
    if (pcap_compile (pcap, compiled, text, 0, PCAP_NETMASK_UNKNOWN) != 0)
      set_error (error, expression, words);
    else
      pcap_freecode (compiled);
    g_clear_pointer (&compiled, g_free);
  }
  pcap_close (pcap);
  return compiled;
}

/* FALSE if all packets are rejected. */
static gboolean
append_compiled (GArray * program, struct bpf_program *compiled)
{
  const struct sock_filter reject = { BPF_RET | BPF_K, 0, 0, 0 };

  if (compiled == NULL) {
    g_array_append_val (program, reject);
    return FALSE;
  }
  for (guint i = 0; i < compiled->bf_len; i++) {
    const struct bpf_insn *from = &compiled->bf_insns[i];
    struct sock_filter insn = { from->code, from->jt, from->jf, from->k };

    g_array_append_val (program, insn);
  }
  pcap_freecode (compiled);
  g_free (compiled);
  return TRUE;
}

static void
set (GArray * program, guint at, guint16 code, guint8 jt, guint8 jf, guint32 k)
{
  struct sock_filter insn = { code, jt, jf, k };

  g_array_index (program, struct sock_filter, at) = insn;
}

/* Skipped by packets with their tag in the bytes, or none. */
static void
append_choice (GArray * program, guint start, guint plain_length)
{
  set (program, start, BPF_LD | BPF_B | BPF_ABS, 0, 0,
      ANCILLARY (SKF_AD_VLAN_TAG_PRESENT));
  set (program, start + 1, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
  set (program, start + 2, BPF_JMP | BPF_JA, 0, 0, plain_length);
}

/* One program for packets as they are, and behind it, if the expression asks for a tag,
 * one for those whose tag is beside the bytes. */
static gboolean
append_programs (const gchar * expression, guint link_type, gboolean optimize,
    GArray * program, GError ** error)
{
  guint start = program->len, choice = 0;
  GError *reason = NULL;
  gboolean asks_for_tag, accepts = FALSE;
  g_autofree gchar *text = rewrite (expression, link_type, FALSE,
      &asks_for_tag);
  struct bpf_program *compiled = compile (text, expression, link_type, optimize,
      &reason);

  if (reason == NULL && asks_for_tag) {
    choice = 3;
    g_array_set_size (program, start + choice);
  }
  if (reason == NULL)
    accepts = append_compiled (program, compiled);
  if (choice > 0) {
    append_choice (program, start, program->len - start - choice);
    g_free (text);
    text = rewrite (expression, link_type, TRUE, &asks_for_tag);
    compiled = compile (text, expression, link_type, optimize, &reason);
    if (reason == NULL && append_compiled (program, compiled))
      accepts = TRUE;
  }
  if (reason == NULL && !accepts)
    set_error (&reason, expression, "expression rejects all packets");
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, reason);
  return FALSE;
}

gboolean
gst_filter_expression_compile_full (const gchar * expression, guint link_type,
    gboolean optimize, GArray * program, GError ** error)
{
  guint start = program->len;

  if (append_programs (expression, link_type, optimize, program, error))
    return TRUE;
  g_array_set_size (program, start);
  return FALSE;
}

gboolean
gst_filter_expression_compile (const gchar * expression, guint link_type,
    GArray * program, GError ** error)
{
  return gst_filter_expression_compile_full (expression, link_type, TRUE,
      program, error);
}
