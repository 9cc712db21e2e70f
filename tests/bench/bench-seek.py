#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a seek of pcapsrc takes in many files that follow each other.

bench-seek.py FOLDER [--files N]. FOLDER is left with N files of 1 MB; GST_PLUGIN_PATH says where
pcapsrc is.
"""
import argparse
import pathlib
import random
import statistics
import struct
import time

import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst


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
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--files', type=int, default=1000)
    args = parser.parse_args()
    Gst.init(None)
    measure_seeks(args.folder, args.files)


if __name__ == '__main__':
    main()
