#!/usr/bin/python3
"""The pictures of docs/packetscope.md: traffic that is made up, always the same.

packetscope-picture.py PNG [STYLE]

GStreamer has to find the elements, as in "meson devenv".
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import math
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

SECONDS = 30
START = 1_700_000_000
TCP, UDP, ICMP, GRE = 6, 17, 1, 47


def checksum_free_ip(protocol, src, dst, payload):
    head = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 0, 0, 64,
                       protocol, 0, bytes(src), bytes(dst))
    return b'\x02' * 12 + b'\x08\x00' + head + payload


def make(protocol, src, dst, ports, size):
    """A packet with @size bytes on the wire."""
    room = size - 34
    if protocol == TCP:
        head = struct.pack('>HHIIBBHHH', *ports, 0, 0, 0x50, 0x10, 1024, 0, 0)
    elif protocol == UDP:
        head = struct.pack('>HHHH', *ports, room, 0)
    elif protocol == ICMP:
        head = struct.pack('>BBHHH', 8, 0, 0, 1, 1)
    else:
        head = bytes(4)
    return checksum_free_ip(protocol, src, dst, head.ljust(room, b'\0'))


ARP = (b'\xff' * 6 + b'\x02' * 6 + b'\x08\x06' + bytes(28)).ljust(60, b'\0')


def host(n):
    return 10, 9, 0, n


def flows():
    """Packets a second at a time, and how one looks."""
    wave = lambda t, period, phase: 0.5 + 0.5 * math.sin(2 * math.pi * t / period + phase)
    yield (lambda t: 480 + 320 * wave(t, 9, 0),
           lambda: make(TCP, host(2), host(1), (443, 51820), 1514))
    yield (lambda t: 240 + 160 * wave(t, 9, 0),
           lambda: make(TCP, host(1), host(2), (51820, 443), 66))
    yield (lambda t: 300 if t > 8 else 0,
           lambda: make(UDP, host(7), host(1), (5004, 5004), 1078))
    yield (lambda t: 50, lambda: make(UDP, host(8), host(1), (5006, 5006), 214))
    yield (lambda t: 350 * math.exp(-(t - 19) ** 2 / 2),
           lambda: make(TCP, host(3), host(1), (22, 40112), random.choice((118, 394, 900))))
    yield (lambda t: 100 + 60 * wave(t, 4, 1),
           lambda: make(UDP, host(random.randrange(20, 60)), host(1),
                        (random.randrange(1024, 65535), 53), random.randrange(70, 140)))
    yield (lambda t: 40, lambda: make(ICMP, host(5), host(1), (), 98))
    yield (lambda t: 60 if 4 < t < 24 else 0,
           lambda: make(GRE, host(6), host(1), (), 620))
    yield (lambda t: 20, lambda: ARP)


def write_block(file, kind, body):
    length = 12 + len(body)
    file.write(struct.pack('<II', kind, length) + body + struct.pack('<I', length))


def write(path):
    random.seed(1)
    packets = []
    for rate, make_one in flows():
        t = 0.0
        while t < SECONDS:
            now = rate(t)
            if now < 1:
                t += 0.05
                continue
            packets.append((t, make_one()))
            t += random.uniform(0.7, 1.3) / now
    packets.sort(key=lambda packet: packet[0])
    # the last word of each second, as the capture tells it
    dropped = {19: 180, 20: 320, 21: 90}
    told = total = 0
    with open(path, 'wb') as file:
        write_block(file, 0x0A0D0D0A, struct.pack('<IHHq', 0x1A2B3C4D, 1, 0, -1))
        write_block(file, 1, struct.pack('<HHI', 1, 0, 0))
        for t, data in packets:
            stamp = round((START + t) * 1e6)
            if t >= told:
                total += dropped.get(told, 0)
                told += 1
                write_block(file, 5, struct.pack('<III', 0, stamp >> 32, stamp & 0xffffffff)
                            + struct.pack('<HHQ', 5, 8, total) + bytes(4))
            body = struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xffffffff,
                               len(data), len(data)) + data + bytes(-len(data) % 4)
            write_block(file, 6, body)


def main():
    png, style = sys.argv[1], (sys.argv[2:] or ['rate'])[0]
    with tempfile.TemporaryDirectory() as folder:
        capture = pathlib.Path(folder) / 'made.pcapng'
        write(capture)
        subprocess.run(
            ['gst-launch-1.0', '-q', 'filesrc', f'location={capture}', '!', 'pcapdec', '!',
             'packetscope', f'style={style}', '!',
             'video/x-raw,width=960,height=540,framerate=1/1', '!', 'videoconvert', '!',
             'pngenc', '!', 'multifilesink', f'location={folder}/%02d.png'], check=True)
        pathlib.Path(png).write_bytes(
            sorted(pathlib.Path(folder).glob('*.png'))[-1].read_bytes())


if __name__ == '__main__':
    main()
