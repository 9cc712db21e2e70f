#!/usr/bin/env python3
"""Writes captures whose payloads are known: synthetic.py FOLDER

For each link type FOLDER/NAME.pcap, and in FOLDER/all-*.pcapng all of them as
interfaces of one file, in turns. Beside each capture, NAME.expected has a line
for each packet: its number, its name, what packetdepay protocol=udp must make
of it (yes: this payload; no: nothing; may: this payload or nothing), source
address, payload in hexadecimal and capture time. A datagram in fragments stands
in the line of the fragment that completes it.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import itertools
import os
import sys

sys.dont_write_bytecode = True

from packets import *


class Capture:
    """Packets behind one kind of link header, which WRAP puts before them."""

    def __init__(self, name, link_type, wrap):
        self.name, self.link_type, self.wrap = name, link_type, wrap
        self.packets = []

    def frame(self, name, data, need='no', expected=None, six=False, **more):
        source = (f'[{SOURCE6}]' if six else SOURCE4) + f':{SOURCE_PORT}'
        self.packets.append(Packet(f'{self.name}/{name}', data, need, expected,
                                   source if need != 'no' else '-', **more))

    def unique(self, name, size=64):
        return payload(f'{self.name}/{name}', size)

    def four(self, name, need='yes', size=64, inside=lambda data: data,
             wrap=None, udp_options={}, cut=None, **ip_options):
        """A UDP datagram in an IPv4 packet; CUT: bytes that a snaplen left."""
        data = self.unique(name, size)
        frame = (wrap or self.wrap)(IPV4, ip4(
            inside(udp(data, **udp_options)), **ip_options))
        self.frame(name, frame[:cut], need, data if need != 'no' else None,
                   wire_length=len(frame))

    def six(self, name, need='yes', size=64, inside=lambda data: data,
            wrap=None, udp_options={}, **ip_options):
        data = self.unique(name, size)
        self.frame(name, (wrap or self.wrap)(IPV6, ip6(
            inside(udp6(data, **udp_options)), **ip_options)), need,
            data if need != 'no' else None, six=True)

    def fragments(self, name, sizes, order=None, need='yes', completes=None,
                  version=4, size=400, pieces=None, inside=lambda data: data,
                  pauses={}, **ip_options):
        """A datagram cut into pieces, sent in ORDER; COMPLETES: which of those
        sent makes it whole, the last if not told. PIECES: (offset, more, bytes)
        out of the datagram's bytes, in place of a regular cut."""
        data = self.unique(name, size)
        whole = inside(udp(data) if version == 4 else udp6(data))
        number = next(identifications)
        cut = pieces(whole) if pieces else split(whole, *sizes)
        order = range(len(cut)) if order is None else order
        completes = len(order) - 1 if completes is None else completes
        for turn, index in enumerate(order):
            offset, more, piece = cut[index]
            if version == 4:
                packet = self.wrap(IPV4, ip4(
                    piece, identification=number & 0xffff, offset=offset,
                    more=more, **ip_options))
            else:
                packet = self.wrap(IPV6, ip6(fragment6(
                    ip_options.get('next_header', UDP), piece, number, offset,
                    more), FRAGMENT))
            done = need != 'no' and turn == completes
            self.frame(f'{name}:{turn}', packet, need if done else 'no',
                       data if done else None, six=version == 6,
                       pause=pauses.get(turn, 0))


def basics(capture):
    """What has to work behind every link header."""
    capture.four('ipv4')
    capture.six('ipv6')
    capture.four('options', options=b'\x94\x04\0\0' + b'\x01' * 4)
    capture.six('hop-by-hop', next_header=HOP_BY_HOP,
                inside=lambda data: options6(UDP, data))
    capture.fragments('fragments', [200])
    capture.fragments('fragments6', [200], version=6)
    capture.frame('tcp', capture.wrap(IPV4, ip4(tcp(b'no UDP'), TCP)))
    capture.four('cut', need='no', size=300, cut=200)
    capture.four('last')


