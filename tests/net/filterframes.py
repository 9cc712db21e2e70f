"""Frames for the table of filters: all that pcap-filter(7) has a word for.

Each carries a number of its own at its end, by which it is known again behind
whatever link header it was recorded with.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import socket
import struct

MAGIC = b'\xf1\x17er\xed'
NO_NUMBER = -1

# the two ends of the pair, and nobody
VA, VB = '02:00:00:00:00:0a', '02:00:00:00:00:0b'
STRANGER = '02:00:00:00:00:cc'
BROADCAST = 'ff:ff:ff:ff:ff:ff'
MULTICAST = '01:00:5e:00:00:05'
MULTICAST6 = '33:33:00:00:00:01'
BRIDGES = '01:80:c2:00:00:00'

IP, ARP, RARP, IPV6 = 0x0800, 0x0806, 0x8035, 0x86dd
QTAG, QINQ, OLD_QINQ = 0x8100, 0x88a8, 0x9100
MPLS, PPPOED, PPPOES = 0x8847, 0x8863, 0x8864
ICMP, IGMP, TCP, UDP, ICMP6 = 1, 2, 6, 17, 58
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60


def make_mark(number):
    return MAGIC + struct.pack('>I', number)


def numbered(data, number):
    """A frame that was made with the number 0."""
    return data.replace(make_mark(0), make_mark(number))


def number_of(data):
    """Of the frame that is in the bytes; NO_NUMBER if none of ours is."""
    at = data.rfind(MAGIC)
    if at < 0 or len(data) < at + len(MAGIC) + 4:
        return NO_NUMBER
    return struct.unpack_from('>I', data, at + len(MAGIC))[0]


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def ip(protocol, data, a, b, ttl=64, options=b'', fragment=0, tos=0):
    length = 20 + len(options) + len(data)
    return struct.pack('>BBHHHBBH', 0x45 + len(options) // 4, tos, length,
                       0x1234, fragment, ttl, protocol, 0) \
        + socket.inet_aton(a) + socket.inet_aton(b) + options + data


def ip6(following, data, a, b, flow=0):
    return struct.pack('>IHBB', 0x60000000 | flow, len(data), following, 64) \
        + socket.inet_pton(socket.AF_INET6, a) \
        + socket.inet_pton(socket.AF_INET6, b) + data


def udp(a, b, data):
    return struct.pack('>HHHH', a, b, 8 + len(data), 0) + data


def tcp(a, b, flags, data):
    return struct.pack('>HHIIBBHHH', a, b, 1, 2, 0x50, flags, 512, 0, 0) + data


def extension(following, data=b'\1\4\0\0\0\0'):
    return bytes([following, (len(data) + 2) // 8 - 1]) + data


def arp(code, a, b):
    return struct.pack('>HHBBH', 1, IP, 6, 4, code) + mac(VA) \
        + socket.inet_aton(a) + bytes(6) + socket.inet_aton(b)


def ip_packets(side, mark):
    """(name, packet) from the IP header on; side 0 speaks to side 1, or back."""
    a, b = (f'10.1.0.{1 + side}', f'10.1.0.{2 - side}')
    a6, b6 = (f'fd00::{1 + side}', f'fd00::{2 - side}')
    syn, rst, psh_ack, fin, ack = 2, 4, 0x18, 1, 0x10
    padding = bytes(4)
    datagram = udp(40000, 5, mark)
    return [
        ('udp', ip(UDP, datagram, a, b)),
        ('udp back', ip(UDP, udp(5, 40000, mark), b, a)),
        ('dns', ip(UDP, udp(53, 1234, bytes(30) + mark), '192.168.7.7', a)),
        ('udp 90', ip(UDP, udp(5000, 5000, bytes(90 - 42 - len(mark)) + mark),
                      a, '10.2.3.4')),
        ('udp 106', ip(UDP, udp(5003, 9, bytes(106 - 42 - len(mark)) + mark),
                       a, b)),
        ('udp 515', ip(UDP, udp(5004, 9, bytes(515 - 42 - len(mark)) + mark),
                       a, b, ttl=1)),
        ('udp 1400', ip(UDP, udp(5005, 9, bytes(1400 - 42 - len(mark)) + mark),
                        a, b, tos=0xb8)),
        ('udp options', ip(UDP, datagram, a, b, options=b'\x94\4\0\0')),
        ('tcp syn', ip(TCP, tcp(40000, 80, syn, mark), a, b)),
        ('tcp syn ack', ip(TCP, tcp(80, 40000, syn | ack, mark), b, a)),
        ('tcp data', ip(TCP, tcp(40000, 443, psh_ack, mark), a, b)),
        ('tcp rst', ip(TCP, tcp(22, 40000, rst, mark), a, b)),
        ('tcp fin options', ip(TCP, tcp(40000, 22, fin | ack, mark), a, b,
                               options=b'\1\1\1\1\1\1\1\0')),
        ('icmp echo', ip(ICMP, b'\10\0\0\0\0\1\0\1' + mark, a, b)),
        ('icmp reply', ip(ICMP, b'\0\0\0\0\0\1\0\1' + mark, b, a)),
        ('icmp unreachable', ip(ICMP, b'\3\1' + bytes(6) + mark, b, a)),
        ('igmp', ip(IGMP, b'\x16\0\0\0\xe0\0\0\5' + mark, a, '224.0.0.5',
                    ttl=1)),
        ('sctp', ip(132, struct.pack('>HHII', 5000, 5, 0, 0) + mark, a, b)),
        ('esp', ip(50, bytes(8) + mark, a, b)),
        ('ah', ip(51, struct.pack('>BBHII', UDP, 1, 0, 1, 1) + datagram, a, b)),
        ('gre', ip(47, b'\0\0\x88\xb5' + mark, a, b)),
        ('pim', ip(103, b'\x20' + bytes(7) + mark, a, '224.0.0.13', ttl=1)),
        ('vrrp', ip(112, b'\x21' + bytes(7) + mark, a, '224.0.0.18')),
        ('ospf', ip(89, bytes(24) + mark, a, '224.0.0.5')),
        ('first fragment', ip(UDP, udp(40000, 5, padding + mark), a, b,
                              fragment=0x2000)),
        ('middle fragment', ip(UDP, padding + mark, a, b, fragment=0x2003)),
        ('last fragment', ip(UDP, padding + mark, a, b, fragment=0x0006)),
        ('not to fragment', ip(UDP, datagram, a, b, fragment=0x4000)),
        ('all hosts', ip(UDP, udp(68, 67, mark), '0.0.0.0', '255.255.255.255')),
        ('geneve', ip(UDP, udp(40000, 6081, b'\0\0\x65\x58\0\1\2\0'
                               + mac(VA) + mac(VB) + b'\x08\0'
                               + ip(UDP, udp(7, 5, mark), '10.9.9.9', b)),
                      a, b)),
        ('ip6 udp', ip6(UDP, datagram, a6, b6)),
        ('ip6 udp back', ip6(UDP, udp(5001, 40000, mark), b6, a6, flow=0xb8)),
        ('ip6 tcp syn', ip6(TCP, tcp(40000, 443, syn, mark), a6, b6)),
        ('ip6 tcp', ip6(TCP, tcp(80, 40000, psh_ack, mark), a6,
                        'fd00:0:0:1::2')),
        ('ip6 echo', ip6(ICMP6, b'\x80\0\0\0\0\1\0\1' + mark, a6, b6)),
        ('ip6 neighbours', ip6(ICMP6, b'\x87' + bytes(7) + mark, a6,
                               'ff02::1')),
        ('ip6 sctp', ip6(132, struct.pack('>HHII', 5, 5004, 0, 0) + mark, a6,
                         b6)),
        ('ip6 hop-by-hop', ip6(HOP_BY_HOP, extension(UDP) + datagram, a6, b6)),
        ('ip6 routing', ip6(ROUTING, extension(TCP)
                            + tcp(40000, 80, syn, mark), a6, b6)),
        ('ip6 two headers', ip6(HOP_BY_HOP, extension(DESTINATION)
                                + extension(UDP) + datagram, a6, b6)),
        ('ip6 fragment', ip6(FRAGMENT, struct.pack('>BBHI', UDP, 0, 1, 7)
                             + datagram, a6, b6)),
        ('ip6 later fragment', ip6(FRAGMENT, struct.pack('>BBHI', UDP, 0, 16, 7)
                                   + padding + mark, a6, b6)),
        ('ip6 none', ip6(59, mark, a6, b6)),
    ]


def frames(side, mark):
    """(name, destination, tags, EtherType, packet) of all frames of one end."""
    peer = VA if side else VB
    a, b = (f'10.1.0.{1 + side}', f'10.1.0.{2 - side}')
    packets = dict(ip_packets(side, mark))
    rows = [(name, peer, (), IPV6 if packet[0] >> 4 == 6 else IP, packet)
            for name, packet in packets.items()]
    udp4, syn4 = packets['udp'], packets['tcp syn']
    udp6, syn6 = packets['ip6 udp'], packets['ip6 tcp syn']
    llc = [('stp', BRIDGES, b'\x42\x42\3' + bytes(20)),
           ('isis', BRIDGES, b'\xfe\xfe\3\x83' + bytes(20)),
           ('ipx', peer, b'\xe0\xe0\3' + bytes(30)),
           ('netbeui', peer, b'\xf0\xf0\3' + bytes(12)),
           ('llc receive ready', peer, b'\x08\x08\1\2' + bytes(12)),
           ('snap', peer, b'\xaa\xaa\3\0\0\0\x88\xb5'),
           ('atalk', peer, b'\xaa\xaa\3\x08\0\7\x80\x9b'),
           ('aarp', peer, b'\xaa\xaa\3\0\0\0\x80\xf3')]
    label = struct.pack('>I', 100 << 12 | 0x1ff)
    upper = struct.pack('>I', 200 << 12 | 0xff)
    session = b'\x11\0\0\7' + struct.pack('>HH', 2 + len(udp4), 0x21)
    other = b'\x11\0\0\x08' + struct.pack('>HH', 2 + len(syn6), 0x57)
    rows += [(name, to, (), len(data + mark), data + mark)
             for name, to, data in llc]
    rows += [
        ('udp to all', BROADCAST, (), IP, packets['all hosts']),
        ('udp to a group', MULTICAST, (), IP,
         ip(UDP, udp(1, 5004, mark), a, '224.0.0.5')),
        ('ip6 to a group', MULTICAST6, (), IPV6, packets['ip6 neighbours']),
        ('udp of others', STRANGER, (), IP, udp4),
        ('tcp of others', STRANGER, (), IP, packets['tcp data']),
        ('arp', BROADCAST, (), ARP, arp(1, a, b) + mark),
        ('arp reply', peer, (), ARP, arp(2, '10.2.3.4', a) + mark),
        ('rarp', BROADCAST, (), RARP, arp(3, a, b) + mark),
        ('vlan 7 udp', peer, ((QTAG, 7),), IP, udp4),
        ('vlan 7 tcp', peer, ((QTAG, 7),), IP, syn4),
        ('vlan 7 dns', peer, ((QTAG, 0xe007),), IP, packets['dns']),
        ('vlan 8 udp', peer, ((QTAG, 8),), IP, packets['udp 90']),
        ('vlan 9 udp', peer, ((QTAG, 9),), IP, udp4),
        ('vlan 100 ip6', peer, ((QTAG, 100),), IPV6, udp6),
        ('vlan 100 arp', BROADCAST, ((QTAG, 100),), ARP, arp(1, a, b) + mark),
        ('vlan 0', peer, ((QTAG, 0xa000),), IP, udp4),
        ('802.1ad', peer, ((QINQ, 200),), IP, udp4),
        ('qinq', peer, ((QINQ, 200), (QTAG, 7)), IP, udp4),
        ('qinq ip6', peer, ((QINQ, 200), (QTAG, 8)), IPV6, syn6),
        ('two tags', peer, ((QTAG, 8), (QTAG, 7)), IP, syn4),
        ('old qinq', peer, ((OLD_QINQ, 7), (QTAG, 9)), IP, udp4),
        ('three tags', peer, ((QINQ, 200), (QTAG, 8), (QTAG, 7)), IP, udp4),
        ('mpls', peer, (), MPLS, label + udp4),
        ('mpls twice', peer, (), MPLS, upper + label + udp6),
        ('vlan 7 mpls', peer, ((QTAG, 7),), MPLS, label + syn4),
        ('pppoe discovery', BROADCAST, (), PPPOED, b'\x11\x09\0\0\0\4' + mark),
        ('pppoe udp', peer, (), PPPOES, session + udp4),
        ('pppoe ip6', peer, (), PPPOES, other + syn6),
        ('vlan 8 pppoe', peer, ((QTAG, 8),), PPPOES, session + udp4),
        ('lldp', BRIDGES, (), 0x88cc, bytes(16) + mark),
        ('decnet', peer, (), 0x6003, b'\x10\0\x06' + bytes(24) + mark),
        ('lat', peer, (), 0x6004, bytes(16) + mark),
        ('mop', peer, (), 0x6001, bytes(16) + mark),
        ('local', peer, (), 0x88b6, mark),
    ]
    return rows


def frame(side, row):
    """The bytes of a row of frames(), from the destination's address on."""
    _, to, tags, ethertype, packet = row
    head = mac(to) + mac(VB if side else VA)
    for tag in tags:
        head += struct.pack('>HH', *tag)
    return head + struct.pack('>H', ethertype) + packet
