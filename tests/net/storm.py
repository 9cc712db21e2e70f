"""A capture through a storm: the interface goes down and up, is removed and made again,
renamed, given another MTU; the filter changes, a second member of a fanout group comes and
goes. What was sent while the link was up is in the files, once, or was counted as dropped.

storm.py [SECONDS]
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

try:
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import Gst
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

sys.dont_write_bytecode = True
import conservation

Gst.init(None)
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 15
PORT, OTHER_PORT, BURST, PATIENCE = 5004, 5005, 200, 60
GROUP = 'fanout-group=7 fanout-mode=load-balance'
FILTERS = ['udp', f'udp port {PORT}', None, f'udp port {PORT} or tcp or arp', 'ip']


def fail(why):
    print('FAIL', why, flush=True)
    os._exit(1)                 # there are pipelines that play


def run(command, ok=True):
    result = subprocess.run(command.split(), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    if ok and result.returncode != 0:
        fail(f'{command}: {result.stdout}')
    return result.returncode == 0


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            fail(f'{what}: not within {PATIENCE} seconds')
        time.sleep(0.002)


class Source:
    """A recording of vb, and what is known of its link."""

    def __init__(self, name, properties, path):
        self.name, self.path = name, path
        self.pipeline = Gst.parse_launch(
            f'afringsrc name=s interface=vb on-link-down=wait {properties} ! '
            f'pcapsink location={path}')
        self.source = self.pipeline.get_by_name('s')
        self.bus = self.pipeline.get_bus()
        self.up, self.falls = False, 0
        self.pipeline.set_state(Gst.State.PLAYING)
        wait_for(lambda: self.stat('block-count') > 0, f'{name} captures')
        self.up = True

    def stat(self, name):
        return self.source.get_property('stats').get_value(name)

    def listen(self):
        """Reads what the source has to tell."""
        while message := self.bus.pop():
            if message.type == Gst.MessageType.ERROR:
                fail(f'{self.name}: {message.parse_error()[0].message}')
            structure = message.get_structure()
            if structure and structure.get_name() == 'GstAfringSrcLink':
                self.falls += self.up and not structure.get_boolean('up')[1]
                self.up = structure.get_boolean('up')[1]

    def is_back(self, falls):
        self.listen()
        return self.up and self.falls > falls

    def end(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        message = self.bus.timed_pop_filtered(
            PATIENCE * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if not message or message.type != Gst.MessageType.EOS:
            fail(f'{self.name} does not end')
        self.dropped = self.stat('packets-dropped')
        self.counted = self.stat('packets-captured') + self.dropped
        self.pipeline.set_state(Gst.State.NULL)
        self.pipeline = self.source = self.bus = None


class Storm:
    def __init__(self, folder):
        self.folder = folder
        self.name = 'vb'        # of the captured interface, as it is now
        self.sent = 0
        self.make_link()
        self.all = Source('all', '', folder / 'all.pcapng')
        self.first = Source('first', GROUP, folder / 'first.pcapng')
        self.second, self.seconds = None, []

    def sources(self):
        return [source for source in (self.all, self.first, self.second) if source]

    def make_link(self):
        run('ip link add va type veth peer name vb')
        run('ip link set va up')
        self.name = 'vb'
        self.set_up()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(('va', 0))

    def set_up(self):
        run(f'ip link set {self.name} up')
        for name in ('va', self.name):
            wait_for(lambda: ' state UP ' in subprocess.run(
                ['ip', '-o', 'link', 'show', name], stdout=subprocess.PIPE,
                text=True).stdout, f'{name} is up')

    def send(self, port, n=1):
        for _ in range(n):
            payload = struct.pack('!I', self.sent) + bytes(60)
            udp = struct.pack('!HHHH', 1, port, 8 + len(payload), 0) + payload
            ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                             bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
            frame = bytes.fromhex('020000000099020000000001') + b'\x08\x00' + ip + udp
            try:
                self.socket.send(frame)
            except OSError:
                if port == PORT:
                    raise
            self.sent += port == PORT

    def settle(self):
        """Waits until what was sent is out of all rings."""
        def has_all():
            done = self.all.stat('packets-captured') + self.all.stat('packets-dropped')
            group = sum(source.stat('packets-captured') + source.stat('packets-dropped')
                        for source in self.sources()[1:]) + self.of_gone
            return done >= self.sent and group >= self.sent
        wait_for(has_all, f'{self.sent} packets')
        for source in self.sources():
            source.listen()

    @property
    def of_gone(self):
        return sum(source.counted for source in self.seconds)

    # What happens in the middle of a burst.

    def change_filter(self):
        for source in self.sources():
            source.source.set_property('filter', random.choice(FILTERS))

    def change_mtu(self):
        run(f'ip link set {self.name} mtu {random.randint(1000, 9000)}')

    def rename(self):
        name = random.choice(['vb', 'vc', 'vd'])
        if name != self.name and run(f'ip link set {self.name} name {name}', ok=False):
            self.name = name

    # What happens between two.

    def go_down(self):
        run(f'ip link set {self.name} down')
        self.send(OTHER_PORT, 20)
        if self.name != 'vb':
            run(f'ip link set {self.name} name vb')
            self.name = 'vb'
        self.set_up()

    def remove(self):
        falls = {source: source.falls for source in self.sources()}
        run('ip link del va')
        self.socket.close()
        time.sleep(random.choice([0, 0.02]))    # soon, or sooner than it is noticed
        self.make_link()
        wait_for(lambda: all(source.is_back(falls[source]) for source in falls),
                 'the sources capture again')

    def change_member(self):
        if self.second:
            self.second.end()
            self.seconds.append(self.second)
            self.second = None
        else:
            if self.name != 'vb':       # it would wait for one of that name
                run(f'ip link set {self.name} name vb')
                self.name = 'vb'
            self.second = Source('second', GROUP,
                                 self.folder / f'second{len(self.seconds)}.pcapng')

    def step(self):
        within = [self.change_filter, self.change_mtu, self.rename, lambda: None]
        between = [self.go_down, self.go_down, self.remove, self.change_member]
        self.send(PORT, BURST // 2)
        random.choice(within)()
        self.send(PORT, BURST // 2)
        self.settle()
        random.choice(between)()

    def end(self):
        for source in self.sources():
            source.end()
        if self.second:
            self.seconds.append(self.second)


def count_resources():
    status = pathlib.Path('/proc/self/status').read_text()
    resident = int(status.split('VmRSS:')[1].split()[0]) // 1024
    with open('/proc/self/maps') as maps:
        return len(os.listdir('/proc/self/fd')), sum(1 for _ in maps), resident


def leaks(before, after):
    return (after[0] > before[0] or after[1] > before[1] + 32
            or after[2] > before[2] + 64)


def check(what, numbers, sent, dropped):
    once = set(numbers)
    print(f'{what}: {len(numbers)} of {sent} recorded, {dropped} dropped')
    if len(once) != len(numbers):
        fail(f'{what}: {len(numbers) - len(once)} more than once')
    if not sent - dropped <= len(once) <= sent:
        missing = sorted(set(range(sent)) - once)
        fail(f'{what}: {len(missing)} are missing: {missing[:20]}')


def main():
    seed = random.randrange(1 << 32)
    random.seed(int(os.environ.get('STORM_SEED', seed)))
    print('seed', os.environ.get('STORM_SEED', seed), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        storm = Storm(pathlib.Path(folder))
        steps, end, before = 0, time.monotonic() + SECONDS, None
        while time.monotonic() < end or storm.second:
            storm.step()
            steps += 1
            # what is opened anew has now less, now all that it needs
            if 20 <= steps < 40 and not storm.second:
                before = tuple(map(max, before or (0, 0, 0), count_resources()))
        if storm.second:
            storm.change_member()
        after = count_resources()
        # an earlier ring goes when its last packet does
        soon = time.monotonic() + PATIENCE
        while before and leaks(before, after) and time.monotonic() < soon:
            time.sleep(0.1)
            after = count_resources()
        print(f'{steps} steps; descriptors, mappings, MiB: {before}, then {after}')
        storm.end()
        for what, sources in (('all', [storm.all]),
                              ('the group', [storm.first, *storm.seconds])):
            check(what, conservation.numbers_of([source.path for source in sources], PORT),
                  storm.sent, sum(source.dropped for source in sources))
        if before and leaks(before, after):
            fail('something leaks')


main()
