#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it takes to find packets: afring-find with an index and without, tcpdump over all
files, and seeks of pcapsrc in many files.

bench-find.py BUILD FOLDER [--files N] [--seek N]. FOLDER is on the disk to be measured, and is left with N
files of 250,000 packets, as afring-record makes them (180 MB each; those that are there stay).
With --seek N nothing else is measured, on N files of 1 MB that follow each other in FOLDER/seek.
"""
import argparse
import pathlib
import random
import statistics
import struct
import subprocess
import time

EXPRESSIONS = {'a host of one packet': 'host 10.1.17.112',
               'a host of all pieces': 'host 10.0.0.5 and udp port 1003',
               'a host of none': 'host 198.51.100.1'}


def make(path, number):
    rand, stamp = random.Random(number), (1700000000 + number * 3) * 10**9
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for i in range(250000):
            host = 70000 + number if i == 123456 else rand.randrange(300)
            body = rand.choice([20, 600, 1400])
            packet = bytes(12) + b'\x08\0' + struct.pack(
                '>BBHHHBBH', 0x45, 0, 28 + body, 0, 0, 64, 17, 0) + bytes([10]) + \
                host.to_bytes(3, 'big') + bytes([192, 0, 2, 1]) + struct.pack(
                '>HHHH', 1000 + rand.randrange(50), 5004, 8 + body, 0) + bytes(body)
            stamp += 10000
            file.write(struct.pack('<IIII', stamp // 10**9, stamp % 10**9, len(packet),
                                   len(packet)) + packet)


def measure(*commands, times=5):
    """Seconds, of which the median; what ends with 1 has found nothing."""
    took = []
    for _ in range(times):
        begun = time.monotonic()
        for command in commands:
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            assert done.returncode < 2, command
        took.append(time.monotonic() - begun)
    return statistics.median(took)


def make_short(path, number):
    """A second of packets, as pcapng."""
    def block(kind, body):
        return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)

    data = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)) + block(
        1, struct.pack('<HHIHHII', 1, 0, 262144, 9, 1, 9, 0))
    for i in range(1000):
        stamp = (1700000000 + number) * 10**9 + i * 10**6
        data += block(6, struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xffffffff, 1000, 1000)
                      + bytes(1000))
    path.write_bytes(data)


def measure_seeks(folder, n):
    """Up to the first packet of the place."""
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import Gst
    Gst.init(None)
    folder.mkdir(exist_ok=True)
    for i in range(n):
        if not (folder / f'{i:05}.pcapng').exists():
            make_short(folder / f'{i:05}.pcapng', i)
    rand = random.Random(1)
    first, later = [], []
    for _ in range(5):
        pipeline = Gst.parse_launch(f'pcapsrc location={folder} ! appsink name=sink sync=false '
                                    'max-buffers=1')
        sink = pipeline.get_by_name('sink')
        begun = time.monotonic()
        pipeline.set_state(Gst.State.PAUSED)
        pipeline.get_state(Gst.CLOCK_TIME_NONE)
        begin = time.monotonic() - begun
        for took in first, later, later, later:
            place = rand.randrange(n * 10**9)
            begun = time.monotonic()
            pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH, place)
            found = sink.emit('pull-preroll').get_buffer().pts
            took.append(time.monotonic() - begun)
            assert place <= found <= place + 2 * 10**6, (place, found)
        pipeline.set_state(Gst.State.NULL)
    print(f'{n} files: first packet after {begin * 1e3:.0f} ms; a seek to any place, the first '
          f'{statistics.median(first) * 1e3:.0f} ms, at most {max(first) * 1e3:.0f}, later ones '
          f'{statistics.median(later) * 1e3:.0f} ms, at most {max(later) * 1e3:.0f}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--files', type=int, default=4)
    parser.add_argument('--seek', type=int, metavar='N')
    args = parser.parse_args()
    if args.seek:
        measure_seeks(args.folder / 'seek', args.seek)
        return
    for i in range(args.files):
        recorded = args.folder / f'{i:03}.pcapng'
        if recorded.exists():
            continue
        plain = args.folder / '.plain.pcap'
        make(plain, i)
        subprocess.run(['gst-launch-1.0', '-q', 'filesrc', f'location={plain}', '!', 'pcapdec', '!',
                        'pcapsink', f'location={recorded}'], check=True)
        plain.unlink()
    files = sorted(args.folder.glob('*.pcapng'))
    size = sum(file.stat().st_size for file in files)
    print(f'{len(files)} files, {size / 1e9:.2f} GB, in the page cache; median of 5, seconds')
    find = [f'{args.build}/examples/afring-find', '-q', '-c', '-r', str(args.folder)]
    for name, expression in EXPRESSIONS.items():
        print(f'{name}: afring-find {measure(find + [expression]):.3f}, --no-index '
              f'{measure(find + ["--no-index", expression]):.3f}, tcpdump over all ', end='')
        seconds = measure(*[['tcpdump', '-r', str(file), '-w', '/dev/null', expression]
                            for file in files])
        print(f'{seconds:.3f}')
    print(f'a start of nothing: afring-find {measure([find[0], "-V"]):.3f}')


if __name__ == '__main__':
    main()
