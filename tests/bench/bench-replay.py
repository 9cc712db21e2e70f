#!/usr/bin/env python3
"""What it costs to send a recording again, and how near to its times, beside tcpreplay.

Over a veth pair in a network namespace of its own; programs take turns, each alone. Runs
as root, or in a user namespace. tcpreplay is left out where it is not there.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import datetime
import os
import pathlib
import platform
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
IN_NAMESPACE = HERE.parent / 'net' / 'in-namespace.sh'
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import link

INSIDE = 'AFRING_BENCH_INSIDE'
INTERVAL = 1000     # microseconds, between packets whose times are looked at
TIMED_SIZE = 200
LEAST = 1000        # packets, of which the cost is that of starting up


def write_capture(path, packets, size, interval):
    """Classic pcap; frames of an EtherType that nobody listens to."""
    frame = bytes.fromhex('02000000000202000000000188b5').ljust(size, b'\0')
    with open(path, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(packets):
            seconds, microseconds = divmod(i * interval, 1000000)
            out.write(struct.pack('<IIII', 1700000000 + seconds, microseconds, size,
                                  size) + frame)


def read_times(path):
    """Nanoseconds, of a pcap file with those."""
    data = pathlib.Path(path).read_bytes()
    magic, = struct.unpack_from('<I', data)
    assert magic == 0xa1b23c4d, hex(magic)
    times, at = [], 24
    while at < len(data):
        seconds, nanoseconds, length, _ = struct.unpack_from('<IIII', data, at)
        times.append(seconds * 10**9 + nanoseconds)
        at += 16 + length
    return times


def transmitted():
    for line in pathlib.Path('/proc/self/net/dev').read_text().splitlines():
        if line.strip().startswith('va:'):
            return int(line.split(':')[1].split()[9])


def run(command):
    """CPU in seconds, what it says, and the packets that the interface has sent."""
    before = transmitted()
    with tempfile.TemporaryFile('w+') as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        log.seek(0)
        said = log.read()
    if status:
        raise RuntimeError(f'{command}: {said}')
    return usage.ru_utime, usage.ru_stime, said, transmitted() - before


def seconds_of(said):
    return float(re.search(r' in ([0-9.]+) s', said)[1])


class Speed:
    """As fast as it goes."""

    def __init__(self, command, few, many, packets):
        self.command, self.few, self.many, self.packets = command, few, many, packets
        self.rates, self.user, self.system, self.lost = [], [], [], 0

    def round(self):
        user, system, said, sent = run(self.command + [self.many])
        few_user, few_system, _, _ = run(self.command + [self.few])
        n = self.packets - LEAST
        self.rates.append(sent / seconds_of(said))
        self.user.append((user - few_user) / n * 1e9)
        self.system.append((system - few_system) / n * 1e9)
        self.lost += self.packets - sent


def bench_speed(programs, folder, packets, rounds, size):
    few, many = f'{folder}/few.pcap', f'{folder}/many.pcap'
    write_capture(few, LEAST, size, 1)
    write_capture(many, packets, size, 1)
    speeds = {name: Speed(command + ['--topspeed'], few, many, packets)
              for name, command in programs.items() if 'spin' not in name}
    for _ in range(rounds):
        for speed in speeds.values():
            speed.round()
    print(f'\n{packets} packets of {size} bytes, as fast as it goes\n'
          f'{"":24}packets/s     least      most   CPU ns    user  system  not sent\n'
          f'{"":54}a packet')
    for name, speed in speeds.items():
        cpu = [sum(both) for both in zip(speed.user, speed.system)]
        print(f'{name:22} {statistics.median(speed.rates):10.0f}{min(speed.rates):10.0f}'
              f'{max(speed.rates):10.0f}{statistics.median(cpu):9.0f}'
              f'{statistics.median(speed.user):8.0f}{statistics.median(speed.system):8.0f}'
              f'{speed.lost:10}')


def measure_times(command, capture, folder):
    """How late each packet is, in microseconds, after the one that was least late, and what
    that grows by, in microseconds a second."""
    got = f'{folder}/got.pcap'
    log = f'{folder}/receiver.log'
    receiver = link.start(f'afringsrc interface=vb direction=in ! pcapsink location={got}',
                          log, '-e', '-q')
    run(command + [capture])
    time.sleep(0.3)
    receiver.send_signal(2)
    receiver.wait()
    late = [(t - i * INTERVAL * 1000) / 1000 for i, t in enumerate(read_times(got))]
    least = min(late)
    late = [t - least for t in late]
    tenth = len(late) // 10
    # the least of the first and of the last tenth: what has added up
    grown = min(late[-tenth:]) - min(late[:tenth])
    return sorted(late), grown / (len(late) * INTERVAL / 1e6 * 0.9)


def bench_times(programs, folder, packets, rounds):
    capture = f'{folder}/timed.pcap'
    write_capture(capture, packets, TIMED_SIZE, INTERVAL)
    results = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            results[name].append(measure_times(command, capture, folder))
    print(f'\n{packets} packets, {INTERVAL} us apart: us after its time; medians of rounds\n'
          f'{"":24}median      90 %      99 %      most   drift us/s')
    for name, rows in results.items():
        def at(part, rows=rows):
            return statistics.median(
                late[min(int(len(late) * part), len(late) - 1)] for late, _ in rows)
        print(f'{name:20}{at(.5):10.1f}{at(.9):10.1f}{at(.99):10.1f}{at(1):10.1f}'
              f'{statistics.median(drift for _, drift in rows):13.1f}')


def print_machine(build):
    model = re.search(r'model name\s*:\s*(.+)', pathlib.Path('/proc/cpuinfo').read_text())
    system = platform.uname()
    print(f'{datetime.date.today()}; {system.system} {system.release} {system.machine}; '
          f'{model[1] if model else "unknown processor"}, {os.cpu_count()} processors; '
          f'load {os.getloadavg()[0]:.1f}')
    for command in [f'{build}/examples/afring-replay', '--version'], ['tcpreplay', '--version']:
        if shutil.which(command[0]):
            said = subprocess.run(command, capture_output=True, text=True)
            print((said.stdout + said.stderr).splitlines()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', required=True)
    parser.add_argument('--packets', type=int, default=500000)
    parser.add_argument('--timed', type=int, default=10000)
    parser.add_argument('--rounds', type=int, default=5)
    args = parser.parse_args()
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = '1'
        os.execv(IN_NAMESPACE, [IN_NAMESPACE, sys.executable, *sys.argv])
    replay = [f'{args.build}/examples/afring-replay', '-i', 'va']
    programs = {'afring-replay': replay, 'with 100 us of spin': replay + ['--spin', '100']}
    if shutil.which('tcpreplay'):
        programs['tcpreplay'] = ['tcpreplay', '-q', '-i', 'va']
    with tempfile.TemporaryDirectory() as folder:
        link.use_build(args.build, folder)
        link.make_link()
        print_machine(args.build)
        print(f'{args.rounds} rounds, in turn; a veth pair')
        for size in 60, 1442:
            bench_speed(programs, folder, args.packets, args.rounds, size)
        bench_times(programs, folder, args.timed, args.rounds)


main()
