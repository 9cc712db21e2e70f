#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""afring-find as somebody types it: each of its modes, and what it says when it is wrong.

find-program.py AFRING-FIND. The packets are counted by tcpdump and tshark; skipped without them.
"""
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

START = 1700000000 * 10**9
FOUND, NOTHING, TROUBLE = 0, 1, 2
failures = 0


def check(name, expected, found):
    global failures
    if expected == found:
        print(f'ok   {name}')
    else:
        failures += 1
        print(f'FAIL {name}: expected {str(expected)[:400]}, found {str(found)[:400]}')


def frame(i):
    rest = b'%d' % i
    udp = struct.pack('>HHHH', 5000 + i % 3, 9, 8 + len(rest), 0) + rest
    return bytes.fromhex('020000000002020000000001') + b'\x08\x00' + struct.pack(
        '>BBHHHBBH', 0x45, 0, 20 + len(udp), i & 0xffff, 0, 64, 17, 0) + bytes(
            [10, 0, i // 1000, i % 5, 10, 0, 0, 9]) + udp


def write_classic(path, numbers):
    with path.open('wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
        for i in numbers:
            at = START + i * 10**6
            file.write(struct.pack('<IIII', at // 10**9, at % 10**9, len(frame(i)),
                                   len(frame(i))) + frame(i))


def run(*words, status=None, text=True):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=text, timeout=120,
                          env=dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8'))
    if status is not None:
        check(f'status of {" ".join(str(word) for word in words[1:])[-70:]}', status,
              done.returncode)
    return done


def count(file):
    return len(run('tcpdump', '-n', '-r', file).stdout.splitlines())


class Test:
    def __init__(self, program, work):
        self.program, self.work = program, work
        self.folder = work / 'captures'
        self.folder.mkdir()
        write_classic(self.folder / 'a.pcap', range(0, 3000, 2))
        write_classic(work / 'b.pcap', range(1, 60000, 2))
        run('gst-launch-1.0', '-q', 'filesrc', f'location={work}/b.pcap', '!', 'pcapdec', '!',
            'pcapsink', f'location={self.folder}/b.pcapng')

    def find(self, *words, status=None, text=True):
        return run(self.program, *words, status=status, text=text)

    def count(self):
        for words, n in ((), 31500), (('udp port 5001',), 10500), (('host', '10.0.0.3'), 200), \
                (('--from', '2023-11-14 22:13:20', '--to', '+1s'), 1000), \
                (('--from', '@1700000001', '--to', '@1700000002', 'udp port 5000'), 333), \
                (('--no-index', 'udp port 5001'), 10500), (('arp',), 0), \
                (('--trust-order', '--from', '@1700000059.9'), 50):
            done = self.find('-r', self.folder, '-c', *words, status=FOUND if n else NOTHING)
            check(f'-c {words}', (f'{n}\n', ''), (done.stdout, done.stderr))
        done = self.find('-r', self.folder, '-c', '--json', 'udp port 5001', status=FOUND)
        check('-c --json', {'packets': 10500}, json.loads(done.stdout))

    def places(self):
        """A file, several, a pattern; each once."""
        for words, n in (('-r', self.folder / 'a.pcap'), 1500), \
                (('-r', self.folder / 'a.pcap', '-r', self.folder), 31500), \
                (('-r', f'{self.folder}/?.pcap'), 1500):
            check(f'{words}', f'{n}\n', self.find(*words, '-c', status=FOUND).stdout)

    def lines(self):
        done = self.find('-r', self.folder, '--to', '@1700000000.003', status=FOUND)
        check('lines', '2023-11-14 22:13:20.000000 10.0.0.0.5000 > 10.0.0.9.9 UDP, length 43\n'
              '2023-11-14 22:13:20.001000 10.0.0.1.5001 > 10.0.0.9.9 UDP, length 43\n'
              '2023-11-14 22:13:20.002000 10.0.0.2.5002 > 10.0.0.9.9 UDP, length 43\n',
              done.stdout)
        done = self.find('-r', self.folder, '--json', '--to', '@1700000000.003', status=FOUND)
        check('lines --json', ('2023-11-14T22:13:20.002000000Z', 43,
                               '10.0.0.2.5002 > 10.0.0.9.9 UDP'), tuple(json.loads(
                                   done.stdout.splitlines()[2])[name]
                                   for name in ('time', 'length', 'flow')))

    def listing(self):
        odd = self.folder / 'o"d\\d\té.pcap'
        shutil.copy(self.folder / 'a.pcap', odd)
        done = self.find('-r', self.folder, '--list', status=FOUND)
        check('--list', [f'{self.folder}/a.pcap: 2023-11-14 22:13:20.000000 to 2023-11-14 '
                         '22:13:22.998000, 1500 packets, 0 dropped'],
              [line for line in done.stdout.splitlines() if '/a.pcap' in line])
        done = self.find('-r', self.folder, '--list', '--json', status=FOUND)
        listed = [json.loads(line) for line in done.stdout.splitlines()]
        check('--list --json', [(f'{self.folder}/a.pcap', 1500), (f'{self.folder}/b.pcapng', 30000),
                                (str(odd), 1500)],
              [(file['file'], file['packets']) for file in listed])
        odd.unlink()

    def flows(self):
        done = self.find('-r', self.folder / 'a.pcap', '--flows', '--json', 'host 10.0.0.2',
                         status=FOUND)
        flows = {flow['flow']: flow['packets'] for flow in map(json.loads,
                                                               done.stdout.splitlines())}
        check('--flows --json', {f'10.0.0.2.{port} > 10.0.0.9.9 UDP': count(self.select(
            f'host 10.0.0.2 and port {port}')) for port in (5000, 5001, 5002)}, flows)
        done = self.find('-r', self.folder / 'a.pcap', '--flows', 'host 10.0.0.2')
        check('--flows', 3, len(done.stdout.splitlines()))
        check('--flows of nothing', '', self.find('-r', self.folder, '--flows', 'arp',
                                                  status=NOTHING).stdout)

    def select(self, expression):
        path = self.work / 'selected.pcap'
        run('tcpdump', '-r', self.folder / 'a.pcap', '-w', path, expression)
        return path

    def writing(self):
        for name in 'out.pcapng', 'out.pcap':
            out = self.work / name
            done = self.find('-r', self.folder, '-w', out, 'udp port 5001', status=FOUND)
            check(f'-w {name}', (10500, '', ''), (count(out), done.stdout, done.stderr))
        check('classic by its name', b'\x4d\x3c\xb2\xa1', (self.work / 'out.pcap').read_bytes()[:4])
        done = self.find('-r', self.folder, '-w', '-', 'udp port 5001', status=FOUND, text=False)
        piped = self.work / 'piped.pcapng'
        piped.write_bytes(done.stdout)
        dump = 'tcpdump', '-n', '-tt', '-xx', '--time-stamp-precision=nano', '-r'
        check('-w -', run(*dump, self.work / 'out.pcapng').stdout, run(*dump, piped).stdout)
        done = self.find('-r', self.folder, '-w', '-', 'arp', status=NOTHING, text=False)
        piped.write_bytes(done.stdout)
        check('-w - of nothing is a capture', (0, ''), (run('tshark', '-r', piped).returncode,
                                                        run('tshark', '-r', piped).stdout))
        # what others say of a packet is kept
        run('editcap', '-a', '1:the first', self.folder / 'a.pcap', self.work / 'said.pcapng')
        done = self.find('-r', self.work / 'said.pcapng', '-w', '-', status=FOUND, text=False)
        piped.write_bytes(done.stdout)
        check('-w - keeps comments', '1500\tthe first', f'{count(piped)}\t' + run(
            'tshark', '-r', piped, '-T', 'fields', '-e', 'frame.comment',
            '-c', '1').stdout.strip())

    def indexes(self):
        plain = self.work / 'plain.pcapng'
        run('editcap', self.work / 'b.pcap', plain)
        self.find('--verify', plain, status=TROUBLE)
        self.find('--index', plain, status=FOUND)
        beside = self.work / 'plain.pcapng.afindex'
        check('--index', True, beside.exists() and beside.stat().st_size < plain.stat().st_size / 50)
        self.check_index(plain)
        size = beside.stat().st_size
        self.find('--index', plain, status=FOUND)
        check('--index again', size, beside.stat().st_size)
        beside.unlink()
        before = plain.stat().st_size
        self.find('--index', '--append', plain, status=FOUND)
        check('--append', (True, False), (plain.stat().st_size > before, beside.exists()))
        self.check_index(plain)
        check('tshark passes over it', 30000, len(run('tshark', '-n', '-r', plain).stdout.splitlines()))
        self.find('--verify', self.folder / 'b.pcapng', status=FOUND)
        for words in ('--index', self.folder / 'a.pcap'), ('--verify', self.folder / 'a.pcap'), \
                ('--index', self.work / 'none.pcapng'):
            done = self.find(*words, status=TROUBLE)
            check(f'{words[0]} {words[1].name} says why', True, words[1].name in done.stderr)
        torn = self.work / 'torn.pcapng'
        torn.write_bytes(plain.read_bytes()[:100000])
        check('--index of a torn one', True, 'torn' in self.find('--index', torn,
                                                                  status=TROUBLE).stderr)

    def check_index(self, plain):
        done = self.find('--verify', plain, status=FOUND)
        check('--verify of a good one', ('', ''), (done.stdout, done.stderr))
        for words in ('-c', 'host 10.0.7.1'), ('-c', 'port 5001'), ('-c', '--from', '@1700000055'):
            check(f'with the index {words}', self.find('-r', plain, '--no-index', *words).stdout,
                  self.find('-r', plain, *words).stdout)

    def edits(self):
        """What is changed in place, with the length that it had: --verify sees all that an answer
        can depend on."""
        good = (self.folder / 'b.pcapng').read_bytes()
        edited = self.work / 'edited.pcapng'
        at = good.index(frame(30001))
        assert good.count(frame(30001)) == 1
        for name, place, byte in ('address', at + 29, 77), ('port', at + 35, 78), \
                ('protocol', at + 23, 6), ('EtherType', at + 13, 6), ('IHL', at + 14, 0x46), \
                ('time', at - 14, 9):
            data = bytearray(good)
            data[place] = byte
            edited.write_bytes(data)
            done = self.find('--verify', edited, status=TROUBLE)
            check(f'--verify sees another {name}', 1, done.stderr.count('is not true of'))
        edited.write_bytes(good[:at] + frame(30001)[:-1] + b'x' + good[at + len(frame(30001)):])
        self.find('--verify', edited, status=FOUND)

    def wrong(self):
        """What cannot be said so, and what to do."""
        for words, part in ((), '-r PATH'), (('-r', self.folder, '-c', '--list'), 'Only one of'), \
                (('-r', self.folder, 'hots 1.2.3.4'), 'syntax error'), \
                (('-r', self.work / 'nothing', '-c'), 'nothing'), \
                (('-r', self.folder, '--from', 'yesterday'), 'yesterday'), \
                (('-r', self.folder, '--to', '+5m'), 'start time'), \
                (('-r', self.folder, '--from', '@2', '--to', '@1'), 'not after'), \
                (('-r', self.folder, '--list', 'arp'), '--list'), (('--index',), 'which files'), \
                (('--append', self.folder / 'a.pcap'), '--index'), \
                (('--index', '--verify', 'x'), 'nothing else'), \
                (('-r', self.folder, '--json', '-w', 'x'), '--json'), \
                (('--no-such-thing',), '--no-such-thing'), \
                (('-r', self.folder, '-w', self.work / 'no' / 'folder.pcapng'), 'folder'):
            done = self.find(*words, status=TROUBLE)
            check(f'{[str(word) for word in words][-2:]} says why', (True, ''),
                  (part in done.stderr and 'afring-find: ' in done.stderr, done.stdout))
        check('--version', True, self.find('--version', status=FOUND).stdout.startswith(
            'afring-find '))
        check('--help', True, '--verify' in self.find('--help', status=FOUND).stdout)

    def bad_file(self):
        """It is named, the others go on, and -q is quiet."""
        (self.folder / 'c.pcap').write_bytes(b'no capture at all, but so called')
        done = self.find('-r', self.folder, '-c', status=FOUND)
        check('a bad file', ('31500\n', 1), (done.stdout, done.stderr.count('c.pcap')))
        check('-q', '', self.find('-q', '-r', self.folder, '-c', status=FOUND).stderr)
        done = self.find('-r', self.folder, '--list', status=TROUBLE)
        check('--list goes on', (2, True), (len(done.stdout.splitlines()), 'c.pcap' in done.stderr
                                            or 'capture' in done.stderr))
        (self.folder / 'c.pcap').unlink()

    def terminal(self):
        """Progress, and Ctrl-C, which keeps what was found."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([self.program, '-r', self.folder, '-c', '-f', 'port 5001'],
                                   stdout=subprocess.PIPE, stderr=theirs, text=True)
        os.close(theirs)
        said, end = b'', time.monotonic() + 60
        while b'10500 packets found' not in said and time.monotonic() < end:
            if select.select([ours], [], [], 1)[0]:
                said += os.read(ours, 1000)
        check('progress', True, b' GB, ' in said and b'10500 packets found' in said)
        process.send_signal(signal.SIGINT)
        check('Ctrl-C', ('10500\n', FOUND), (process.communicate(timeout=60)[0],
                                             process.returncode))
        os.close(ours)
        check('no progress into a file', '', self.find('-r', self.folder, '-c').stderr)


def main():
    for tool in 'tcpdump', 'tshark', 'editcap', 'gst-launch-1.0':
        if shutil.which(tool) is None:
            print(f'skipped: there is no {tool}')
            return 77
    with tempfile.TemporaryDirectory() as work:
        test = Test(sys.argv[1], pathlib.Path(work))
        for part in test.count, test.places, test.lines, test.listing, test.flows, test.writing, \
                test.indexes, test.edits, test.wrong, test.bad_file, test.terminal:
            part()
    print(f'{failures} failures')
    return failures > 0


if __name__ == '__main__':
    sys.exit(main())
