#!/usr/bin/env python3
"""What it costs to read a capture file that is in the page cache: pcapdec beside tcpdump,
capinfos and GStreamer's pcapparse. Programs take turns, each alone; the cost of starting up,
as a file of 1000 packets has it, is taken off. And how long a seek into the middle of a
sparse file of 100 GB takes.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import datetime
import os
import platform
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

PAD = None              # the program bench-pad
LEAST = 1000
PACKET, INTERFACE, PRIVATE = 6, 1, 0x80000bad
SPARSE = 16000000       # bytes
FRAME = bytes.fromhex('02000000000202000000000188b5')

LAUNCH = ['gst-launch-1.0', '-q', 'filesrc']
SINK = ['!', 'fakesink', 'sync=false']
# behind the file; tcpdump reads all of it, and there is nothing that it prints
PROGRAMS = {
    'pcapdec ! counting pad': lambda file: [
        PAD, 'filesrc', f'location={file}', '!', 'pcapdec', 'name=last'],
    'pcapparse ! counting pad': lambda file: [
        PAD, 'filesrc', f'location={file}', 'blocksize=65536', '!', 'pcapparse', 'name=last'],
    'pcapdec ! fakesink': lambda file: LAUNCH + [
        f'location={file}', '!', 'pcapdec'] + SINK,
    'pcapparse ! fakesink': lambda file: LAUNCH + [
        f'location={file}', 'blocksize=65536', '!', 'pcapparse'] + SINK,
    'tcpdump -r': lambda file: ['tcpdump', '-nr', file, 'ether proto 0x88b6'],
    'capinfos': lambda file: ['capinfos', '-c', file],
}


def write_classic(path, packets, size):
    """One flow of UDP, which pcapparse takes."""
    frame = bytearray(size)
    frame[:14] = bytes.fromhex('0200000000020200000000010800')
    frame[14:34] = struct.pack('>BBHHHBBH4s4s', 0x45, 0, size - 14, 0, 0, 64, 17, 0,
                               b'\x0a\0\0\x01', b'\x0a\0\0\x02')
    frame[34:42] = struct.pack('>HHHH', 4000, 5004, size - 34, 0)
    with open(path, 'wb', 1 << 20) as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(packets):
            out.write(struct.pack('<IIII', 1700000000 + i // 100000, i % 100000 * 10, size,
                                  size) + frame)


def run(command):
    """Seconds by the clock, and of the processor."""
    before = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f'{command}: {said.decode()}')
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime


def bench_size(folder, packets, rounds, size):
    few, many = f'{folder}/few.pcap', f'{folder}/many.pcap'
    write_classic(few, LEAST, size)
    write_classic(many, packets, size)
    programs = {name: command for name, command in PROGRAMS.items()
                if shutil.which(command('')[0])}
    took = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, command in programs.items():
            clock, cpu = (long - short for long, short
                          in zip(run(command(many)), run(command(few))))
            if number > 0:      # the first has filled the cache
                took[name].append((clock / (packets - LEAST) * 1e9,
                                   cpu / (packets - LEAST) * 1e9))
    print(f'\n{packets} packets of {size} bytes: ns a packet, medians\n'
          f'{"":24}by the clock     least      most       CPU   packets/s')
    for name, values in took.items():
        clock, cpu = zip(*values)
        print(f'{name:24}{statistics.median(clock):12.0f}{min(clock):10.0f}'
              f'{max(clock):10.0f}{statistics.median(cpu):10.0f}'
              f'{1e9 / statistics.median(clock):12.0f}')


SEEK = '''
import sys, time
import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst
Gst.init(None)
pipeline = Gst.parse_launch(f'filesrc location={sys.argv[1]} ! pcapdec ! fakesink')
pipeline.set_state(Gst.State.PAUSED)
pipeline.get_state(Gst.CLOCK_TIME_NONE)
ok, end = pipeline.query_duration(Gst.Format.TIME)
for part in (2, 3, 5, 7, 11):
    before = time.monotonic()
    assert pipeline.seek_simple(
        Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE, end // part)
    pipeline.get_state(Gst.CLOCK_TIME_NONE)
    took = (time.monotonic() - before) * 1000
    ok, position = pipeline.query_position(Gst.Format.TIME)
    print(took, position * part / end)
pipeline.set_state(Gst.State.NULL)
'''


def write_sparse(path, gigabytes):
    """Ten packets every 16 MB, and between them a block of a kind of our own, which is stepped
    over."""
    with open(path, 'wb') as out:
        out.write(struct.pack('<IIIHHqI', 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28))
        out.write(struct.pack('<IIHHII', INTERFACE, 20, 1, 0, 0, 20))
        n = gigabytes * 10**9 // SPARSE
        for i in range(n):
            for k in range(10):
                stamp = (1700000000 + i * 1000 + k) * 1000000
                out.write(struct.pack('<IIIIIII', PACKET, 96, 0, stamp >> 32,
                                      stamp & 0xffffffff, 64, 64) + FRAME.ljust(64, b'\0')
                          + struct.pack('<I', 96))
            out.write(struct.pack('<II', PRIVATE, SPARSE))
            out.seek(SPARSE - 12, os.SEEK_CUR)
            out.write(struct.pack('<I', SPARSE))


def bench_seek(folder, gigabytes):
    path = f'{folder}/sparse.pcapng'
    write_sparse(path, gigabytes)
    result = subprocess.run([sys.executable, '-c', SEEK, path], text=True,
                            capture_output=True)
    seeks = [tuple(map(float, line.split())) for line in result.stdout.splitlines()]
    # each to the part of the file that was asked for
    if result.returncode or any(abs(there - 1) > 0.02 for _, there in seeks):
        raise RuntimeError(result.stdout + result.stderr)
    print(f'\nSeeks in a sparse file of {gigabytes} GB, milliseconds: '
          + ', '.join(f'{t:.1f}' for t, _ in seeks))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('pad', help='the program bench-pad, of a release build')
    parser.add_argument('--packets', type=int, default=2000000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--gigabytes', type=int, default=100)
    arguments = parser.parse_args()
    global PAD
    PAD = arguments.pad
    print(f'{datetime.date.today()}; Linux {platform.release()} {platform.machine()}; '
          f'{os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}')
    with tempfile.TemporaryDirectory() as folder:
        bench_size(folder, arguments.packets, arguments.rounds, 60)
        bench_size(folder, arguments.packets // 4, arguments.rounds, 1442)
        bench_seek(folder, arguments.gigabytes)


main()
