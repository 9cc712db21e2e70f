/* afring-extcap: what it tells Wireshark before it captures
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "answers.h"

#include <errno.h>
#include <gst/afring/afring.h>
#include <gst/afring/capture/gstcapturefilter.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SNAPLEN 262144
#define ANY "any"

/* The interfaces. */

typedef struct
{
  gchar *name;
  guint flags;
  guint index;
} Interface;

static void
clear_interface (gpointer data)
{
  g_free (((Interface *) data)->name);
}

/* Braces end a value of extcap, and nothing stands for them. */
static gboolean
can_be_told (const gchar * name)
{
  return strpbrk (name, "{}") == NULL;
}

/* FALSE if it is not there any more. */
static gboolean
get_flags (int fd, const gchar * name, guint * flags)
{
  struct ifreq request;

  memset (&request, 0, sizeof (request));
  g_strlcpy (request.ifr_name, name, sizeof (request.ifr_name));
  if (ioctl (fd, SIOCGIFFLAGS, &request) < 0)
    return FALSE;
  *flags = (guint16) request.ifr_flags;
  return TRUE;
}

/* Not getifaddrs(), which has no flags of those without any address, such as tun. */
static void
add_interfaces (GArray * interfaces, const struct if_nameindex *names, int fd)
{
  for (; names->if_index != 0; names++) {
    Interface interface = { NULL, 0, names->if_index };

    if (!can_be_told (names->if_name)
        || !get_flags (fd, names->if_name, &interface.flags))
      continue;
    interface.name = g_strdup (names->if_name);
    g_array_append_val (interfaces, interface);
  }
}

/* NULL with errno. */
static GArray *
find_interfaces (void)
{
  struct if_nameindex *names = if_nameindex ();
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  GArray *interfaces = NULL;

  if (fd < 0)                   /* IPv4 can be left out of a kernel */
    fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (names != NULL && fd >= 0) {
    interfaces = g_array_new (FALSE, FALSE, sizeof (Interface));
    g_array_set_clear_func (interfaces, clear_interface);
    add_interfaces (interfaces, names, fd);
  }
  if (names != NULL)
    if_freenameindex (names);
  if (fd >= 0)
    close (fd);
  return interfaces;
}

/* Those that are up, those that are not, loopback. */
static guint
get_rank (const Interface * interface)
{
  if (interface->flags & IFF_LOOPBACK)
    return 2;
  return interface->flags & IFF_UP ? 0 : 1;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const Interface *first = a, *second = b;
  gint by_rank = (gint) get_rank (first) - (gint) get_rank (second);

  return by_rank != 0 ? by_rank : (gint) first->index - (gint) second->index;
}

static void
print_interface (const gchar * name, const gchar * display, const gchar * state)
{
  g_print ("interface {value=" EXTCAP_PREFIX "%s}{display=%s through gst-afring%s}\n",
      name, display, state);
}

int
extcap_print_interfaces (void)
{
  g_autoptr (GArray) interfaces = find_interfaces ();
  gboolean any_is_told = FALSE;

  if (interfaces == NULL) {
    g_printerr ("afring-extcap: cannot list the interfaces: %s\n",
        g_strerror (errno));
    return EXIT_FAILURE;
  }
  g_array_sort (interfaces, compare);
  g_print ("extcap {version=" VERSION "}{help=file://" DOC_DIR
      "/afring-extcap.md}{display=gst-afring}\n");
  for (guint i = 0; i < interfaces->len; i++) {
    const Interface *interface = &g_array_index (interfaces, Interface, i);

    /* behind those that are up */
    if (!any_is_told && get_rank (interface) > 0) {
      print_interface (ANY, "all interfaces", "");
      any_is_told = TRUE;
    }
    print_interface (interface->name, interface->name,
        interface->flags & IFF_UP ? "" : ", down");
  }
  if (!any_is_told)
    print_interface (ANY, "all interfaces", "");
  return EXIT_SUCCESS;
}

