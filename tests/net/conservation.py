# SPDX-License-Identifier: LGPL-2.1-or-later
"""The law: what was sent is recorded, once, or counted as dropped.

A test sends packets with a number of 32 bits, big endian, in front of their UDP payload,
and counts from 0. Of files it asks numbers_of(), and then check().

As a program: conservation.py SENT DROPPED FILE..., with the environment PORT for packets
to that UDP port only; NUMBER=source-port where the number is the UDP port that they are from,
counted from 1, as trafgen sends them.
"""
import os
import struct
import sys

SECTION, INTERFACE, OLD_PACKET, SIMPLE, PACKET = 0x0a0d0d0a, 1, 2, 3, 6
ETHERNET, RAW, COOKED, COOKED2 = 1, 101, 113, 276
TAGS = (0x8100, 0x88a8, 0x9100)


class Torn(Exception):
    """A file that is not whole; what came before has been given."""


def read_pcapng(data):
    order, links, at = '<', [], 0
    while at + 12 <= len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order = '<' if data[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'
            links = []
        kind, length = struct.unpack_from(order + 'II', data, at)
        if length < 12 or length % 4 or at + length > len(data):
            break
        if struct.unpack_from(order + 'I', data, at + length - 4)[0] != length:
            break
        if kind == INTERFACE:
            links.append(struct.unpack_from(order + 'H', data, at + 8)[0])
        elif kind == PACKET:
            interface, captured = struct.unpack_from(order + 'I8xI', data, at + 8)
            yield links[interface], data[at + 28:at + 28 + captured]
        at += length
    if at != len(data):
        raise Torn(f'{len(data) - at} bytes at {at}')


def read_pcap(data):
    order = '<' if data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    if len(data) < 24 or data[:4] not in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1',
                                          b'\xa1\xb2\xc3\xd4', b'\xa1\xb2\x3c\x4d'):
        raise Torn('no capture')
    link, at = struct.unpack_from(order + 'I', data, 20)[0], 24
    while at + 16 <= len(data):
        captured = struct.unpack_from(order + '8xI', data, at)[0]
        if at + 16 + captured > len(data):
            break
        yield link, data[at + 16:at + 16 + captured]
        at += 16 + captured
    if at != len(data):
        raise Torn(f'{len(data) - at} bytes at {at}')


def read_packets(path):
    """(LINKTYPE, bytes) of each packet. Torn at a place where the file is not whole."""
    with open(path, 'rb') as file:
        data = file.read()
    return (read_pcapng if data[:4] == b'\x0a\x0d\x0d\x0a' else read_pcap)(data)


def number_of(link, packet, port=None):
    """None: not one of those."""
    if link == ETHERNET:
        at = 12
        while int.from_bytes(packet[at:at + 2], 'big') in TAGS:
            at += 4
        at += 2
    else:
        at = {RAW: 0, COOKED: 16, COOKED2: 20}[link]
    ip = packet[at:]
    if len(ip) < 20 or ip[0] >> 4 != 4 or ip[9] != 17:
        return None
    udp = ip[(ip[0] & 15) * 4:]
    if len(udp) < 12 or port not in (None, int.from_bytes(udp[2:4], 'big')):
        return None
    if os.environ.get('NUMBER') == 'source-port':
        return int.from_bytes(udp[0:2], 'big') - 1
    return int.from_bytes(udp[8:12], 'big')


def numbers_of(paths, port=None, may_be_torn=False):
    """In the order of the files. Fails at a file that is not whole."""
    numbers = []
    for path in paths:
        try:
            for link, packet in read_packets(path):
                number = number_of(link, packet, port)
                if number is not None:
                    numbers.append(number)
        except Torn as torn:
            if not may_be_torn:
                raise AssertionError(f'{path} is not whole: {torn}') from None
    return numbers


def breach(numbers, sent, dropped, in_order=True):
    """What is against the law, in words; None if nothing is. The kernel may stamp
    neighbours out of order but puts them into a ring as they came: within one flow on one
    ring each number is above the one before."""
    once = set(numbers)
    if len(once) != len(numbers):
        return f'{len(numbers) - len(once)} packets more than once'
    if once and max(once) >= sent:
        return f'packet {max(once)} of {sent} was never sent'
    if in_order:
        for before, after in zip(numbers, numbers[1:]):
            if after < before:
                return f'{after} behind {before}'
    if len(numbers) + dropped != sent:
        missing = sorted(set(range(sent)) - once)[:20]
        return (f'{sent} sent, {len(numbers)} recorded, {dropped} counted as dropped; '
                f'first that are missing: {missing}')
    return None


def main():
    sent, dropped = map(int, sys.argv[1:3])
    port = int(os.environ['PORT']) if 'PORT' in os.environ else None
    numbers = numbers_of(sys.argv[3:], port)
    wrong = breach(numbers, sent, dropped)
    print('FAIL ' + wrong if wrong else
          f'{sent} sent = {len(numbers)} recorded + {dropped} dropped')
    sys.exit(bool(wrong))


if __name__ == '__main__':
    main()
