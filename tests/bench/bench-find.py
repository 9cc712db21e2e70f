#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it takes to find packets: afring-find with an index and without, tcpdump over all
files; with a page cache that has them, and one that has nothing.

bench-find.py BUILD FOLDER [--files N] [--small N] [--rounds N] [--peer-rounds N]. FOLDER is on
the disk to be measured, and is left with N files of 250,000 packets, as afring-record makes them (170 MB each;
those that are there stay). With --small, first N files whose indexes are as large as those
of 170 MiB, and which are small themselves: 600 of them stand for 100 GiB.
"""
import argparse
import datetime
import os
import pathlib
import platform
import random
import statistics
import struct
import subprocess
import time

START = 1700000000
V6 = bytes.fromhex('20010db8')
SMALL, SMALL_PACKET = 4096, 92
RARE = bytes([192, 0, 2, 77])   # one packet of each file

FIND = ['-q', '-c']
# what is asked, and what afring-find is asked beside the expression
QUESTIONS = {
    'a host of one packet in each file': ('host 192.0.2.77', ()),
    'a host of all pieces': ('host 23.0.0.1 and port 443', ()),
    'a host of none': ('host 198.51.100.1', ()),
    'one host for five minutes': ('host 23.0.0.77', ('--from', 'MIDDLE', '--to', '+5m')),
}


class Traffic:
    """As of an office: 400 flows at a time, which come and go; most of TCP, few of ARP and
    IPv6; a third of the packets are large."""
    PER_FILE = 250000
    SECONDS = 60

    def __init__(self, number):
        self.rand = random.Random(number)
        self.noise = self.rand.randbytes(65536)
        self.flows = [self.make_flow() for _ in range(400)]
        self.rare_at = self.PER_FILE // 2
        self.stamp = (START + number * self.SECONDS) * 10**9

    def make_flow(self):
        """Of each direction what goes before and behind the length, and how long it lasts."""
        rand = self.rand
        local, remote = rand.randrange(2000), int(rand.paretovariate(.4)) % 200000
        ends = (local + 1).to_bytes(2, 'big'), remote.to_bytes(3, 'big')
        port, service = rand.randrange(32768, 61000), rand.choice([443] * 6 + [80, 53, 22, 5004])
        protocol = 17 if service in (53, 5004) else 6
        ports = struct.pack('>HH', port, service), struct.pack('>HH', service, port)
        if rand.random() < .05:
            here, there = V6 + bytes(10) + ends[0], V6 + bytes(9) + ends[1]
            return [(b'\x86\xdd' + bytes([0x60, 0, 0, 0]), bytes([protocol, 64]) + way + at)
                    for way, at in ((here + there, ports[0]), (there + here, ports[1]))]
        here, there = b'\x0a\x01' + ends[0], b'\x17' + ends[1]
        return [(b'\x08\0E\0', bytes([0, 1, 64, 0, 64, protocol, 0, 0]) + way + at)
                for way, at in ((here + there, ports[0]), (there + here, ports[1]))]

    def make_packet(self, i):
        rand = self.rand.random
        if i == self.rare_at:
            return bytes(12) + b'\x08\0E\0\0\x2e' + bytes([0, 1, 64, 0, 64, 17, 0, 0]) + \
                RARE + bytes([10, 1, 0, 1, 4, 0, 19, 140]) + bytes(18)
        if rand() < .002:
            return bytes(12) + b'\x08\x06\0\x01\x08\0\x06\x04\0\x01' + bytes(6) + \
                bytes([10, 1, 0, int(rand() * 250)]) + bytes(28)
        which = int(rand() * 400)
        if rand() < .01:
            self.flows[which] = self.make_flow()
        before, behind = self.flows[which][rand() < .4]
        size = rand()
        length = 1400 if size < .33 else 30 if size < .8 else int(rand() * 1300) + 20
        at = int(rand() * 64000)
        return bytes(12) + before + (length + len(behind)).to_bytes(2, 'big') + behind + \
            self.noise[at:at + length]

    def write(self, path):
        rand, step = self.rand.random, self.SECONDS * 10**9 // self.PER_FILE
        with open(path, 'wb', 1 << 20) as file:
            file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
            for i in range(self.PER_FILE):
                packet = self.make_packet(i)
                self.stamp += int(rand() * 2 * step)
                file.write(struct.pack('<IIII', self.stamp // 10**9, self.stamp % 10**9,
                                       len(packet), len(packet)) + packet)


def forget(files):
    """Not a byte of them is in the page cache."""
    for file in files:
        with open(file, 'rb') as opened:
            os.fsync(opened)
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def run(command):
    """Seconds of the processor; what ends with 1 has found nothing."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), command
    return usage.ru_utime + usage.ru_stime


def measure(commands, cold, rounds):
    """By the clock, the median, least and most; and the median of the processor's time."""
    took, used = [], []
    for _ in range(rounds):
        forget(cold)
        begun = time.monotonic()
        used.append(sum(run(command) for command in commands))
        took.append(time.monotonic() - begun)
    return statistics.median(took), min(took), max(took), statistics.median(used)


