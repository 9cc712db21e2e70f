#!/usr/bin/env python3
"""examples/python/rates.py on lo: draws lines, and its file is whole after Ctrl-C.

rates.py SOURCE
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile

try:
    import gi
    gi.require_version('Gst', '1.0')
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

PROGRAM = pathlib.Path(sys.argv[1], 'examples', 'python', 'rates.py')
LINE = re.compile(rb' +(\d+) packets/s +[\d.]+ Mbit/s +0 dropped/s +#+$')
STATISTICS, INDEX = 5, 0xaf000001       # pcapng block types, the last ones of a whole file


def read_blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from('<II', data, at)
        yield kind
        at += length


with tempfile.TemporaryDirectory() as folder:
    location = pathlib.Path(folder, 'lo.pcapng')
    ping = subprocess.Popen(['ping', '-q', '-i', '0.02', '127.0.0.1'],
                            stdout=subprocess.DEVNULL)
    rates = subprocess.Popen([sys.executable, PROGRAM, 'lo', location],
                             stdout=subprocess.PIPE)
    seen = 0
    while seen < 2:
        line = rates.stdout.readline()
        assert line, f'it ended with {rates.wait()}'
        print(line.decode().rstrip())
        found = LINE.search(line.rstrip())
        seen += found is not None and int(found[1]) > 0
    rates.send_signal(signal.SIGINT)
    assert rates.wait() == 0
    ping.kill()
    ping.wait()
    kinds = list(read_blocks(location.read_bytes()))
    assert kinds.count(6) > 10 and kinds[-2:] == [STATISTICS, INDEX], kinds[-5:]

    failed = subprocess.run([sys.executable, PROGRAM, 'nothere', location],
                            text=True, capture_output=True)
    assert failed.returncode == 1 and 'nothere' in failed.stderr, failed
