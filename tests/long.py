"""What takes long because there is much of it: files, and bytes. Nothing grows, everything is
counted.

long.py files N | bytes GIGABYTES
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import glob
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'net'))
import conservation

import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst

PER_FILE = 20


def fail(why):
    sys.exit(f'FAIL {why}')


def resources():
    """Descriptors, mappings, MiB."""
    with open('/proc/self/status') as status:
        resident = int(status.read().split('VmRSS:')[1].split()[0]) // 1024
    with open('/proc/self/maps') as maps:
        return len(os.listdir('/proc/self/fd')), sum(1 for _ in maps), resident


def run(line, each):
    """To the end. @each is called with what closed files say, and else with None each
    second."""
    pipeline = Gst.parse_launch(line)
    bus, sink = pipeline.get_bus(), pipeline.get_by_name('sink')
    pipeline.set_state(Gst.State.PLAYING)
    while True:
        message = bus.timed_pop(Gst.SECOND)
        if message is None:
            each(None, sink)
        elif message.type == Gst.MessageType.ERROR:
            fail(message.parse_error()[0].message)
        elif message.type == Gst.MessageType.EOS:
            break
        elif message.type == Gst.MessageType.ELEMENT:
            structure = message.get_structure()
            if structure.get_name() == 'GstPcapSinkFileClosed':
                each(structure, sink)
    stats = sink.get_property('stats')
    pipeline.set_state(Gst.State.NULL)
    return stats


def check_flat(before, after):
    if (after[0] > before[0] + 2 or after[1] > before[1] + 64
            or after[2] > before[2] + 64):
        fail(f'something grows: {before}, then {after}')


def files(n):
    closed, before = [0], [None]
    with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
        def each(structure, sink):
            if structure is None:
                return
            closed[0] += 1
            if closed[0] == n // 10:
                before[0] = resources()
        stats = run(f'afringmocksrc num-buffers={n * PER_FILE} packet-size=100 ! pcapsink '
                    f'name=sink sync-mode=never max-file-packets={PER_FILE} '
                    f'location={folder}/f-%06d.pcapng', each)
        after = resources()
        paths = sorted(glob.glob(folder + '/*'))
        numbers = conservation.numbers_of(paths)
    wrong = conservation.breach(numbers, n * PER_FILE, 0)
    if wrong or len(paths) != n or stats.get_value('files') != n:
        fail(f'{len(paths)} files, {stats.get_value("files")} counted; {wrong}')
    check_flat(before[0], after)
    print(f'ok   {len(paths)} files, {len(numbers)} packets, each once; descriptors, '
          f'mappings, MiB: {before[0]}, then {after}')


def in_bytes(gigabytes):
    """To where nothing is kept: what the writer says it wrote is what was put in."""
    size, before = 60000, [None]
    n = gigabytes * 1000000000 // size

    def each(structure, sink):
        if before[0] is None and sink.get_property('stats').get_value('bytes') > 10 ** 9:
            before[0] = resources()
    stats = run(f'afringmocksrc num-buffers={n} packet-size={size} ! pcapsink name=sink '
                'location=/dev/null', each)
    after = resources()
    if stats.get_value('packets') != n or stats.get_value('bytes') < n * size:
        fail(f'{stats.get_value("packets")} of {n} packets, {stats.get_value("bytes")}')
    check_flat(before[0] or after, after)
    print(f'ok   {stats.get_value("bytes") / 1e9:.1f} GB, {n} packets; descriptors, '
          f'mappings, MiB: {before[0]}, then {after}')


Gst.init(None)
{'files': files, 'bytes': in_bytes}[sys.argv[1]](int(sys.argv[2]))
