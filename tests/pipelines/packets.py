"""Packets as bytes, from the link header to the payload, and capture files.

Everything that a header says can be overridden, so that headers can lie.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import ipaddress
import itertools
import struct

IPV4, IPV6, VLAN, QINQ, OLD_QINQ = 0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100
MPLS, MPLS_MULTICAST, PPPOE = 0x8847, 0x8848, 0x8864
UDP, TCP, ICMP, ICMP6 = 17, 6, 1, 58
HOP_BY_HOP, ROUTING, FRAGMENT, AH, NO_NEXT, DESTINATION = 0, 43, 44, 51, 59, 60

MACS = bytes.fromhex('020000000002020000000001')
SOURCE4, TARGET4 = '192.0.2.1', '198.51.100.2'
SOURCE6, TARGET6 = '2001:db8::1', '2001:db8:ffff::2'
SOURCE_PORT, TARGET_PORT = 40000, 5004

identifications = itertools.count(0x1000)


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def payload(name, size=64):
    """Bytes that say which packet they are of."""
    head = name.encode() + b'|'
    return (head + bytes((len(name) * 13 + i * 7) & 0xff
                         for i in range(size)))[:max(size, len(head))]


def udp(data, source_port=SOURCE_PORT, target_port=TARGET_PORT, length=None,
        check=0):
    if length is None:
        length = 8 + len(data)
    return struct.pack('>4H', source_port, target_port, length, check) + data


def udp6(data, **options):
    """With the checksum that IPv6 wants."""
    datagram = udp(data, **options)
    check = checksum(
        ipaddress.ip_address(SOURCE6).packed +
        ipaddress.ip_address(TARGET6).packed +
        struct.pack('>II', len(datagram), UDP) + datagram) or 0xffff
    return datagram[:6] + struct.pack('>H', check) + datagram[8:]


def tcp(data, source_port=SOURCE_PORT, target_port=TARGET_PORT):
    return struct.pack('>2H2I4H', source_port, target_port, 1, 1, 0x5010, 1000,
                       0, 0) + data


def ip4(data, protocol=UDP, source=SOURCE4, target=TARGET4, options=b'',
        length=None, header_words=None, version=4, identification=None,
        offset=0, more=False, bad_checksum=False):
    assert len(options) % 4 == 0 and offset % 8 == 0
    size = 20 + len(options)
    header = struct.pack(
        '>BBHHHBBH4s4s',
        version << 4 | (size // 4 if header_words is None else header_words),
        0, size + len(data) if length is None else length,
        next(identifications) & 0xffff if identification is None
        else identification,
        (0x2000 if more else 0) | offset // 8, 64, protocol, 0,
        ipaddress.ip_address(source).packed,
        ipaddress.ip_address(target).packed) + options
    check = checksum(header) ^ (0x5555 if bad_checksum else 0)
    return header[:10] + struct.pack('>H', check) + header[12:] + data


def ip6(data, next_header=UDP, source=SOURCE6, target=TARGET6, length=None,
        version=6):
    return struct.pack(
        '>IHBB16s16s', version << 28,
        len(data) if length is None else length, next_header, 64,
        ipaddress.ip_address(source).packed,
        ipaddress.ip_address(target).packed) + data


def options6(next_header, data, units=1, length=None):
    """A hop-by-hop or destination options header of UNITS times 8 bytes."""
    pad, body = units * 8 - 2, b''
    while pad:
        size = min(pad, 255)
        body += bytes([1, size - 2]) + bytes(size - 2) if size > 1 else b'\0'
        pad -= size
    return bytes([next_header, units - 1 if length is None else length]) + \
        body + data


def routing6(next_header, data, kind=0, segments=1):
    body = struct.pack('>BBBBI', next_header, 2 * segments, kind, 0, 0)
    for number in range(segments):
        body += ipaddress.ip_address(f'2001:db8:1::{number + 1:x}').packed
    return body + data


def fragment6(next_header, data, identification, offset=0, more=False):
    assert offset % 8 == 0
    return struct.pack('>BBHI', next_header, 0, offset | (1 if more else 0),
                       identification) + data


def ah(next_header, data, words=None):
    """An authentication header with 12 bytes of check value, 24 in all."""
    return struct.pack('>BBHII', next_header, 4 if words is None else words, 0,
                       0x100, 1) + bytes(range(12)) + data


def split(data, *sizes):
    """(offset, more, piece) for pieces of these sizes and one of the rest."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append((at, True, data[at:at + size]))
        at += size
    return pieces + [(at, False, data[at:])]


