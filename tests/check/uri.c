/* afringsrc by a URI.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <string.h>

static GstElement *
make (const gchar * uri, GError ** error)
{
  GstElement *element = gst_element_make_from_uri (GST_URI_SRC, uri, NULL,
      error);

  return element != NULL ? gst_object_ref_sink (element) : NULL;
}

static void
check_settings (GstElement * element)
{
  g_autofree gchar *interface = NULL, *filter = NULL;
  gboolean promiscuous;
  guint block_count;
  guint64 max_evicted_bytes;

  g_object_get (element, "interface", &interface, "filter", &filter,
      "promiscuous", &promiscuous, "block-count", &block_count,
      "max-evicted-bytes", &max_evicted_bytes, NULL);
  assert_equals_string (interface, "eth0.7");
  assert_equals_string (filter, "udp port 5004 and src host 10.0.0.1 or "
      "ip[6:2] & 0x1fff != 0");
  fail_unless (promiscuous);
  fail_unless_equals_int (block_count, 8);
  fail_unless_equals_uint64 (max_evicted_bytes, 0);
}

/* What a URI sets, and what the element gives as its own sets the same. */
GST_START_TEST (test_settings)
{
  g_autoptr (GError) error = NULL;
  GstElement *element = make ("afring://eth0.7?promiscuous=true&filter=udp%20port"
      "%205004%20and%20src%20host%2010.0.0.1%20or%20ip%5b6:2%5d%20%26%200x1fff%20"
      "%21%3d%200&block-count=8&max-evicted-bytes=0", &error);
  g_autofree gchar *uri = NULL;
  GstElement *again;

  fail_unless (element != NULL, "%s", error ? error->message : "");
  assert_equals_string (GST_OBJECT_NAME (gst_element_get_factory (element)),
      "afringsrc");
  check_settings (element);
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  again = make (uri, &error);
  fail_unless (again != NULL, "%s: %s", uri, error ? error->message : "");
  check_settings (again);
  gst_object_unref (again);
  gst_object_unref (element);
}
GST_END_TEST

/* No interface is the default one; what is not said stays. */
GST_START_TEST (test_plain)
{
  static const gchar *const uris[] = { "afring://", "afring:///", "afring://any" };
  GstElement *element = make (uris[__i__], NULL);
  g_autofree gchar *interface = NULL;
  guint block_count;

  fail_unless (element != NULL);
  g_object_get (element, "interface", &interface, "block-count", &block_count,
      NULL);
  fail_unless (g_strcmp0 (interface, __i__ == 2 ? "any" : NULL) == 0);
  fail_unless_equals_int (block_count, 64);
  gst_object_unref (element);
}
GST_END_TEST

/* What is wrong is named, and nothing of it is set. */
GST_START_TEST (test_wrong)
{
  static const struct
  {
    const gchar *uri, *part;
    gint code;
  } rows[] = {
    {"afring://lo?nonsense=1", "nonsense", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?name=x", "name", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?stats=x", "stats", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?interface=eth0", "interface", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?block-count=many", "block-count", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?snaplen=100&block-count=0", "block-count",
        GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo?promiscuous", "promiscuous", GST_URI_ERROR_BAD_REFERENCE},
    {"afring://lo/path", "afring://INTERFACE", GST_URI_ERROR_BAD_URI},
    {"afring://lo:80", "afring://INTERFACE", GST_URI_ERROR_BAD_URI},
    {"afring://me@lo", "afring://INTERFACE", GST_URI_ERROR_BAD_URI},
    {"afring://lo#x", "afring://INTERFACE", GST_URI_ERROR_BAD_URI},
  };
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_check_setup_element ("afringsrc");
  g_autofree gchar *interface = NULL;
  guint snaplen;

  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (element),
          rows[__i__].uri, &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, rows[__i__].code), "%s",
      error->message);
  fail_unless (strstr (error->message, rows[__i__].part) != NULL, "%s",
      error->message);
  g_object_get (element, "interface", &interface, "snaplen", &snaplen, NULL);
  fail_unless (interface == NULL);
  fail_unless_equals_int (snaplen, 262144);
  gst_check_teardown_element (element);
}
GST_END_TEST

static Suite *
uri_suite (void)
{
  Suite *suite = suite_create ("uri");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_settings);
  tcase_add_loop_test (tc, test_plain, 0, 3);
  tcase_add_loop_test (tc, test_wrong, 0, 11);
  return suite;
}

GST_CHECK_MAIN (uri)
