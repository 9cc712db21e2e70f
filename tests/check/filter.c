/* Filters: what compiles, what the automatic parts let pass, what runs where.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/check/gstcheck.h>
#include <pcap/pcap.h>

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

/* Runs the kernel's program in user space. It must not ask for ancillary data,
 * so the section for the direction, three instructions on lo, is left out. */
static guint
run (GstCaptureFilter * filter, const gchar * bytes, gsize length)
{
  const struct sock_fprog *program = gst_capture_filter_get_program (filter);
  const guint skip = 3;

  fail_unless (program->len > skip);
  fail_unless_equals_int (program->filter[skip - 1].code, BPF_RET | BPF_K);
  return bpf_filter ((const struct bpf_insn *) (program->filter + skip),
      (const u_char *) bytes, length, length);
}

#define RUN(filter, bytes) run (filter, bytes, sizeof (bytes) - 1)

GST_START_TEST (test_ip_only)
{
  GstCaptureFilter *filter = make ("lo", NULL, TRUE, NULL);

  fail_unless (filter != NULL);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), 96);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x86\xdd\x60"), 96);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\x06" IP), 0);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x81\0\0\x64\x08\0" IP), 96);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\xa8\0\x01\x81\0\0\x64\x08\0" IP), 96);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x91\0\0\1\x88\xa8\0\x01\x81\0\0\x64\x86\xdd\x60"), 96);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x81\0\0\x64\x08\x06" IP),
      0);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x64\x11\0\0\x01\0\x10\0\x21" IP), 96);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x64\x11\0\0\x01\0\x10\xc0\x21" IP), 0);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x81\0\0\x64\x88\x64\x11\0\0\x01\0\x10\0\x57\x60"), 96);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x47\0\x01\0\x40\0\x01\x01\x40" IP), 96);
  fail_unless_equals_int (RUN (filter,
          ADDRESSES "\x88\x47\0\x01\x01\x40\0\0\0\0"), 0);
  gst_capture_filter_unref (filter);
}
GST_END_TEST

GST_START_TEST (test_sections_and)
{
  GstCaptureFilter *filter = make ("lo", "udp port 5004", TRUE, NULL);

  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), 96);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\x06" IP), 0);
  gst_capture_filter_unref (filter);

  filter = make ("lo", "udp port 5005", TRUE, NULL);
  fail_unless_equals_int (RUN (filter, ADDRESSES "\x08\0" IP), 0);
  gst_capture_filter_unref (filter);
}
GST_END_TEST

GST_START_TEST (test_match)
{
  GstCaptureFilter *filter = make ("lo", "vlan 100 and udp", FALSE, NULL);
  const gchar tagged[] = ADDRESSES "\x81\0\0\x64\x08\0" IP;
  const gchar untagged[] = ADDRESSES "\x08\0" IP;

  fail_unless (gst_capture_filter_is_user_space (filter));
  fail_unless (gst_capture_filter_match (filter, (const guint8 *) tagged,
          sizeof (tagged) - 1, sizeof (tagged) - 1));
  fail_if (gst_capture_filter_match (filter, (const guint8 *) untagged,
          sizeof (untagged) - 1, sizeof (untagged) - 1));
  /* the kernel lets all pass, and whole */
  fail_unless (RUN (filter, untagged) > 262144);
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
    {"lo", "vlan", TRUE},
    {"any", "udp port 5004 and host 10.0.0.1", FALSE},
    {"any", "ip6 and tcp", FALSE},
    {"any", "inbound", FALSE},
    {"any", "greater 1000", TRUE},      /* counts the made header */
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
  tcase_add_test (tc, test_match);
  tcase_add_test (tc, test_where);
  tcase_add_test (tc, test_errors);
  return suite;
}

GST_CHECK_MAIN (filter)
