#!/usr/bin/env python3
"""examples/python/serve.py: a client that stands still costs nobody but itself, and what
it gets later is a whole stream.

serve.py SOURCE
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

try:
    import gi
    gi.require_version('Gst', '1.0')
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

PROGRAM = pathlib.Path(sys.argv[1], 'examples', 'python', 'serve.py')
PORT = 40300
SIZE = 1400
NUMBER_AT = 28 + 14             # of an enhanced packet block, behind the Ethernet header
PACKET = 6
LEFT = re.compile(r'(\S+) has left: (\d+) bytes sent, (\d+) pieces lost')


def run(*command):
    subprocess.run(command, check=True)


def send(first, n):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind(('va', 0))
        for number in range(first, first + n):
            link.send(bytes.fromhex('0200000000020200000000018876')
                      + struct.pack('>I', number) + bytes(SIZE - 18))


def count_refused():
    """What a busy kernel has dropped before anybody could capture it."""
    line = re.search(r' vb:(.*)', pathlib.Path('/proc/net/dev').read_text())[1]
    return int(line.split()[3])


def take_whole(data):
    """The numbers of the packets in whole blocks."""
    at, numbers = 0, []
    while len(data) - at >= 12:
        kind, length = struct.unpack_from('<II', data, at)
        assert length % 4 == 0 and length >= 12, (kind, length, at)
        if len(data) - at < length:
            break
        assert struct.unpack_from('<I', data, at + length - 4)[0] == length, at
        if kind == PACKET:
            numbers.append(struct.unpack_from('>I', data, at + NUMBER_AT)[0])
        at += length
    return numbers


class Reader(threading.Thread):
    """A client; until told to go, it has read nothing."""

    def __init__(self, goes):
        super().__init__()
        self.go, self.data = threading.Event(), b''
        self.socket = socket.create_connection(('127.0.0.1', PORT))
        if goes:
            self.go.set()
        self.start()

    def run(self):
        self.go.wait()
        while piece := self.socket.recv(1 << 16):
            self.data += piece


def expect(server, pattern):
    for line in server.stdout:
        print(line.rstrip())
        if found := re.search(pattern, line):
            return found
    sys.exit(f'it ended with {server.wait()} and never said {pattern}')


run('ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
run('ip', 'link', 'set', 'va', 'up')
run('ip', 'link', 'set', 'vb', 'up')
with tempfile.TemporaryDirectory() as folder:
    location = pathlib.Path(folder, 'vb.pcapng')
    server = subprocess.Popen([sys.executable, PROGRAM, 'vb', location, str(PORT)],
                              text=True, stdout=subprocess.PIPE)
    expect(server, 'recording')
    readers = [Reader(True), Reader(False)]
    expect(server, 'looks on')
    expect(server, 'looks on')
    sent = 0
    while True:                 # until more than a socket and the queue hold is lost
        send(sent, 1000)
        sent += 1000
        server.send_signal(signal.SIGUSR1)
        lost = [int(expect(server, r'(\d+) pieces lost')[1]) for _ in readers]
        if max(lost) > 1000:
            break
        assert sent < 100000
    readers[1].go.set()
    send(sent, 1000)
    sent += 1000
    server.send_signal(signal.SIGINT)
    recorded = int(expect(server, r'(\d+) packets recorded, 0 dropped')[1])
    assert server.wait() == 0
    for reader in readers:
        reader.join()
    seen = [take_whole(reader.data) for reader in readers]
    print([len(numbers) for numbers in seen], 'of', sent, 'lost', lost)
    in_file = take_whole(location.read_bytes())
    assert in_file == sorted(set(in_file)) and len(in_file) == recorded
    assert recorded + count_refused() == sent, (recorded, count_refused(), sent)
    for numbers in seen:
        assert numbers == sorted(set(numbers)) and numbers
    assert len(seen[1]) < recorded - 1000
