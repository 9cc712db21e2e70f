#!/usr/bin/python3
"""Counts what is on an interface, or in a file, by protocol: the library without elements.

protocols.py INTERFACE [SECONDS]    (10; needs CAP_NET_RAW)
protocols.py FILE

Needs python3-gi and the library's python3-gstafring, or "meson devenv".
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections
import os
import sys
import threading

import gi
gi.require_version('GstAfring', '1.0')
from gi.repository import GLib, GstAfring

# of IANA's list of protocol numbers
NAMES = {1: 'ICMP', 2: 'IGMP', 4: 'IPv4 in it', 6: 'TCP', 17: 'UDP', 41: 'IPv6 in it',
         47: 'GRE', 50: 'ESP', 51: 'AH', 58: 'ICMPv6', 89: 'OSPF', 132: 'SCTP'}
# headers of IPv6 that another header follows, RFC 8200: 4.1
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60


def get_protocol(ip):
    """The version of IP and the protocol in it, of the bytes from the IP header on."""
    version = ip[0] >> 4 if ip else 0
    if version == 4 and len(ip) >= 20:
        return 'IPv4', ip[9]
    if version != 6 or len(ip) < 40:
        return 'no IP', None
    protocol, at = ip[6], 40
    while (protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION)
           and at + 2 <= len(ip)):
        length = 8 if protocol == FRAGMENT else 8 * (ip[at + 1] + 1)
        protocol, at = ip[at], at + length
    return 'IPv6', protocol


def open_source(where, seconds):
    if os.path.exists(where):
        return GstAfring.PcapSource.new(where)
    source = GstAfring.Source.new(where, None)
    # close() may come from any thread, and ends the loop over the packets
    timer = threading.Timer(seconds, source.close)
    timer.daemon = True
    timer.start()
    return source


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    packets, sizes = collections.Counter(), collections.Counter()
    try:
        source = open_source(sys.argv[1], float((sys.argv + ['10'])[2]))
        for packet in source:
            kind = get_protocol(bytes(packet.get_ip_layer() or ()))
            packets[kind] += 1
            sizes[kind] += packet.get_total_length()
    except GLib.Error as error:
        sys.exit(error.message)
    for (version, protocol), n in packets.most_common():
        name = '' if protocol is None else NAMES.get(protocol, protocol)
        print(f'{version:6}{name:12}{n:10} packets {sizes[version, protocol]:14} bytes')


main()
