/* The contract of the elements: names, types and defaults of properties.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>

typedef struct
{
  const gchar *name;
  const gchar *type;
  const gchar *value;           /* as gst_value_serialize() writes it */
} Property;

static const Property afringsrc[] = {
  {"interface", "gchararray", "NULL"},
  {"promiscuous", "gboolean", "false"},
  {"block-size", "guint", "1048576"},
  {"block-count", "guint", "64"},
  {"block-timeout", "guint", "10"},
  {"snaplen", "guint", "262144"},
  {"snaplen-strategy", "GstCaptureSnaplenStrategy", "fixed"},
  {"filter", "gchararray", "NULL"},
  {"ip-only", "gboolean", "false"},
  {"ignore-vlans", "gboolean", "false"},
  {"layer", "GstCaptureLayer", "link"},
  {"direction", "GstCaptureDirection", "inout"},
  {"rx-hash", "gboolean", "false"},
  {"fanout-group", "gint", "-1"},
  {"fanout-mode", "GstAfringFanoutMode", "hash"},
  {"fanout-defrag", "gboolean", "false"},
  {"fanout-rollover", "gboolean", "false"},
  {"on-link-down", "GstAfringSrcOnLinkDown", "wait"},
  {"add-reference-timestamp-meta", "gboolean", "false"},
  {"num-buffers", "gint", "-1"},
  {NULL, NULL, NULL}
};

static const Property pcapsink[] = {
  {"location", "gchararray", "NULL"},
  {"format", "GstPcapSinkFormat", "auto"},
  {"timestamp-precision", "GstPcapTimestampPrecision", "nanosecond"},
  {"sync", "gboolean", "false"},
  {"enable-last-sample", "gboolean", "false"},
  {NULL, NULL, NULL}
};

static void
check_properties (const gchar * factory, const Property * properties)
{
  GstElement *element = gst_check_setup_element (factory);

  for (const Property * p = properties; p->name != NULL; p++) {
    GParamSpec *pspec =
        g_object_class_find_property (G_OBJECT_GET_CLASS (element), p->name);
    GValue value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    fail_unless (pspec != NULL, "%s has no %s", factory, p->name);
    assert_equals_string (g_type_name (pspec->value_type), p->type);
    fail_unless (g_param_spec_get_blurb (pspec) != NULL);

    g_value_init (&value, pspec->value_type);
    g_object_get_property (G_OBJECT (element), p->name, &value);
    if (G_VALUE_HOLDS_ENUM (&value)) {
      GEnumClass *klass = g_type_class_ref (pspec->value_type);

      text = g_strdup (g_enum_get_value (klass,
              g_value_get_enum (&value))->value_nick);
      g_type_class_unref (klass);
    } else {
      text = gst_value_serialize (&value);
    }
    assert_equals_string (text ? text : "NULL", p->value);
    g_value_unset (&value);
  }
  gst_check_teardown_element (element);
}

GST_START_TEST (test_afringsrc)
{
  GstElement *element = gst_check_setup_element ("afringsrc");
  g_autoptr (GstStructure) stats = NULL;

  check_properties ("afringsrc", afringsrc);
  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "application/x-afring-stats"));
  gst_check_teardown_element (element);
}
GST_END_TEST

GST_START_TEST (test_pcapsink)
{
  GstElement *element = gst_check_setup_element ("pcapsink");
  g_autoptr (GstStructure) stats = NULL;

  check_properties ("pcapsink", pcapsink);
  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats, "application/x-pcapsink-stats"));
  gst_check_teardown_element (element);
}
GST_END_TEST

static Suite *
elements_suite (void)
{
  Suite *suite = suite_create ("elements");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_afringsrc);
  tcase_add_test (tc, test_pcapsink);
  return suite;
}

GST_CHECK_MAIN (elements)
