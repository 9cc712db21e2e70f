"""An hour of everything at once: full speed on a veth pair, rotation, a disk that is slow now
and then, a branch that keeps packets, filters that change.

soak.py BUILD [SECONDS]

As root; in a network namespace of its own: tests/net/in-namespace.sh python3
tests/soak.py build 3600. Files go to /var/tmp, some 400 MB at a time.

At each rotation, what is missing in front of the last packet of the file is counted as dropped;
at the end what was sent is recorded or counted, once. Descriptors, mappings and memory
stay what they are after the first minute.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'net'))
import conservation

LOOK = '--look'
BUILD = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[1] != LOOK else 300
SIZE, FILE_SIZE = 600, 64 * 1024 * 1024
WARM = min(60, SECONDS / 4)
EACH_WHOLE = 16         # of so many files one is read packet by packet
# a second or so of nothing, every hundredth write
SLOW = 'pwrite=sleep:700@100-/100 pwritev=sleep:700@100-/100'
FILTERS = ['udp', None, 'ip', 'udp or arp']

if sys.argv[1] != LOOK and 'AFRING_FAULTS' not in os.environ:
    os.execvpe(sys.executable, [sys.executable, *sys.argv], dict(
        os.environ, LD_PRELOAD=f'{BUILD}/tests/faults/faults.so', AFRING_FAULTS=SLOW,
        GST_PLUGIN_PATH=f'{BUILD}/plugin', MALLOC_ARENA_MAX='2'))

# of processes that are no part of it
OWN_ENVIRONMENT = {key: value for key, value in os.environ.items()
                   if key not in ('LD_PRELOAD', 'AFRING_FAULTS')}

import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst


def run(command):
    subprocess.run(command.split(), check=True)


def fail(why):
    print('FAIL', why, flush=True)
    os._exit(1)


def resources():
    with open('/proc/self/status') as status:
        resident = int(status.read().split('VmRSS:')[1].split()[0]) // 1024
    with open('/proc/self/maps') as maps:
        return len(os.listdir('/proc/self/fd')), sum(1 for _ in maps), resident


def received(name):
    """Packets, as the interface counts them."""
    with open('/proc/net/dev') as table:
        line = next(line for line in table if line.strip().startswith(name + ':'))
    return int(line.split(':')[1].split()[1])


def is_up(name):
    return ' state UP ' in subprocess.run(['ip', '-o', 'link', 'show', name], text=True,
                                          stdout=subprocess.PIPE).stdout


def describe(path, whole):
    links = list(conservation.read_packets(path))
    numbers = [conservation.number_of(*packet) for packet in
               (links if whole else (links[0], links[-1]))]
    return [len(links), numbers[0], numbers[-1],
            not whole or all(b > a for a, b in zip(numbers, numbers[1:]))]


def look_at(path, whole):
    """In another process: its memory is none of the capture's."""
    return json.loads(subprocess.run(
        [sys.executable, __file__, LOOK, path] + ['whole'] * whole,
        env=OWN_ENVIRONMENT, check=True, text=True, stdout=subprocess.PIPE).stdout)


class Files:
    """What has been closed so far."""

    def __init__(self):
        self.recorded = self.files = self.missing = 0
        self.next = 0           # the number behind the last packet

    def take(self, path, packets, dropped):
        whole = self.files % EACH_WHOLE == 0
        n, first, last, ordered = look_at(path, whole)
        if n != packets:
            fail(f'{path}: {n} packets, and not {packets}')
        if not ordered:
            fail(f'{path}: twice, or out of order')
        if first < self.next:
            fail(f'{path} begins with {first}, behind {self.next - 1}')
        self.next = last + 1
        self.recorded += packets
        self.files += 1
        self.missing = self.next - self.recorded
        if self.missing > dropped:
            fail(f'{path}: {self.missing} are missing, {dropped} counted')
        os.unlink(path)


def main():
    Gst.init(None)
    run('ip link add va type veth peer name vb')
    for name in ('va', 'vb'):
        run(f'ip link set {name} up')
    while not (is_up('va') and is_up('vb')):
        time.sleep(0.05)
    folder = tempfile.mkdtemp(dir='/var/tmp')
    pipeline = Gst.parse_launch(
        'afringsrc name=source interface=vb max-evicted-bytes=134217728 ! tee name=t t. ! queue ! '
        f'pcapsink name=sink location={folder}/f-%07d.pcapng max-file-size={FILE_SIZE} '
        't. ! queue leaky=downstream max-size-buffers=2000 max-size-bytes=0 '
        'max-size-time=0 min-threshold-buffers=1900 ! fakesink async=false')
    source, sink = map(pipeline.get_by_name, ('source', 'sink'))
    pipeline.set_state(Gst.State.PLAYING)
    pipeline.get_state(10 * Gst.SECOND)
    sender = subprocess.Popen(
        ['gst-launch-1.0', '-q', '-e', 'afringmocksrc', f'packet-size={SIZE}', '!',
         'afringsink', 'interface=va'], env=OWN_ENVIRONMENT)
    bus, files, before = pipeline.get_bus(), Files(), None
    start = change = time.monotonic()

    def stat(name):
        return source.get_property('stats').get_value(name)

    def listen(timeout):
        message = bus.timed_pop_filtered(timeout, Gst.MessageType.ANY)
        if message is None:
            return True
        if message.type == Gst.MessageType.ERROR:
            fail(message.parse_error()[0].message)
        structure = message.get_structure()
        if structure and structure.get_name() == 'GstPcapSinkFileClosed':
            files.take(structure.get_value('location'), structure.get_value('packets'),
                       stat('packets-dropped'))
        return message.type != Gst.MessageType.EOS

    while time.monotonic() < start + SECONDS:
        listen(100 * Gst.MSECOND)
        if sender.poll() is not None:
            fail('the sender has ended')
        if time.monotonic() > change + 1:
            change = time.monotonic()
            source.set_property('filter', random.choice(FILTERS))
        if before is None and time.monotonic() > start + WARM:
            before = resources()
    after = resources()
    sender.send_signal(2)
    sender.wait()
    sent = received('vb')
    while stat('packets-captured') + stat('packets-dropped') < sent:
        listen(100 * Gst.MSECOND)
    pipeline.send_event(Gst.Event.new_eos())
    while listen(60 * Gst.SECOND):
        pass
    dropped = stat('packets-dropped')
    evicted = stat('evicted-blocks')
    pipeline.set_state(Gst.State.NULL)
    shutil.rmtree(folder)
    print(f'{SECONDS:.0f} s, {files.files} files; {sent} sent = {files.recorded} recorded + '
          f'{dropped} dropped; lost without being counted: '
          f'{sent - files.recorded - dropped}; descriptors, mappings, MiB: {before}, then '
          f'{after}; evicted just now {evicted}')
    if sent != files.recorded + dropped:
        fail('the law')
    if after[0] > before[0] + 2 or after[1] > before[1] + 64 or after[2] > before[2] + 128:
        fail('something grows')


if sys.argv[1] == LOOK:
    print(json.dumps(describe(sys.argv[2], len(sys.argv) > 3)))
else:
    main()