/* The link type. */

typedef struct
{
  guint number;
  const gchar *name;
  const gchar *display;
} Dlt;

/* All that a link can have. The numbers are those of files (LINKTYPE_). */
static const Dlt dlts[] = {
  {1, "EN10MB", "Ethernet"},
  {101, "RAW", "Raw IP"},
  {105, "IEEE802_11", "802.11"},
  {119, "PRISM_HEADER", "802.11 with a Prism header"},
  {127, "IEEE802_11_RADIO", "802.11 with a radiotap header"},
  {276, "LINUX_SLL2", "Linux cooked v2"},
};

static GstCaptureLink *
find_link (const ExtcapOptions * options, GError ** error)
{
  return options->netns != NULL ?
      gst_capture_link_new_in_netns (options->netns, options->name, error) :
      gst_capture_link_new (options->name, error);
}

int
extcap_print_dlts (const ExtcapOptions * options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaptureLink) link = find_link (options, &error);

  if (link == NULL) {
    g_printerr ("afring-extcap: %s\n", error->message);
    return EXIT_FAILURE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (dlts); i++)
    if (dlts[i].number == gst_capture_link_get_link_type (link))
      g_print ("dlt {number=%u}{name=%s}{display=%s}\n", dlts[i].number,
          dlts[i].name, dlts[i].display);
  return EXIT_SUCCESS;
}

/* What can be set. */

static const gchar config[] =
    "arg {number=0}{call=--promiscuous}{display=Promiscuous mode}{type=boolflag}"
    "{default=true}{tooltip=Also packets that are for other machines}\n"
    "arg {number=1}{call=--snaplen}{display=Bytes of a packet}{type=integer}"
    "{range=0,1073741824}{default=262144}{tooltip=What is kept of a packet; 0: all}\n"
    "arg {number=2}{call=--buffer-size}{display=Ring buffer in MiB}{type=integer}"
    "{range=1,65536}{default=64}{tooltip=Memory that the kernel writes packets into}\n"
    "arg {number=3}{call=--netns}{display=Network namespace}{type=string}"
    "{tooltip=A name that ip netns lists, or a path; the interface of the same name there "
    "is captured on}\n"
    "arg {number=4}{call=--record}{display=Record into}{type=fileselect}"
    "{mustexist=false}{group=Recording}{tooltip=A file with all packets, also those that "
    "Wireshark is too slow for}\n"
    "arg {number=5}{call=--record-size}{display=Another file after MB}{type=integer}"
    "{range=0,4294967295}{default=0}{group=Recording}{tooltip=0: not by size}\n"
    "arg {number=6}{call=--record-minutes}{display=Another file after minutes}"
    "{type=integer}{range=0,4294967295}{default=0}{group=Recording}"
    "{tooltip=0: not by time}\n"
    "arg {number=7}{call=--record-files}{display=Newest files to keep}{type=integer}"
    "{range=0,4294967295}{default=0}{group=Recording}{tooltip=0: all}\n";

int
extcap_print_config (void)
{
  g_print ("%s", config);
  return EXIT_SUCCESS;
}

/* The filter. */

/* Wireshark looks at what is printed and wants to hear that all went well, whatever the
 * filter is. */
int
extcap_check_filter (const ExtcapOptions * options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaptureLink) link = find_link (options, &error);
  GstCaptureFilterSpec spec = { link, GST_CAPTURE_DIRECTION_INOUT, FALSE, FALSE,
    options->filter, SNAPLEN, FALSE
  };
  GstCaptureFilter *filter = link != NULL ?
      gst_capture_filter_new (&spec, &error) : NULL;

  if (filter == NULL)
    g_print ("%s\n", g_strdelimit (error->message, "\r\n", ' '));
  else
    gst_capture_filter_unref (filter);
  return EXIT_SUCCESS;
}