def say(what, values):
    middle, least, most, used = values
    print(f'{what:34} {middle:8.3f} {least:8.3f}-{most:<8.3f} CPU {used:7.3f}', flush=True)


def record(source, target):
    subprocess.run(['gst-launch-1.0', '-q', 'filesrc', f'location={source}', '!', 'pcapdec', '!',
                    'pcapsink', f'location={target}'], check=True)


def make_recordings(folder, n):
    plain = folder / '.plain.pcap'
    for i in range(n):
        recorded = folder / f'{i:03}.pcapng'
        if not recorded.exists():
            Traffic(i).write(plain)
            record(plain, recorded)
            plain.unlink()


def measure_peers(find, folder, cold, rounds):
    """What they take depends little on what is looked for. Returns tcpdump's."""
    expression, _ = QUESTIONS['a host of none']
    state = 'cold' if cold else 'warm'
    if not cold:
        say('  warm afring-find --no-index', measure(
            [[find, *FIND, '-r', str(folder), '--no-index', expression]], cold, rounds))
    theirs = measure([['tcpdump', '-r', str(file), '-w', '/dev/null', expression]
                      for file in sorted(folder.glob('*.pcapng'))], cold, rounds)
    say(f'  {state} tcpdump -r, all files', theirs)
    return theirs


def compare(find, folder, rounds, peers):
    """@peers: rounds of others, or none. With a cache that has all, and with one that has nothing."""
    files = sorted(folder.glob('*.pcapng'))
    size = sum(file.stat().st_size for file in files)
    print(f'\n{len(files)} files, {size / 2**30:.2f} GiB; seconds by the clock: median, least '
          f'and most of {rounds}; of the processor')
    theirs = {}
    for state, cold in ('cold', files), ('warm', []):
        if peers:
            theirs[state] = measure_peers(find, folder, cold, peers)
    middle = str((START + len(files) // 2 * Traffic.SECONDS) * 10**9)
    for name, (expression, times) in QUESTIONS.items():
        times = [middle if word == 'MIDDLE' else word for word in times]
        command = [find, *FIND, '-r', str(folder), *times, expression]
        found = int(subprocess.run(command, stdout=subprocess.PIPE).stdout)
        print(f'{name}, {found} packets: "{expression}"')
        for state, cold in ('cold', files), ('warm', []):
            ours = measure([command], cold, rounds)
            say(f'  {state} afring-find', ours)
            if peers:
                print(f'  tcpdump takes {theirs[state][0] / ours[0]:.0f} times as long, and '
                      f'{theirs[state][3] / ours[3]:.0f} times the processor')


def make_small(folder, files, records):
    """Recordings of which each record of the index is of 4 KiB."""
    import gi
    gi.require_version('Gst', '1.0')
    gi.require_version('GstAfring', '1.0')
    from gi.repository import Gst, GstAfring
    Gst.init(None)
    for i in range(files):
        path, traffic = folder / f'{i:03}.pcapng', Traffic(i)
        if path.exists():
            continue
        packets = records * SMALL // SMALL_PACKET
        traffic.rare_at = packets // 2
        builder = GstAfring.PcapIndexBuilder.new(SMALL)
        out = bytearray(struct.pack('<IIIHHqI', 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28))
        out += struct.pack('<IIHHIHHBxxxHHI', 1, 32, 1, 0, 0, 9, 1, 9, 0, 0, 32)
        builder.add(bytes(out))
        for j in range(packets):
            packet = traffic.make_packet(j)[:60].ljust(60, b'\0')
            traffic.stamp += traffic.SECONDS * 10**9 // packets
            block = struct.pack('<IIIIIII', 6, SMALL_PACKET, 0, traffic.stamp >> 32,
                                traffic.stamp & 0xffffffff, 60, 60) + packet + struct.pack(
                                    '<I', SMALL_PACKET)
            builder.add(block)
            out += block
            if builder.is_due():
                out += builder.write(512).get_data()
        out += builder.write(512).get_data()
        path.write_bytes(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--files', type=int, default=4)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--peer-rounds', type=int, default=0,
                        help='of what takes long; 0: as of the others')
    parser.add_argument('--small', type=int, default=0, metavar='FILES',
                        help='files with an index as of 170 MiB each')
    args = parser.parse_args()
    args.folder.mkdir(exist_ok=True)
    find = f'{args.build}/examples/afring-find'
    print(f'{datetime.date.today()}; Linux {platform.release()}, {os.cpu_count()} processors, '
          f'load {os.getloadavg()[0]:.0f}')
    say('a start of nothing', measure([[find, '-V']], [], args.rounds))
    if args.small:
        folder = args.folder / 'small'
        folder.mkdir(exist_ok=True)
        make_small(folder, args.small, 171)
        compare(find, folder, args.rounds, 0)
    if args.files:
        make_recordings(args.folder, args.files)
        compare(find, args.folder, args.rounds, args.peer_rounds or args.rounds)


if __name__ == '__main__':
    main()
