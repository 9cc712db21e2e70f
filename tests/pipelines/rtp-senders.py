#!/usr/bin/env python3
"""Senders of RTP, of RTCP and of what is neither, all at once.

Usage: rtp-senders.py INTERFACE SOUND, where SOUND is a file to be written: what
SSRC 0x1111 has sent, as A-law.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import random
import socket
import struct
import sys
import time

from packets import (IPV4, IPV6, QINQ, VLAN, ethernet, ip4, ip6, udp, udp6)

PACKETS = 300


def rtp(ssrc, payload_type, sequence, timestamp, data):
    return struct.pack('>BBHII', 0x80, payload_type, sequence & 0xffff,
                       timestamp & 0xffffffff, ssrc) + data


def plain(data, source_port, target_port):
    return ethernet(IPV4, ip4(udp(data, source_port, target_port)))


def tagged(data, source_port, target_port):
    return ethernet(IPV6, ip6(udp6(data, source_port=source_port,
                                   target_port=target_port)),
                    tags=[(QINQ, 7), (VLAN, 8)])


def frames(number, sound):
    """What is sent at one time."""
    # wraps round
    yield plain(rtp(0x1111, 8, 65400 + number, number * 160, sound), 4001, 5004)
    # is not whole
    if number % 50 != 25:
        yield plain(rtp(0x2222, 96, number, number * 900, bytes(100)), 4002,
                    5006)
    # comes in pairs, the second one first, from the second pair on
    other = number ^ 1 if number > 1 else number
    yield tagged(rtp(0x3333, 0, other, other * 160, bytes(160)), 4003, 5008)
    # is on the port of another
    if number >= 100:
        yield tagged(rtp(0x4444, 0, number, number * 160, bytes(160)), 4003,
                     5008)
    report = struct.pack('>BBHIQIII', 0x80, 200, 6, 0x2222, 1 << 60, 1, 1, 1)
    if number % 10 == 5:
        yield plain(report, 4002, 5006)
        yield plain(report, 4003, 5007)
    yield plain(random.randbytes(100), 4005, 5004)
    yield plain(b'no RTP', 4006, 5006)


def main():
    interface, sound_file = sys.argv[1:]
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.bind((interface, 0))
    random.seed(1)
    with open(sound_file, 'wb') as file:
        for number in range(PACKETS):
            sound = random.randbytes(160)
            file.write(sound)
            for frame in frames(number, sound):
                link.send(frame)
            time.sleep(0.004)


main()