def addresses_and_options(capture):
    capture.four('short', size=1)       # padded by Ethernet
    capture.four('ports-0', udp_options=dict(target_port=0))
    capture.four('large', size=9000)
    capture.four('largest', size=65507)
    capture.six('largest6', size=65527)
    capture.frame('empty', ethernet(IPV4, ip4(udp(b''))), 'may', b'')
    capture.four('options-40', options=b'\x01' * 40)
    capture.four('bad-udp-checksum', udp_options=dict(check=0x1234))
    capture.four('bad-ip-checksum', bad_checksum=True)
    capture.four('not-fragmented', identification=0)
    capture.four('ah4', protocol=AH, inside=lambda data: ah(UDP, data))
    capture.six('destination', next_header=DESTINATION,
                inside=lambda data: options6(UDP, data, 2))
    capture.six('destination-2048', next_header=DESTINATION,
                inside=lambda data: options6(UDP, data, 256))
    capture.six('routing', next_header=ROUTING,
                inside=lambda data: routing6(UDP, data))
    capture.six('segment-routing', next_header=ROUTING,
                inside=lambda data: routing6(UDP, data, 4, 3))
    capture.six('ah6', next_header=AH, inside=lambda data: ah(UDP, data))
    capture.six('every-header', next_header=HOP_BY_HOP,
                inside=lambda data: options6(DESTINATION, options6(
                    ROUTING, routing6(FRAGMENT, fragment6(AH, ah(
                        DESTINATION, options6(UDP, data)), 7)))))
    capture.six('ten-headers', next_header=DESTINATION, inside=lambda data: (
        options6(DESTINATION, b'') * 9 + options6(UDP, data)))
    capture.six('no-next-header', need='no', next_header=NO_NEXT)
    for name, port in ('vxlan', 4789), ('teredo', 3544), ('gtp', 2152):
        # the payload of the outermost UDP, which is a packet again
        inner = ip4(udp(capture.unique(name))) \
            if name != 'teredo' else ip6(udp(capture.unique(name)))
        data = dict(vxlan=b'\x08\0\0\0\0\0\x07\0' + ethernet(IPV4, inner),
                    teredo=inner, gtp=b'\x30\xff' + len(inner).to_bytes(
                        2, 'big') + b'\0\0\0\1' + inner)[name]
        capture.frame(name, ethernet(IPV4, ip4(udp(data, target_port=port))),
                      'yes', data)
    quoted = ip4(udp(capture.unique('quoted')))
    capture.frame('icmp-error', ethernet(IPV4, ip4(
        b'\x03\x03\0\0\0\0\0\0' + quoted, ICMP)))
    quoted = ip6(udp(capture.unique('quoted6')))
    capture.frame('icmp6-error', ethernet(IPV6, ip6(
        b'\x01\x04\0\0\0\0\0\0' + quoted, ICMP6)))


def tags_and_tunnels(capture):
    for name, tags in (
            ('vlan', [(VLAN, 7)]), ('priority', [(VLAN, 0xe000)]),
            ('8021ad', [(QINQ, 7)]), ('qinq', [(QINQ, 7), (VLAN, 100)]),
            ('vlan-vlan', [(VLAN, 7), (VLAN, 8)]),
            ('9100', [(OLD_QINQ, 7)]), ('9100-vlan', [(OLD_QINQ, 7), (VLAN, 8)]),
            ('three-tags', [(QINQ, 1), (VLAN, 2), (VLAN, 3)]),
            ('four-tags', [(QINQ, 1), (QINQ, 2), (VLAN, 3), (VLAN, 4)])):
        def wrap(kind, data, tags=tags):
            return ethernet(kind, data, tags)
        capture.four(name, wrap=wrap)
        capture.six(name + '6', wrap=wrap, next_header=HOP_BY_HOP,
                    inside=lambda data: options6(UDP, data))
    for name, kind, labels, tags in (
            ('mpls', MPLS, (16,), ()), ('mpls-3', MPLS, (16, 17, 18), ()),
            ('mpls-multicast', MPLS_MULTICAST, (16,), ()),
            ('mpls-null', MPLS, (0,), ()),
            ('mpls-vlan', MPLS, (16, 17), [(VLAN, 7)])):
        def wrap(_, data, kind=kind, labels=labels, tags=tags):
            return ethernet(kind, mpls(data, *labels), tags)
        capture.four(name, wrap=wrap)
        capture.six(name + '6', wrap=wrap)
    for name, tags in ('pppoe', ()), ('pppoe-vlan', [(VLAN, 7)]), \
            ('pppoe-qinq', [(QINQ, 7), (VLAN, 8)]):
        def wrap(kind, data, tags=tags):
            return ethernet(PPPOE, pppoe(
                data, b'\x00\x21' if kind == IPV4 else b'\x00\x57'), tags)
        capture.four(name, wrap=wrap)
        capture.six(name + '6', wrap=wrap)
    capture.four('pppoe-short-protocol', wrap=lambda kind, data: ethernet(
        PPPOE, pppoe(data, b'\x21')))
    capture.frame('pppoe-lcp', ethernet(PPPOE, pppoe(
        b'\x09\x01\0\x08\0\0\0\0', b'\xc0\x21')))


