"""Expressions of pcap-filter(7): every primitive, alone and with others.

Where tcpdump refuses one on a kind of link it has to be refused there. Not here:
"vlan and pppoes", for which libpcap 1.10 makes a program that reads what it has not
written, and "ip broadcast", which is about the interface's own address.
SPDX-License-Identifier: LGPL-2.1-or-later
"""

# what libpcap compiles, on one kind of link at least
EXPRESSIONS = [
    # protocols
    'ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'igmp',
    'pim', 'vrrp', 'esp', 'ah', 'stp', 'ipx', 'netbeui', 'iso', 'isis',
    'atalk', 'aarp', 'decnet', 'lat', 'moprc or mopdl', 'llc', 'llc s',
    'ip proto 89', 'ip6 proto 17', 'proto 132', r'ip proto \udp',
    'ether proto 0x88cc', r'ether proto \arp', 'ether proto 0x8100',
    # directions and interfaces
    'inbound', 'outbound', 'not outbound', 'inbound and udp port 5',
    'outbound and not tcp', 'inbound or icmp', 'ifindex 1', 'ifindex {first}',
    'not ifindex {first}', 'inbound and (udp port 5 or vlan)',
    'not outbound and (udp port 5 or vlan)',
    # addresses
    'host 10.1.0.1', 'src host 10.1.0.1', 'dst host 10.1.0.2',
    'host fd00::1', 'ip6 src host fd00::2', 'dst host fd00:0:0:1::2',
    'net 10.1.0.0/16', 'src net 192.168.0.0/16', 'dst net 10.2',
    'net 10.1.0.0 mask 255.255.255.254', 'net fd00::/48',
    'ip6 dst net fd00:0:0:1::/64', 'arp host 10.2.3.4',
    'src or dst host 10.2.3.4', 'src and dst net 10.1.0.0/24',
    'ether host 02:00:00:00:00:0a', 'ether src 02:00:00:00:00:0a',
    'ether dst 02:00:00:00:00:cc', 'ether broadcast', 'ether multicast',
    'broadcast', 'multicast', 'ip multicast', 'ip6 multicast',
    # ports
    'port 5', 'udp port 5', 'src port 5', 'udp dst port 5', 'tcp port 80',
    'tcp src port 22', 'sctp port 5', 'port domain', 'portrange 5000-5004',
    'udp src portrange 5001-5005', 'dst portrange 60-90',
    'ip6 and port 5', 'not port 5', 'tcp port 22 or tcp port 443',
    # lengths
    'less 90', 'less 100', 'greater 100', 'greater 515', 'len > 500',
    'len <= 105', 'greater 100 and udp', 'len = 106',
    # bytes
    'ether[0] & 1 = 1', 'ether[12:2] = 0x0800', 'ether[6:4] = 0x02000000',
    'ip[8] < 5', 'ip[0] & 0xf != 5', 'ip[6:2] & 0x1fff != 0',
    'ip[6:2] & 0x2000 != 0', 'ip[1] = 0xb8', 'ip[2:2] - 20 > 500',
    'ip6[6] = 44', 'ip6[6] = 0 or ip6[6] = 43', 'ip6[40:2] = 0x9c40',
    'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn', 'tcp[13] & 4 != 0',
    'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10.2',
    'icmp[icmptype] = icmp-echo', 'icmp[icmptype] != icmp-echoreply',
    'icmp6[icmp6type] = icmp6-echo', 'udp[4:2] > 40', 'udp[2:2] = udp[0:2]',
    'arp[6:2] = 2', 'link[0:2] = 0x0200', 'link[10] = 4', 'link[11] = 6',
    'len % 2 = 0 and ip',
    # extension headers
    'ip6 protochain 17', 'ip6 protochain 6', 'protochain 17',
    'ip protochain 17', 'not ip6 protochain 17 and ip6',
    # tags
    'vlan', 'vlan 7', 'vlan 8', 'not vlan', 'vlan 0', 'vlan and udp',
    'vlan 7 and udp port 5', 'vlan 7 or udp', 'udp or vlan 7',
    'udp port 5 or vlan', 'vlan and vlan', 'vlan 200 and vlan 7',
    'vlan 8 and vlan 7 and tcp', 'vlan and vlan 7 and udp',
    'vlan 200 and vlan 8 and vlan 7', 'vlan 9', 'vlan 9 and inbound',
    'vlan and not udp', 'not vlan 7 and udp', 'not (vlan or arp)',
    'vlan 100 and (arp or ip6)', 'vlan and outbound', 'vlan and less 80',
    'vlan and ip[8] = 64', 'vlan and ether[0] & 1 = 1',
    'vlan and host 10.1.0.1', 'vlan 4095', 'tcp or (vlan and tcp)',
    # labels and sessions
    'mpls', 'mpls 100', 'mpls 200 and mpls 100', 'mpls and udp', 'not mpls',
    'vlan 7 and mpls 100 and tcp', 'pppoed', 'pppoes', 'pppoes 7',
    'pppoes and udp port 5', 'pppoes and ip6',
    'geneve', 'geneve 258', 'geneve and udp port 5',
    # with one another
    'not ip', 'not (ip or ip6)', '!arp && !rarp', 'ip and not (tcp or udp)',
    'tcp or udp and port 5', '(tcp or udp) and port 5',
    'udp and (port 5 or portrange 5000-5003) and not host 10.2.3.4',
    'ip and greater 90 and (icmp or udp[4:2] > 50)',
    'host 10.1.0.1 or host fd00::1 or arp',
    'gateway 10.1.0.1',
]

# what nothing on the Ethernet interface matches
EMPTY = {'vlan 4095', 'ifindex 1', 'not ifindex {first}', 'link[10] = 4',
         'link[11] = 6'}

# On a link "any" and on raw IP as well: few of them are not refused there.
LEAST = {'ethernet': 140, 'any': 90, 'raw': 60}

# What the kernel cannot run: a loop over headers.
LOOPS = 'protochain'

# On "any" the kernel has no link header: what it can tell of it are the fields of
# protocol, interface and type, whole, and no others. What is in a tunnel is loaded
# from an offset that might be one of it.
ANY_ONLY_USER = {'link[11] = 6', 'ether[0] & 1 = 1',
                 'ether[12:2] = 0x0800', 'ether[6:4] = 0x02000000',
                 'geneve', 'geneve 258', 'geneve and udp port 5'}
# There tcpdump takes one byte of the header for a whole field.
ANY_LEFT_OUT = {'ether[0] & 1 = 1'}

# Expressions that are none. The words that pcap-filter(7) has are no names.
ERRORS = [
    r'\vlan', r'host \vlan', r'port \vlan', r'\vlan 7', r'vlan \7', 'vlan udp 5',
    'host', 'port', 'udp prot 5', 'vlan vlan', 'vlan 4096', 'port 65536',
    'ip[0', 'ip[3:3] = 1', 'host 10.1.0.1.2', 'net 10.1.0.1/16', '(udp', 'udp)',
    'ip and ip6', 'mpls 1048576', 'inbound outbound', 'ifindex', 'less',
    'portrange 5-', 'tcp[tcpflag] = 1', 'no such thing', 'ether host 02:00',
    'vlan and mpls and vlan', 'and', 'not',
]
