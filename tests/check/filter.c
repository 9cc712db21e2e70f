/* Filters: what compiles, what the automatic parts let pass, what runs where.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/check/gstcheck.h>

#define ADDRESSES "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
#define IP "\x45\0\0\x14\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02" \
    "\x03\xe8\x13\x8c\0\x08\0\0"

/* "any" and lo exist in every namespace. */
static GstCaptureLink *
get_link (const gchar * name)
{
  g_autoptr (GError) error = NULL;
  GstCaptureLink *link = gst_capture_link_new (name, &error);

  fail_unless (link != NULL, "%s", error ? error->message : "");
  return link;
}

static GstCaptureFilter *
make (const gchar * name, const gchar * expression, gboolean ip_only,
    GError ** error)
{
  g_autoptr (GstCaptureLink) link = get_link (name);
  GstCaptureFilterSpec spec = {.link = link,.ip_only = ip_only,
    .expression = expression,.snaplen = 96,
    /* loopback's own section would read what only the kernel has */
    .direction = GST_CAPTURE_DIRECTION_INOUT
  };

  return gst_capture_filter_new (&spec, error);
}

/* For a link that is no interface. */
static GstCaptureFilter *
make_for (const gchar * name, const gchar * expression, gboolean in_user_space)
{
  g_autoptr (GstCaptureLink) link = gst_capture_link_new_virtual (name,
      GST_CAPTURE_LINK_TYPE_ETHERNET);
  g_autoptr (GError) error = NULL;
  GstCaptureFilterSpec spec = {.link = link,.expression = expression,
    .snaplen = 96,.in_user_space = in_user_space
  };
  GstCaptureFilter *filter = gst_capture_filter_new (&spec, &error);

  fail_unless (filter != NULL, "%s: %s", expression,
      error ? error->message : "");
  return filter;
}

/* Runs the kernel's program over a received packet as the kernel shows it. */
static gboolean
run (GstCaptureFilter * filter, const gchar * bytes, gsize length)
{
  GstBpfPacket packet;

  gst_packet_bpf_init (&packet, GST_CAPTURE_LINK_TYPE_ETHERNET,
      (const guint8 *) bytes, length, length);
  packet.packet_type = GST_PACKET_TYPE_HOST;
  packet.interface = 1;
  packet.known |= GST_BPF_KNOWS_PACKET_TYPE | GST_BPF_KNOWS_INTERFACE;
  return gst_capture_filter_match_kernel (filter, &packet) == GST_BPF_ACCEPT;
}

#define RUN(filter, bytes) run (filter, bytes, sizeof (bytes) - 1)

GST_START_TEST (test_ip_only)
{
  GstCaptureFilter *filter = make ("lo", NULL, TRUE, NULL);

  fail_unless (filter != NULL);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), TRUE);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x86\xdd\x60"), TRUE);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\x06" IP), FALSE);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x81\0\0\x64\x08\0" IP), TRUE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\xa8\0\x01\x81\0\0\x64\x08\0" IP), TRUE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x91\0\0\1\x88\xa8\0\x01\x81\0\0\x64\x86\xdd\x60"), TRUE);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x81\0\0\x64\x08\x06" IP),
      FALSE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x64\x11\0\0\x01\0\x10\0\x21" IP), TRUE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x64\x11\0\0\x01\0\x10\xc0\x21" IP), FALSE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x81\0\0\x64\x88\x64\x11\0\0\x01\0\x10\0\x57\x60"), TRUE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x47\0\x01\0\x40\0\x01\x01\x40" IP), TRUE);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x47\0\x01\x01\x40\0\0\0\0"), FALSE);
  gst_capture_filter_unref (filter);
}
GST_END_TEST

GST_START_TEST (test_sections_and)
{
  GstCaptureFilter *filter = make ("lo", "udp port 5004", TRUE, NULL);

  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), TRUE);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\x06" IP), FALSE);
  gst_capture_filter_unref (filter);

  filter = make ("lo", "udp port 5005", TRUE, NULL);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), FALSE);
  gst_capture_filter_unref (filter);
}
GST_END_TEST

/* The same packet with its tag beside the bytes, as it is received, and in them, as
 * it is sent. */