def ethernet(kind, data, tags=(), pad=True):
    """TAGS are pairs of TPID and TCI, the outermost first."""
    frame = MACS
    for tpid, tci in tags:
        frame += struct.pack('>HH', tpid, tci)
    frame += struct.pack('>H', kind) + data
    # with what is in memory there, as some drivers do it
    return frame + bytes(0xee for _ in range(60 - len(frame) if pad else 0))


def mpls(data, *labels):
    return b''.join(struct.pack('>I', label << 12 |
                                (0x100 if number == len(labels) else 0) | 64)
                    for number, label in enumerate(labels, 1)) + data


def pppoe(data, protocol=b'\x00\x21', length=None):
    body = protocol + data
    return struct.pack('>BBHH', 0x11, 0, 7, len(body) if length is None
                       else length) + body


def cooked_tags(kind, tags):
    """The protocol of a cooked header, and what comes behind it for TAGS."""
    kinds = [tpid for tpid, tci in tags] + [kind]
    return kinds[0], b''.join(struct.pack('>HH', tci, behind) for (_, tci),
                              behind in zip(tags, kinds[1:]))


def sll(kind, data, tags=()):
    protocol, behind = cooked_tags(kind, tags)
    return struct.pack('>HHH8sH', 0, 1, 6, MACS[6:] + b'\0\0',
                       protocol) + behind + data


def sll2(kind, data, tags=()):
    protocol, behind = cooked_tags(kind, tags)
    return struct.pack('>HHIHBB8s', protocol, 0, 3, 1, 0, 6,
                       MACS[6:] + b'\0\0') + behind + data


class Packet:
    """NEED is yes, no or may; YES packets have a payload and a source."""

    def __init__(self, name, data, need, expected, source, wire_length=None,
                 pause=0, time=None):
        self.name, self.data, self.need = name, data, need
        self.expected, self.source = expected, source
        self.wire_length = wire_length or len(data)
        self.pause, self.time = pause, time


class Times:
    """One millisecond and some nanoseconds after the other, where a packet
    has no time of its own."""

    def __init__(self):
        self.now = 1_700_000_000_000_000_000

    def next(self, packet):
        if packet.time is not None:
            return packet.time
        self.now += 1_000_001 + packet.pause * 1_000_000_000
        return self.now


def write_pcap(path, link_type, packets):
    times = Times()
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144,
                               link_type))
        for packet in packets:
            now = times.next(packet)
            file.write(struct.pack('<IIII', now // 10**9, now % 10**9,
                                   len(packet.data), packet.wire_length))
            file.write(packet.data)


def write_pcapng(path, packets, byte_order='<'):
    """PACKETS are pairs of a link type and a packet: an interface for each
    link type, described right before its first packet."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return struct.pack(byte_order + 'II', kind, size) + body + \
            struct.pack(byte_order + 'I', size)

    times, interfaces = Times(), {}
    with open(path, 'wb') as file:
        file.write(block(0x0a0d0d0a, struct.pack(byte_order + 'IHHq',
                                                 0x1a2b3c4d, 1, 0, -1)))
        for link_type, packet in packets:
            if link_type not in interfaces:
                interfaces[link_type] = len(interfaces)
                file.write(block(1, struct.pack(
                    byte_order + 'HHIHHB3xI', link_type, 0, 0, 9, 1, 9, 0)))
            now = times.next(packet)
            file.write(block(6, struct.pack(
                byte_order + '5I', interfaces[link_type], now >> 32,
                now & 0xffffffff, len(packet.data), packet.wire_length) +
                packet.data))


def read_pcap(path):
    """(link type, Packet) of each, or None if it is not a plain file."""
    with open(path, 'rb') as file:
        data = file.read()
    for order in '<>':
        magic, = struct.unpack_from(order + 'I', data.ljust(4, b'\0'))
        if len(data) < 24 or magic not in (0xa1b2c3d4, 0xa1b23c4d):
            continue
        link_type = struct.unpack_from(order + 'I', data, 20)[0] & 0x3ffffff
        found, at = [], 24
        while at + 16 <= len(data):
            seconds, rest, size, wire = struct.unpack_from(order + '4I', data,
                                                           at)
            at += 16 + size
            if at > len(data) or size > wire:
                return None
            found.append((link_type, Packet(
                '', data[at - size:at], 'no', None, '-', wire,
                time=seconds * 10**9 + rest * (
                    1000 if magic == 0xa1b2c3d4 else 1))))
        return found if at == len(data) and link_type < 65536 else None
    return None
