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

static const Property afringsink[] = {
  {"interface", "gchararray", "NULL"},
  {"netns", "gchararray", "NULL"},
  {"fd", "gint", "-1"},
  {"spin-time", "guint64", "0"},
  {"max-early", "guint64", "0"},
  {"on-full", "GstAfringSinkOnFull", "wait"},
  {"on-link-down", "GstAfringSinkOnLinkDown", "wait"},
  {"checksums", "GstAfringSinkChecksums", "auto"},
  {"oversize", "GstAfringSinkOversize", "segment"},
  {"qdisc-bypass", "gboolean", "false"},
  {"dst-mac", "gchararray", "NULL"},
  {"src-mac", "gchararray", "NULL"},
  {"vlan", "gint", "-1"},
  {"sync", "gboolean", "true"},
  {"max-lateness", "gint64", "-1"},
  {"ts-offset", "gint64", "0"},
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

static void
ignore (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* A value that the property refuses; FALSE if it takes all of its type. */
static gboolean
set_refused (GParamSpec * pspec, GValue * value)
{
  if (G_IS_PARAM_SPEC_INT (pspec)
      && G_PARAM_SPEC_INT (pspec)->minimum > G_MININT) {
    g_value_init (value, G_TYPE_INT);
    g_value_set_int (value, G_PARAM_SPEC_INT (pspec)->minimum - 1);
  } else if (G_IS_PARAM_SPEC_UINT (pspec)
      && G_PARAM_SPEC_UINT (pspec)->minimum > 0) {
    g_value_init (value, G_TYPE_UINT);
    g_value_set_uint (value, G_PARAM_SPEC_UINT (pspec)->minimum - 1);
  } else if (G_IS_PARAM_SPEC_UINT64 (pspec)
      && G_PARAM_SPEC_UINT64 (pspec)->minimum > 0) {
    g_value_init (value, G_TYPE_UINT64);
    g_value_set_uint64 (value, G_PARAM_SPEC_UINT64 (pspec)->minimum - 1);
  } else if (G_IS_PARAM_SPEC_UINT64 (pspec)
      && G_PARAM_SPEC_UINT64 (pspec)->maximum < G_MAXUINT64) {
    g_value_init (value, G_TYPE_UINT64);
    g_value_set_uint64 (value, G_PARAM_SPEC_UINT64 (pspec)->maximum + 1);
  } else if (G_IS_PARAM_SPEC_DOUBLE (pspec)
      && G_PARAM_SPEC_DOUBLE (pspec)->minimum > -G_MAXDOUBLE) {
    g_value_init (value, G_TYPE_DOUBLE);
    g_value_set_double (value, G_PARAM_SPEC_DOUBLE (pspec)->minimum - 1);
  } else {
    return FALSE;
  }
  return TRUE;
}

static const gchar *const factories[] = { "afringsrc", "afringmocksrc",
  "pcapsink", "pcapenc", "pcapdec", "pcapsrc", "packetfilter", "packetdecap",
  "packetdedup", "packetdepay", "flowdemux", "rtspdepay", "packetscope",
  "afringsink"
};

/* As on a line of gst-launch: a construct property whose first value is refused has
 * its default, and not zero. */
GST_START_TEST (test_refused_value)
{
  const gchar *factory = factories[__i__];
  GstElement *element;
  GObjectClass *klass;
  g_autofree GParamSpec **pspecs = NULL;
  guint n, refused = 0, warnings = 0;
  guint handler;
  g_autoptr (GstPluginFeature) feature =
      gst_registry_lookup_feature (gst_registry_get (), factory);

  /* built without cairo */
  if (feature == NULL && g_str_equal (factory, "packetscope"))
    return;
  element = gst_check_setup_element (factory);
  klass = G_OBJECT_GET_CLASS (element);
  pspecs = g_object_class_list_properties (klass, &n);
  /* a warning, of newer GLib a critical; here it ends nothing */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  handler = g_log_set_handler ("GLib-GObject",
      G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL, ignore, &warnings);
  for (guint i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT, now = G_VALUE_INIT;
    GObject *other;

    if (!(pspecs[i]->flags & G_PARAM_WRITABLE)
        || !set_refused (pspecs[i], &value))
      continue;
    refused++;
    other = g_object_new_with_properties (G_OBJECT_TYPE (element), 1,
        (const gchar *[]) { pspecs[i]->name }, &value);
    gst_object_ref_sink (other);
    g_value_init (&now, pspecs[i]->value_type);
    g_object_get_property (other, pspecs[i]->name, &now);
    fail_unless (g_param_value_defaults (pspecs[i], &now), "%s of %s",
        pspecs[i]->name, factory);
    gst_object_unref (other);
  }
  g_log_remove_handler ("GLib-GObject", handler);
  fail_unless (warnings >= refused);
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

GST_START_TEST (test_afringsink)
{
  GstElement *element = gst_check_setup_element ("afringsink");
  g_autoptr (GstStructure) stats = NULL;
  const gchar *const fields[] = { "packets-sent", "bytes-sent", "too-big",
    "too-short", "no-frame", "queue-full", "refused", "link-down", "flushed", "late",
    "outside-segment", "max-lateness", "cut", "checksummed", "segmented"
  };

  check_properties ("afringsink", afringsink);
  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats,
          "application/x-afring-sink-stats"));
  fail_unless_equals_int (gst_structure_n_fields (stats),
      G_N_ELEMENTS (fields));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    fail_unless (gst_structure_has_field_typed (stats, fields[i],
            G_TYPE_UINT64), "%s", fields[i]);
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
  tcase_add_test (tc, test_afringsink);
  tcase_add_loop_test (tc, test_refused_value, 0, G_N_ELEMENTS (factories));
  return suite;
}

GST_CHECK_MAIN (elements)
