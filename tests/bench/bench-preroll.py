#!/usr/bin/env python3
"""What it costs to hold the last ten seconds of a gigabit link: CPU a packet of an armed
pcapsink beside capturing alone, alternating.

bench-preroll.py BUILD [--seconds N] [--rounds N]

In a network namespace of its own (tests/net/in-namespace.sh); wants trafgen.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

from link import HEADERS, PACKETS_PER_SECOND, SIZE, cpu_of, make_link, start, use_build

FRAME = ('{{ eth(da=02:00:00:00:00:99) ipv4(sa=10.0.0.1, da=10.0.0.2) '
         'udp(sp=1, dp=2) fill(0x41, {}) }}')
HELD = 10                       # seconds
LINES = {
    'capture alone': 'fakesink',
    'capture alone, blocks': 'application/x-pcapng ! fakesink',
    'armed, blocks': 'pcapsink location={}/a.pcapng pre-roll-time={} pre-roll-bytes=2000000000',
    'armed, packets': 'application/x-packet ! pcapsink location={}/a.pcapng pre-roll-time={} '
                      'pre-roll-bytes=2000000000',
}


def count_mappings(pid):
    return len(pathlib.Path(f'/proc/{pid}/maps').read_text().splitlines())


def send(seconds):
    subprocess.run(['trafgen', '-o', 'va', '-n', str(PACKETS_PER_SECOND * seconds), '-q', '-P',
                    '1', '-b', f'{PACKETS_PER_SECOND}pps', FRAME.format(SIZE - HEADERS)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def measure(sink, folder, seconds):
    """Nanoseconds of CPU a packet, packets dropped, mappings before and after."""
    line = f'afringsrc interface=vb ! {sink.format(folder, HELD * 10**9)}'
    log = folder / 'log'
    process = start(line, log, '-m')
    send(HELD + 1)
    before = count_mappings(process.pid), cpu_of(process.pid)
    began = time.monotonic()
    send(seconds)
    after = count_mappings(process.pid), cpu_of(process.pid)
    rate = PACKETS_PER_SECOND * seconds / (time.monotonic() - began)
    process.send_signal(signal.SIGINT)
    process.wait()
    dropped = log.read_text().count('packets-dropped')
    return ((after[1] - before[1]) / (PACKETS_PER_SECOND * seconds), dropped,
            before[0], after[0], rate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--seconds', type=int, default=10)
    parser.add_argument('--rounds', type=int, default=3)
    arguments = parser.parse_args()
    make_link()
    results = {name: [] for name in LINES}
    with tempfile.TemporaryDirectory() as folder:
        use_build(arguments.build, folder)
        for _ in range(arguments.rounds):
            for name, sink in LINES.items():
                result = measure(sink, pathlib.Path(folder), arguments.seconds)
                results[name].append(result[0])
                print(f'{name}: {result[0]:.0f} ns a packet at {result[4]:.0f} packets/s, '
                      f'{result[1]} reports of drops, mappings {result[2]} and {result[3]}',
                      flush=True)
    for name, times in results.items():
        print(f'{name}: median {statistics.median(times):.0f} ns a packet')


main()