static gboolean
run_tagged (GstCaptureFilter * filter, const gchar * bytes, gsize length,
    gboolean received)
{
  GstBpfPacket packet;

  gst_packet_bpf_init (&packet, GST_CAPTURE_LINK_TYPE_ETHERNET,
      (const guint8 *) bytes, length, length);
  if (received)
    gst_packet_bpf_hide_tag (&packet, GST_CAPTURE_LINK_TYPE_ETHERNET);
  packet.packet_type = received ? GST_PACKET_TYPE_HOST :
      GST_PACKET_TYPE_OUTGOING;
  packet.interface = 3;
  packet.known |= GST_BPF_KNOWS_PACKET_TYPE | GST_BPF_KNOWS_INTERFACE;
  return gst_capture_filter_match_kernel (filter, &packet) == GST_BPF_ACCEPT
      && gst_capture_filter_match_rest (filter, &packet) == GST_BPF_ACCEPT;
}

/* As a live capture of libpcap has it: a received tag is beside the bytes, and
 * `vlan` moves what follows it only where the tag is in them. */
GST_START_TEST (test_tags)
{
  static const gchar plain[] = ADDRESSES "\x08\0" IP;
  static const gchar tagged[] = ADDRESSES "\x81\0\0\x64\x08\0" IP;
  static const gchar twice[] =
      ADDRESSES "\x88\xa8\0\x64\x81\0\0\xc8\x08\0" IP;
  static const struct
  {
    const gchar *expression;
    /* not tagged; tagged with 100, received and sent; twice, 100 and 200 */
    gboolean plain, received, sent, received_twice, sent_twice;
  } rows[] = {
    {"udp", TRUE, TRUE, FALSE, FALSE, FALSE},
    {"vlan", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"vlan 100", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"vlan 0x64", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"vlan (100)", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"vlan 200", FALSE, FALSE, FALSE, FALSE, FALSE},
    {"not vlan", TRUE, FALSE, FALSE, FALSE, FALSE},
    {"vlan and udp", FALSE, TRUE, TRUE, FALSE, FALSE},
    {"vlan&&udp port 5004", FALSE, TRUE, TRUE, FALSE, FALSE},
    {"vlan and vlan", FALSE, FALSE, FALSE, TRUE, TRUE},
    {"vlan 100 and vlan 200 and udp", FALSE, FALSE, FALSE, TRUE, TRUE},
    {"vlan 100 and vlan 100", FALSE, FALSE, FALSE, FALSE, FALSE},
    {"udp or vlan 200", TRUE, TRUE, FALSE, FALSE, FALSE},
    {"vlan 7 or udp", FALSE, TRUE, TRUE, FALSE, FALSE},
    {"ether proto 0x8100", FALSE, FALSE, TRUE, TRUE, FALSE},
    {"inbound and vlan", FALSE, TRUE, FALSE, TRUE, FALSE},
    {"outbound", FALSE, FALSE, TRUE, FALSE, TRUE},
    {"vlan and not inbound", FALSE, FALSE, TRUE, FALSE, TRUE},
    {"ifindex 3", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"ifindex 4 or vlan 100", FALSE, TRUE, TRUE, TRUE, TRUE},
    {"len = 46", FALSE, FALSE, TRUE, TRUE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    for (gint in_user_space = 0; in_user_space < 2; in_user_space++) {
      GstCaptureFilter *filter = make_for ("any-name", rows[i].expression,
          in_user_space);

      fail_unless (gst_capture_filter_is_user_space (filter) == in_user_space,
          "%s", rows[i].expression);
#define CHECK(bytes, received, expected) \
      fail_unless (run_tagged (filter, bytes, sizeof (bytes) - 1, received) \
          == (expected), "%s over %s", rows[i].expression, #bytes #received)
      CHECK (tagged, TRUE, rows[i].received);
      CHECK (tagged, FALSE, rows[i].sent);
      CHECK (twice, TRUE, rows[i].received_twice);
      CHECK (twice, FALSE, rows[i].sent_twice);
#undef CHECK
      fail_unless (run (filter, plain, sizeof (plain) - 1) == rows[i].plain
          || in_user_space, "%s over plain", rows[i].expression);
      gst_capture_filter_unref (filter);
    }
  }
}
GST_END_TEST

/* A verdict says why it is none. */
GST_START_TEST (test_verdicts)
{
  static const gchar bytes[] = ADDRESSES "\x08\0" IP;
  GstCaptureFilter *filter = make_for ("x", "udp port 5004", TRUE);
  GstBpfPacket packet;

  gst_packet_bpf_init (&packet, GST_CAPTURE_LINK_TYPE_ETHERNET,
      (const guint8 *) bytes, 20, sizeof (bytes) - 1);
  fail_unless_equals_int (gst_capture_filter_match_rest (filter, &packet),
      GST_BPF_CUT);
  packet.wire_length = 20;
  fail_unless_equals_int (gst_capture_filter_match_rest (filter, &packet),
      GST_BPF_REJECT);
  gst_capture_filter_unref (filter);

  filter = make_for ("x", "udp and inbound", TRUE);
  gst_packet_bpf_init (&packet, GST_CAPTURE_LINK_TYPE_ETHERNET,
      (const guint8 *) bytes, sizeof (bytes) - 1, sizeof (bytes) - 1);
  fail_unless_equals_int (gst_capture_filter_match_rest (filter, &packet),
      GST_BPF_UNKNOWN);
  gst_capture_filter_unref (filter);
}
GST_END_TEST

GST_START_TEST (test_where)
{
  static const struct
  {
    const gchar *link;
    const gchar *expression;
    gboolean user_space;
  } rows[] = {
    {"lo", "udp port 5004 and host 10.0.0.1", FALSE},
    {"lo", "vlan", FALSE},
    {"lo", "not vlan 7 and inbound or ifindex 2", FALSE},
    {"lo", "vlan and ip6 protochain 6", TRUE},
    {"any", "udp port 5004 and host 10.0.0.1", FALSE},
    {"any", "ip6 and tcp", FALSE},
    {"any", "inbound", FALSE},
    {"any", "greater 1000", FALSE},     /* without the made header */
    {"any", "ether[11] = 6", TRUE},     /* the address length, only in ours */
    {"any", "link[0:2] = 0x0800", FALSE},
    {"any", "link[0:4] = 0x08000000", TRUE},    /* more than the field */
    {"lo", "ip6 protochain 6", TRUE},   /* a loop */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    GstCaptureFilter *filter = make (rows[i].link, rows[i].expression, FALSE,
        &error);

    fail_unless (filter != NULL, "%s: %s", rows[i].expression,
        error ? error->message : "");
    fail_unless (gst_capture_filter_is_user_space (filter) ==
        rows[i].user_space, "%s on %s", rows[i].expression, rows[i].link);
    gst_capture_filter_unref (filter);
  }
}
GST_END_TEST

GST_START_TEST (test_errors)
{
  g_autoptr (GError) error = NULL;

  fail_unless (make ("lo", "udp prot 5004", FALSE, &error) == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_FILTER));
  /* libpcap's own words */
  fail_unless (strstr (error->message, "syntax error") != NULL, "%s",
      error->message);
  g_clear_error (&error);

  fail_unless (make ("lo", "ip and ip6", FALSE, &error) == NULL);
  fail_unless (strstr (error->message, "rejects all packets") != NULL, "%s",
      error->message);
  g_clear_error (&error);

  /* a message is text */
  fail_unless (make ("lo", "host \xff\xfe", FALSE, &error) == NULL);
  fail_unless (g_utf8_validate (error->message, -1, NULL));
  g_clear_error (&error);

  /* a token of its own only */
  fail_unless (make ("lo", "ether host vlan", FALSE, &error) == NULL);
  g_clear_error (&error);
  fail_unless (make ("any", "vlan 7", FALSE, &error) == NULL);
  fail_unless (strstr (error->message, "vlan") != NULL
      || strstr (error->message, "VLAN") != NULL, "%s", error->message);
}
GST_END_TEST

static Suite *
filter_suite (void)
{
  Suite *suite = suite_create ("filter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_ip_only);
  tcase_add_test (tc, test_sections_and);
  tcase_add_test (tc, test_tags);
  tcase_add_test (tc, test_verdicts);
  tcase_add_test (tc, test_where);
  tcase_add_test (tc, test_errors);
  return suite;
}

GST_CHECK_MAIN (filter)