def lies(capture):
    """Every one of these is malformed or cut; MAY: one can argue."""
    size = 64 + 8
    for length in 0, 1, 7, size + 1, size + 500, 65535:
        capture.four(f'udp-length-{length}', need='no',
                     udp_options=dict(length=length))
        if length:
            capture.six(f'udp-length-{length}-6', need='no',
                        udp_options=dict(length=length))
    capture.six('udp-length-0-6', need='may', udp_options=dict(length=0))
    # shorter than what the IP header leaves: the rest is not payload
    data = capture.unique('udp-length-short')
    capture.frame('udp-length-short', ethernet(IPV4, ip4(
        udp(data, length=8 + len(data)) + b'behind it')), 'yes', data)
    for length in 1, 19, 20, 24, 27, 20 + size - 1, 20 + size + 1, 65535:
        capture.four(f'ip-length-{length}', need='no', length=length)
    # what send offload leaves of a packet whose length 16 bits cannot hold
    capture.four('ip-length-0', need='may', length=0)
    for words in 0, 4, 15:
        capture.four(f'ip-header-{words}', need='no', header_words=words)
    capture.four('ip-options-no-udp', need='no', header_words=14, size=8)
    for version in 0, 5, 6, 15:
        capture.four(f'ip-version-{version}', need='no', version=version)
    for version in 0, 4:
        capture.six(f'ip6-version-{version}', need='no', version=version)
    for length in 1, 7, size - 1, size + 1, 65535:
        capture.six(f'ip6-length-{length}', need='no', length=length)
    capture.six('ip6-length-0', need='may', length=0)
    capture.six('ipv6-as-ipv4', need='may', wrap=lambda kind, data: ethernet(
        IPV4, data))
    capture.four('ipv4-as-ipv6', need='may', wrap=lambda kind, data: ethernet(
        IPV6, data))
    for name, kind in ('hop-by-hop', HOP_BY_HOP), ('destination', DESTINATION),\
            ('routing', ROUTING):
        capture.six(f'{name}-too-long', need='no', next_header=kind,
                    inside=lambda data: options6(UDP, data, length=255))
        capture.six(f'{name}-to-the-end', need='no', next_header=kind,
                    inside=lambda data: options6(UDP, data, length=size // 8))
    capture.six('ah-too-long', need='no', next_header=AH,
                inside=lambda data: ah(UDP, data, 255))
    capture.four('ah-too-long-4', need='no', protocol=AH,
                 inside=lambda data: ah(UDP, data, 255))
    # nothing but headers, to the last byte
    capture.frame('headers-only', ethernet(IPV6, ip6(
        options6(DESTINATION, b'') * 40, DESTINATION)))
    capture.frame('fragment-header-cut', ethernet(IPV6, ip6(
        fragment6(UDP, b'', 1)[:5], FRAGMENT), pad=False))
    capture.frame('mpls-no-bottom', ethernet(
        MPLS, b'\x00\x01\x00\x40' * 12))
    capture.frame('mpls-other', ethernet(MPLS, mpls(
        b'\0\0\0\0' + ethernet(IPV4, ip4(udp(b'pseudowire'))), 16)))
    capture.frame('vlan-cut', MACS + b'\x81\x00\x00')
    capture.frame('vlan-nothing', MACS + b'\x81\x00\x00\x07\x08\x00')
    capture.frame('vlans-only', MACS + b'\x81\x00\x00\x07' * 12)
    capture.frame('pppoe-cut', MACS + b'\x88\x64\x11\x00\x00')
    capture.four('pppoe-too-short', need='may', wrap=lambda kind, data: ethernet(
        PPPOE, pppoe(data, length=30)))
    capture.four('802.3', need='no', wrap=lambda kind, data: ethernet(
        len(data), data))
    capture.four('unknown-type', need='no', wrap=lambda kind, data: ethernet(
        0x88b5, data))
    for length in 0, 1, 6, 12, 13, 14:
        capture.frame(f'only-{length}', ethernet(IPV4, b'')[:length],
                      wire_length=60)


def cuts(capture):
    """As a snaplen leaves them."""
    for cut in 10, 14, 20, 33, 34, 38, 41, 42, 43, 100, 14 + 20 + 8 + 299:
        capture.four(f'cut-to-{cut}', need='no', size=300, cut=cut)
    # all of the payload is there, only padding is not
    capture.four('padding-cut', size=12, cut=14 + 20 + 8 + len(
        capture.unique('padding-cut', 12)))


def fragmentation(capture):
    """IPv4 and IPv6; the datagram has 408 bytes with its UDP header."""
    for version, six in (4, ''), (6, '6'):
        def add(name, sizes, order=None, **more):
            capture.fragments(name + six, sizes, order, version=version, **more)
        add('in-order', [200])
        add('reversed', [200], [1, 0])
        add('seventeen', [24] * 16)
        add('seventeen-mixed', [24] * 16,
            [(i * 5 + 3) % 17 for i in range(17)])
        add('first-8-bytes', [8])
        add('atomic', [])
        add('duplicate-first', [200], [0, 0, 1])
        add('duplicate-middle', [104, 104], [1, 1, 0, 2])
        add('duplicate-last', [200], [1, 1, 0])
        add('again-when-complete', [200], [0, 1, 1], completes=1)
        add('large', [1480] * 20, size=30000)
        add('largest', [1480] * 40, size=65507, order=list(range(40, -1, -1)))
        for name, order in ('first', [1, 2]), ('middle', [0, 2]), \
                ('last', [0, 1]):
            add(f'no-{name}', [104, 104], order, need='no')
        for name, pieces in (
                ('partly', lambda data: [(0, True, data[:200]),
                                         (192, False, data[192:])]),
                ('other-bytes', lambda data: [
                    (0, True, data[:200]), (96, True, bytes(104)),
                    (200, False, data[200:])]),
                ('all-of-it', lambda data: [
                    (8, True, data[8:200]), (0, True, data[:208]),
                    (200, False, data[200:])]),
                # as many bytes as the whole, but not all of them
                ('and-hole', lambda data: [
                    (0, True, data[:200]), (192, True, data[192:392]),
                    (400, False, data[400:])]),
                ('behind-the-end', lambda data: [
                    (200, False, data[200:]), (408, True, bytes(8)),
                    (0, True, data[:200])]),
                ('two-ends', lambda data: [
                    (200, False, data[200:]), (200, False, data[200:400]),
                    (0, True, data[:200])])):
            add(f'overlap-{name}', None, need='no', pieces=pieces)
        add('not-times-8', None, need='no', pieces=lambda data: [
            (0, True, data[:204]), (208, False, data[204:])])
        add('past-65535', None, need='no', pieces=lambda data: [
            (0, True, data[:400]), (65528, False, data[400:])])
        add('empty-fragment', None, need='no', pieces=lambda data: [
            (0, True, b''), (8, False, data)])
        # the datagram ends before its UDP header says so
        add('udp-length-lies', None, need='no', pieces=lambda data: [
            (0, True, data[:200]), (200, False, data[200:-8])])
        # an Ethernet frame of 60 bytes with 4 bytes of datagram
        add('padded', [400 + 8], size=404)

    interleaved(capture)
    capture.fragments('options', [200], options=b'\x94\x04\0\0')
    capture.fragments('reversed-options', [200], [1, 0],
                      options=b'\x01' * 40)
    capture.fragments('ah-in-fragments', [200], version=6, next_header=AH,
                      inside=lambda data: ah(UDP, data))
    capture.fragments('destination-in-fragments', [200], version=6,
                      next_header=DESTINATION,
                      inside=lambda data: options6(UDP, data, 4))
    # the UDP header is in the second fragment only
    capture.fragments('headers-in-two', [40], version=6,
                      next_header=DESTINATION,
                      inside=lambda data: options6(UDP, data, 5))
    tcp_fragments = split(tcp(bytes(400)), 200)
    for offset, more, piece in tcp_fragments:
        capture.frame('tcp-fragment', ethernet(IPV4, ip4(
            piece, TCP, identification=77, offset=offset, more=more)))
    capture.four('last')


def interleaved(capture):
    """Four datagrams that only differ in one of the fields of the key."""
    datagrams = []
    for turn, ip_options in enumerate((
            dict(identification=0xaaaa), dict(identification=0xaaab),
            dict(identification=0xaaaa, source='192.0.2.77'),
            dict(identification=0xaaaa, target='198.51.100.77'))):
        data = capture.unique(f'interleaved-{turn}', 300)
        datagrams.append([
            (data, ip_options, ip4(piece, offset=offset, more=more,
                                   **ip_options))
            for offset, more, piece in split(udp(data), 104, 104)])
    for turn, fragments in enumerate(zip(*datagrams)):
        for number, (data, ip_options, packet) in enumerate(fragments):
            done = turn == 2
            capture.frame(f'interleaved-{number}:{turn}', ethernet(
                IPV4, packet), 'yes' if done else 'no', data if done else None)
            if done and 'source' in ip_options:
                capture.packets[-1].source = \
                    f'{ip_options["source"]}:{SOURCE_PORT}'


def expired(capture):
    """The rest of a datagram comes an hour later: it is another one by then."""
    capture.fragments('expired', [200], pauses={1: 3600}, need='no')
    capture.fragments('expired6', [200], pauses={1: 3600}, need='no', version=6)
    capture.fragments('not-expired', [200], pauses={1: 1})
    capture.four('last')


def make_captures():
    def by_family(four, six):
        return lambda kind, data: (four if kind == IPV4 else six) + data

    def ppp(kind, data):
        return b'\xff\x03' + (b'\x00\x21' if kind == IPV4 else b'\x00\x57') + \
            data

    captures = [
        Capture('ethernet', 1, ethernet), Capture('lies', 1, ethernet),
        Capture('cuts', 1, lambda *of: ethernet(*of)),
        Capture('fragments', 1, ethernet), Capture('expired', 1, ethernet),
        Capture('sll', 113, sll), Capture('sll2', 276, sll2),
        Capture('sll-vlan', 113, lambda *of: sll(*of, [(VLAN, 7)])),
        Capture('sll2-qinq', 276, lambda *of: sll2(*of, [(QINQ, 7),
                                                         (VLAN, 8)])),
        Capture('raw', 101, lambda kind, data: data),
        Capture('raw-openbsd', 14, lambda kind, data: data),
        Capture('raw-bsd', 12, lambda kind, data: data),
        Capture('ppp', 9, ppp), Capture('ppp-hdlc', 50, ppp),
        Capture('ppp-bare', 9, by_family(b'\x00\x21', b'\x00\x57')),
        Capture('pppoe', 51, lambda kind, data: pppoe(
            data, b'\x00\x21' if kind == IPV4 else b'\x00\x57')),
        Capture('loop', 108, by_family(b'\0\0\0\x02', b'\0\0\0\x18')),
    ]
    for family in 24, 28, 30:
        captures.append(Capture(f'null-{family}', 0, by_family(
            b'\x02\0\0\0', bytes([family, 0, 0, 0]))))
    captures.append(Capture('null-big-endian', 0, by_family(
        b'\0\0\0\x02', b'\0\0\0\x1e')))
    special = dict(ethernet=[basics, addresses_and_options, tags_and_tunnels],
                   lies=[lies], cuts=[cuts], fragments=[fragmentation],
                   expired=[expired])
    for capture in captures:
        for cases in special.get(capture.name, [basics]):
            cases(capture)
    return captures


def write_expected(path, packets):
    times = Times()
    with open(path, 'w') as file:
        for number, packet in enumerate(packets, 1):
            file.write('\t'.join((
                str(number), packet.name, packet.need, packet.source,
                (packet.expected or b'').hex(),
                str(times.next(packet)))) + '\n')


def main(folder):
    os.makedirs(folder, exist_ok=True)
    captures = make_captures()
    # packets of one interface, in turns with those of all others; those with a
    # pause at the end
    turns = [[(capture.link_type, packet) for packet in capture.packets]
             for capture in captures if capture.name != 'expired']
    mixed = [pair for turn in itertools.zip_longest(*turns) for pair in turn
             if pair] + [(1, packet) for capture in captures
                         for packet in capture.packets
                         if capture.name == 'expired']
    for capture in captures:
        write_pcap(f'{folder}/{capture.name}.pcap', capture.link_type,
                   capture.packets)
        write_expected(f'{folder}/{capture.name}.expected', capture.packets)
    for name, byte_order in ('little', '<'), ('big', '>'):
        path = f'{folder}/all-{name}-endian'
        write_pcapng(path + '.pcapng', mixed, byte_order)
        write_expected(path + '.expected', [packet for _, packet in mixed])


if __name__ == '__main__':
    main(sys.argv[1])
