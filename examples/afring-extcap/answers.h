/* afring-extcap: what it tells Wireshark before it captures
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"

G_BEGIN_DECLS

/* On the standard output, in the words of extcap(4), and without GStreamer, which would
 * take its time: Wireshark asks at each start. What the program is to exit with. */
int extcap_print_interfaces (void);
int extcap_print_dlts       (const ExtcapOptions *options);
int extcap_print_config     (void);

/* Nothing, or what is wrong with the filter. */
int extcap_check_filter     (const ExtcapOptions *options);

G_END_DECLS
