#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it takes to find packets: afring-find with an index and without, tcpdump over all
files, and seeks of pcapsrc in many files.

bench-find.py BUILD FOLDER [--files N]. FOLDER is on the disk to be measured, and is left with N
files of 250,000 packets, as afring-record makes them (180 MB each; those that are there stay).
"""
import argparse
import pathlib
import random
import statistics
import struct
import subprocess
import time

START = 1700000000
V6 = bytes.fromhex('20010db8')
RARE = bytes([192, 0, 2, 77])   # one packet of each file

EXPRESSIONS = {'a host of one packet': 'host 10.1.17.112',
               'a host of all pieces': 'host 10.0.0.5 and udp port 1003',
               'a host of none': 'host 198.51.100.1'}


class Traffic:
    """As of an office: 400 flows at a time, which come and go; most of TCP, few of ARP and
    IPv6; a third of the packets are large."""
    PER_FILE = 250000
    SECONDS = 60

    def __init__(self, number):
        self.rand = random.Random(number)
        self.noise = self.rand.randbytes(65536)
        self.flows = [self.make_flow() for _ in range(400)]
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
        if i == self.PER_FILE // 2:
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--files', type=int, default=4)
    args = parser.parse_args()
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
