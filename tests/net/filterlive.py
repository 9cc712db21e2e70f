"""tcpdump as the judge: what it finds, live and in files.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import atexit
import os
import signal
import struct
import subprocess
import sys
import time

PATIENCE = 20
COMMAND = ['tcpdump', '-Z', 'root', '-n', '-w', '-']


def read_pcap(path):
    """The records of a classic capture file."""
    with open(path, 'rb') as file:
        data = file.read()
    order = '<' if data[:4] == b'\xd4\xc3\xb2\xa1' else '>'
    at, records = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from(order + 'I', data, at + 8)[0]
        records.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return records


def words(text):
    """What tcpdump has to say about an expression, without its name."""
    lines = [line.split('tcpdump: ', 1)[1] for line in text.splitlines()
             if line.startswith('tcpdump: ') and 'data link type' not in line
             and 'listening on' not in line and not 'verbose output' in line]
    return lines[-1] if lines else ''


class Tcpdump:
    """A live capture. One that does not start has words in .refused."""
    running = []

    def __init__(self, interface, expression, path):
        self.path = path
        self.file = open(path, 'wb')
        self.process = subprocess.Popen(
            [*COMMAND, '-i', interface, '--immediate-mode', '-s', '2000', '-B',
             '2048', expression], stdout=self.file, stderr=subprocess.PIPE)
        self.running.append(self.process)
        self.refused = None

    def wait_ready(self):
        said = b''
        for line in self.process.stderr:
            said += line
            if b'listening on' in line:
                return
        self.process.wait()
        self.refused = words(said.decode()) or said.decode()

    def _sleeps(self):
        with open(f'/proc/{self.process.pid}/stat', 'rb') as file:
            return file.read().rsplit(b')', 1)[1].split()[0] == b'S'

    def finish(self, keep=False):
        """The records, when it has read all that came. It sleeps in nothing but
        poll(), and a packet wakes it before the next one comes."""
        if self.refused is not None:
            return []
        end = time.monotonic() + PATIENCE
        while not self._sleeps():
            assert time.monotonic() < end, 'tcpdump does not come to rest'
            time.sleep(.001)
        self.process.send_signal(signal.SIGINT)
        said = self.process.stderr.read().decode()
        self.process.wait()
        self.file.close()
        assert '\n0 packets dropped by kernel' in said, said
        records = read_pcap(self.path)
        if not keep:
            os.unlink(self.path)
        return records

    def close(self):
        """Of a test that fails."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@atexit.register
def end_all():
    """Also of a test that fails, or that is ended because it takes too long."""
    for process in Tcpdump.running:
        if process.poll() is None:
            process.kill()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def read_file(capture, expression, path):
    """(records, None) of a file that match, or (None, tcpdump's words)."""
    with open(path, 'wb') as file:
        done = subprocess.run([*COMMAND, '-r', capture, expression],
                              stdout=file, stderr=subprocess.PIPE, check=False)
    said = done.stderr.decode()
    if done.returncode != 0:
        return None, words(said) or said
    return read_pcap(path), None
