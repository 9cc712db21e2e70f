#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What afring-find finds is what "tcpdump -r" finds in each file, merged by mergecap.

find-proof.py AFRING-FIND [--filters N] [--seed N]. Files of made packets: recordings with an
index, without one, with one beside it; classic, gzip, zstd; concatenated, appended to, torn, edited
by editcap; clocks that jump both ways. Skipped without tcpdump, mergecap, editcap or zstd.
"""
import argparse
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

START = 1700000000 * 10**9
HOSTS = [bytes([10, 0, i // 4, i % 4 + 1]) for i in range(12)]
PORTS = [53, 80, 443, 5004, 5060, 33000]
V6 = [bytes.fromhex('20010db8') + bytes(11) + bytes([i + 1]) for i in range(4)]


def make_transport(rand):
    ports = struct.pack('>HH', rand.choice(PORTS), rand.choice(PORTS))
    rest = rand.randbytes(rand.randrange(40))
    kind = rand.random()
    if kind < .5:
        return 17, ports + struct.pack('>HH', 8 + len(rest), 0) + rest
    if kind < .8:
        return 6, ports + bytes(8) + b'\x50' + bytes([rand.randrange(64)]) + bytes(6) + rest
    return 1, bytes([rand.choice([0, 3, 8]), 0]) + bytes(6) + rest


def make_packet(rand):
    """One with an Ethernet header: plain, tagged once or twice, IPv4 with options and
    fragments, IPv6 with an extension header, ARP, cut, empty."""
    kind = rand.random()
    if kind < .01:
        return rand.randbytes(rand.randrange(20))
    head = rand.randbytes(12)
    for _ in range(rand.choice([0, 0, 0, 0, 1, 2])):
        head += struct.pack('>HH', rand.choice([0x8100, 0x88a8]), rand.randrange(1, 6))
    if kind < .06:
        return head + b'\x08\x06' + bytes.fromhex('0001080006040001') + bytes(6) + \
            rand.choice(HOSTS) + bytes(6) + rand.choice(HOSTS)
    protocol, body = make_transport(rand)
    if kind < .2:
        extension = b''
        after = protocol
        if rand.random() < .3:
            extension, after = bytes([protocol, 0]) + bytes(6), 0
        return head + b'\x86\xdd' + struct.pack('>IHBB', 6 << 28, len(extension + body), after,
                                                 64) + rand.choice(V6) + rand.choice(V6) + \
            extension + body
    options = bytes(4 * rand.choice([0, 0, 0, 1, 10]))
    fragment = rand.choice([0] * 8 + [0x2000, 0x2010, 0x10])
    return head + b'\x08\x00' + struct.pack(
        '>BBHHHBBH', 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), 1, fragment, 64,
        protocol, 0) + rand.choice(HOSTS) + rand.choice(HOSTS) + options + body


def make_primitive(rand):
    host = '.'.join(str(byte) for byte in rand.choice(HOSTS))
    way = rand.choice(['', 'src ', 'dst '])
    return rand.choice([
        f'{way}host {host}', f'{way}net {host.rsplit(".", 1)[0]}.0/24', f'{way}port '
        f'{rand.choice(PORTS)}', f'{way}portrange 50-{rand.choice(PORTS) + 50}', 'ip', 'ip6', 'arp',
        'udp', 'tcp', 'icmp', f'vlan {rand.randrange(1, 7)}', 'vlan', f'ip6 host 2001:db8::'
        f'{rand.randrange(1, 6)}', f'less {rand.randrange(50, 110)}', f'greater '
        f'{rand.randrange(50, 110)}', 'ip[6:2] & 0x1fff != 0', 'tcp[tcpflags] & tcp-syn != 0',
        'ip[0] & 0xf > 5', f'ether[{rand.randrange(20)}] = {rand.randrange(256)}',
        f'udp[8] > {rand.randrange(256)}', 'ip proto 6', 'ether broadcast', 'multicast'])


def make_expression(rand, depth=0):
    kind = rand.random()
    if depth > 2 or kind < .4:
        return make_primitive(rand)
    if kind < .55:
        return f'not ({make_expression(rand, depth + 1)})'
    return (f'({make_expression(rand, depth + 1)}) {rand.choice(["and", "or"])} '
            f'({make_expression(rand, depth + 1)})')


def write_classic(path, rand, n, start):
    """With a clock that jumps both ways now and then."""
    time = start
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for _ in range(n):
            time += rand.randrange(1, 10**6)
            if rand.random() < 2 / n:
                time += rand.randrange(-3 * 10**9, 3 * 10**9)
            packet = make_packet(rand)
            cut = packet[:rand.choice([14, 34, 60])] if rand.random() < .05 else packet
            file.write(struct.pack('<IIII', time // 10**9, time % 10**9, len(cut), len(packet)))
            file.write(cut)


def cut(path, begin, end):
    """Leaves those packets of a file of tcpdump's that are in between."""
    data = path.read_bytes()
    # of the machine's byte order
    assert struct.unpack('<I', data[:4])[0] == 0xa1b23c4d
    kept, at = [data[:24]], 24
    while at < len(data):
        seconds, fraction, length = struct.unpack_from('<III', data, at)
        if begin <= seconds * 10**9 + fraction < end:
            kept.append(data[at:at + 16 + length])
        at += 16 + length
    path.write_bytes(b''.join(kept))


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def decompress(file):
    """Of one that is torn, what is there."""
    return subprocess.run(['gzip' if file.suffix == '.gz' else 'zstd', '-dc', file],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Proof:
    def __init__(self, program, work, rand):
        self.program, self.work, self.rand = program, work, rand

    def record(self, source, target, compression='none'):
        run('gst-launch-1.0', '-q', 'filesrc', f'location={source}', '!', 'pcapdec', '!',
            'pcapsink', f'location={target}', f'compression={compression}')

    def make_files(self, folder):
        folder.mkdir()
        plain = []
        for i in range(8):
            path = self.work / f'{i}.pcap'
            write_classic(path, self.rand, self.rand.choice([50, 800, 3000]),
                          START + i * self.rand.randrange(10**9))
            plain.append(path)
        shutil.copy(plain[0], folder / '0.pcap')
        self.record(plain[1], folder / '1.pcapng')
        self.record(plain[2], self.work / 'whole.pcapng')
        self.record(plain[3], self.work / 'more.pcapng')
        # concatenated; edited, which drops the index; torn; with an index beside it
        (folder / '2.pcapng').write_bytes((self.work / 'whole.pcapng').read_bytes()
                                           + (self.work / 'more.pcapng').read_bytes())
        run('editcap', self.work / 'more.pcapng', folder / '3.pcapng', '3', '9-20')
        self.record(plain[4], self.work / 'torn.pcapng')
        data = (self.work / 'torn.pcapng').read_bytes()
        (folder / '4.pcapng').write_bytes(data[:self.rand.randrange(600, len(data))])
        run('editcap', plain[5], folder / '5.pcapng')
        run(self.program, '--index', folder / '5.pcapng')
        # appended to behind its index
        self.record(plain[6], self.work / 'appended.pcapng')
        run('editcap', plain[7], self.work / 'end.pcapng')
        (folder / '6.pcapng').write_bytes((self.work / 'appended.pcapng').read_bytes()
                                           + (self.work / 'end.pcapng').read_bytes())
        (folder / '7.pcap').write_bytes(plain[7].read_bytes())
        run('gzip', folder / '7.pcap')
        # compressed: whole, which has an index, torn, and what has none
        more = [self.work / f'more{i}.pcap' for i in range(3)]
        for i, path in enumerate(more):
            write_classic(path, self.rand, 5000, START + i * self.rand.randrange(10**9))
        self.record(more[0], folder / '8.pcapng.zst', 'zstd')
        self.record(more[1], self.work / 'torn.zst', 'zstd')
        data = (self.work / 'torn.zst').read_bytes()
        (folder / '9.pcapng.zst').write_bytes(data[:self.rand.randrange(len(data) * 3 // 5,
                                                               len(data) - 9)])
        self.record(more[2], folder / 'a.pcapng.gz', 'gzip')

    def expect(self, files, expression):
        """Of each file what it finds there. None: tcpdump does not take it."""
        answers = []
        for i, file in enumerate(files):
            answer = self.work / f'answer{i}.pcap'
            done = subprocess.run(['tcpdump', '--time-stamp-precision=nano', '-r', file, '-w',
                                   answer, expression], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
            if done.returncode != 0 and 'truncated' not in done.stderr:
                return None
            answers.append(answer)
        return answers

    def merge(self, answers):
        merged = self.work / 'merged.pcap'
        run('mergecap', '-F', 'nsecpcap', '-w', merged, *answers)
        return self.dump(merged)

    def dump(self, file):
        return run('tcpdump', '-tt', '-n', '-xx', '--time-stamp-precision=nano', '-r', file)

    def find(self, folder, expression, *options):
        found = self.work / 'found.pcapng'
        found.unlink(missing_ok=True)
        done = subprocess.run([self.program, '-q', '-r', folder, '-w', found, *options,
                               expression], stderr=subprocess.PIPE, text=True)
        if done.returncode == 2:
            return done.stderr.encode()
        return self.dump(found) if done.returncode == 0 else b''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--filters', type=int, default=60)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    for tool in 'tcpdump', 'mergecap', 'editcap', 'zstd', 'gst-launch-1.0':
        if shutil.which(tool) is None:
            print(f'skipped: there is no {tool}')
            return 77
    rand = random.Random(args.seed)
    asked = matched = failures = 0
    with tempfile.TemporaryDirectory() as work:
        proof, batch = None, 0
        while asked < args.filters:
            if asked % 50 == 0:
                batch += 1
                room = pathlib.Path(work) / str(batch)
                room.mkdir()
                proof = Proof(args.program, room, rand)
                folder = room / 'files'
                proof.make_files(folder)
                plain = room / 'plain'
                plain.mkdir()
                for file in folder.iterdir():
                    if file.suffix in ('.gz', '.zst'):
                        (plain / file.stem).write_bytes(decompress(file))
                    elif file.suffix != '.afindex':
                        shutil.copy(file, plain)
                files = sorted(plain.iterdir())
            expression = make_expression(rand)
            answers = proof.expect(files, expression)
            if answers is None:
                continue
            asked += 1
            expected = proof.merge(answers)
            matched += expected != b''
            begin = START + rand.randrange(3 * 10**9)
            end = begin + rand.randrange(1, 2 * 10**9)
            for options in (), ('--no-index',), ('--from', str(begin), '--to', str(end)):
                if '--from' in options:
                    for answer in answers:
                        cut(answer, begin, end)
                    expected = proof.merge(answers)
                found = proof.find(folder, expression, *options)
                if found != expected:
                    failures += 1
                    print(f'FAIL {" ".join(options)} "{expression}": {expected.count(b"length")} '
                          f'expected, {found.count(b"length")} found: {found[:200]}')
    print(f'{asked} expressions, {matched} of which match, {failures} wrong answers')
    return failures > 0 or matched == 0


if __name__ == '__main__':
    sys.exit(main())
