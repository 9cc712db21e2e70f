#!/usr/bin/env python3
"""afring-record and the journal: what it says has fields, where standard error leads there.

journal.py PROGRAM
Makes the journal's sockets in a namespace of its own, which takes a root.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

if '--inside' not in sys.argv:
    for unshare in ['unshare', '-mn'], ['unshare', '-Urmn']:
        if subprocess.run([*unshare, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'],
                          capture_output=True).returncode == 0:
            os.execvp('unshare', [*unshare, sys.executable, __file__, *sys.argv[1:],
                                  '--inside'])
    print('skipped: neither root nor a user namespace is to be had')
    sys.exit(77)


def parse(data):
    """An entry of systemd's native protocol whose values have no newline."""
    return dict(line.split('=', 1) for line in data.decode().splitlines())


subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', '/run'], check=True)
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
folder = pathlib.Path('/run/systemd/journal')
folder.mkdir(parents=True)
entries = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
entries.bind(str(folder / 'socket'))
entries.settimeout(60)
lines = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
lines.bind(str(folder / 'stdout'))
lines.listen()


def start(*arguments):
    stderr = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stderr.connect(str(folder / 'stdout'))
    return subprocess.Popen([sys.argv[1], *arguments], stderr=stderr)


def expect(words):
    while words not in (entry := parse(entries.recv(1 << 16)))['MESSAGE']:
        print(entry)
    print(entry)
    assert entry['SYSLOG_IDENTIFIER'] == 'afring-record'
    return entry


def catches(pid, number):
    """Before it does, the signal would end it."""
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'SigCgt:\s*(\w+)', status)[1], 16) >> number - 1 & 1


with tempfile.TemporaryDirectory() as work:
    location = pathlib.Path(work, 'lo.pcapng')
    recording = start('-i', 'lo', '-w', str(location), '-f', 'icmp', '-c', '3')
    while recording.poll() is None:
        subprocess.run(['ping', '-q', '-c', '1', '127.0.0.1'], stdout=subprocess.DEVNULL)
    assert recording.wait() == 0
    entry = expect('lo.pcapng: 3 packets')
    assert entry['AFRING_FILE'] == str(location) and entry['AFRING_PACKETS'] == '3'
    assert int(entry['AFRING_BYTES']) == location.stat().st_size
    assert entry['PRIORITY'] == '6'
    entry = expect('3 packets recorded')
    assert entry['AFRING_PACKETS'] == '3' and entry['AFRING_FILES'] == '1'
    assert entry['AFRING_DROPPED_RING'] == '0' and entry['PRIORITY'] == '6'
    assert 'AFRING_TRIGGERS' not in entry

    armed = start('-i', 'lo', '-w', str(location), '--pre-roll', '1s', '-f', 'icmp')
    while not catches(armed.pid, signal.SIGUSR2):
        time.sleep(0.01)
    armed.send_signal(signal.SIGUSR2)
    assert expect('Triggered: SIGUSR2')['AFRING_TRIGGER'] == 'SIGUSR2'
    armed.send_signal(signal.SIGTERM)
    assert armed.wait() == 0
    assert expect('packets recorded')['AFRING_TRIGGERS'] == '1'

    failed = start('-i', 'nothere', '-w', str(location))
    assert failed.wait() == 1
    assert expect('nothere')['PRIORITY'] == '3'
