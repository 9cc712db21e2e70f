#!/usr/bin/env python3
"""What compressed recordings cost and save: text in the packets of a gigabit link, recorded as
it is and compressed, alternating.

bench-compression.py BUILD [--seconds N] [--rounds N] [--rate PACKETS]

In a network namespace of its own (tests/net/in-namespace.sh).
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import pathlib
import re
import signal
import socket
import statistics
import struct
import tempfile
import time

from link import HEADERS, PACKETS_PER_SECOND, SIZE, cpu_of, make_link, start, use_build

ROOT = pathlib.Path(__file__).parents[2]
OPTIONS = ('compression=none', 'compression=zstd', 'compression=gzip',
           'compression=zstd compression-level=3', 'compression=zstd compression-level=19')
BURST = 100
PACKET_QDISC_BYPASS = 20        # linux/if_packet.h
SOL_PACKET = 263


def make_frames():
    """Of what people have written: the sources and the docs."""
    text = b''.join(path.read_bytes() for folder in ('docs', 'gst', 'plugin', 'tests')
                    for path in sorted((ROOT / folder).rglob('*.[cmh]*'))
                    if path.suffix in ('.c', '.h', '.md'))
    size = SIZE - HEADERS
    frames = []
    for number, at in enumerate(range(0, len(text) - size, size)):
        ethernet = bytes.fromhex('020000000099020000000001') + b'\x08\x00'
        ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, SIZE - 14, number & 0xffff, 0, 64, 17, 0,
                         bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)))
        udp = struct.pack('!HHHH', 4000 + number % 7, 5004, size + 8, 0)
        frames.append(ethernet + ip + udp + text[at:at + size])
    return frames


def send(frames, rate, seconds):
    """How many were sent."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind(('va', 0))
        wire.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        began = time.monotonic()
        sent = 0
        while time.monotonic() < began + seconds:
            for i in range(sent, sent + BURST):
                wire.send(frames[i % len(frames)])
            sent += BURST
            time.sleep(max(0, sent / rate - (time.monotonic() - began)))
    return sent


def count(pattern, text):
    """The number in front of some words of the summary."""
    found = re.search(r'([\d,]+) ' + pattern, text)
    return int(found.group(1).replace(',', '')) if found else 0


def measure(options, frames, rate, folder, seconds):
    """CPU a packet, shares of the bytes, packets dropped."""
    file = folder / 'a.pcapng'
    process = start(f'afringsrc interface=vb ! pcapsink location={file} {options}',
                    folder / 'log', '-e')
    sent = send(frames, rate, seconds)
    cpu = cpu_of(process.pid)
    process.send_signal(signal.SIGINT)
    process.wait()
    said = (folder / 'log').read_text()
    total = count('bytes', said)
    result = (cpu / sent, 100 * file.stat().st_size / total,
              100 * count('of them not compressed', said) / total, count('dropped', said))
    file.unlink()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--seconds', type=int, default=6)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--rate', type=int, default=PACKETS_PER_SECOND)
    arguments = parser.parse_args()
    frames = make_frames()
    make_link()
    results = {options: [] for options in OPTIONS}
    with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
        use_build(arguments.build, folder)
        for _ in range(arguments.rounds):
            for options in OPTIONS:
                results[options].append(measure(options, frames, arguments.rate,
                                                pathlib.Path(folder), arguments.seconds))
    for options, rows in results.items():
        cpu, size, stored, dropped = (statistics.median(column) for column in zip(*rows))
        print(f'{options}: {cpu:.0f} ns a packet, {size:.0f} of 100 bytes in the file, '
              f'{stored:.0f} stored, {dropped:.0f} dropped')


main()
