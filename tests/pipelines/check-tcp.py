#!/usr/bin/env python3
"""The streams of TCP in any captures against "Follow TCP Stream" of tshark.

check-tcp.py TCP-STREAMS FOLDER..., where TCP-STREAMS is the program of tcp-streams.c.
Exits with 77, "skipped" to meson, if there are no captures in those folders.

Each direction of each stream that tshark follows has the same bytes on a pad of
flowdemux, holes of the same sizes in the same places, and there are no others. Where they
differ, EXPLAINED says why, by the name of the file.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

# the source tree stays as it is
sys.dont_write_bytecode = True

import judge
import packets

CHAIN = 'pcapdec ! packetdecap'
MOST_STREAMS = 25       # of one run of tshark; more take another
MISSING = re.compile(rb'\[(\d+) bytes missing in capture file\]\0')

EXPLAINED = {
    'bgp-addpath.pcap': 'an IP length beyond the packet, which tshark takes as it is',
    'bgp-aigp.pcap': 'a link of Juniper that is not known',
    'ipoib.pcap': 'IP over InfiniBand, a link that is not known',
    'of10_s4810.pcap': 'bytes that come after their acknowledgment, which tshark gives '
                       'up; by tcp.seq_raw and tcp.payload none are missing',
    'of13_ericsson.pcapng': 'OpenFlow with packets in it, whose addresses tshark takes '
                            'for those of the stream',
}

Stream = collections.namedtuple('Stream', 'source destination hex')


def run_tshark(file, home, *arguments):
    # nobody's preferences but its own
    environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
                       WIRESHARK_CONFIG_DIR=home)
    run = subprocess.run(
        ['tshark', '-n', '-r', file, '-o', 'ip.defragment:TRUE',
         '-o', 'tcp.check_checksum:FALSE', *arguments], text=True,
        capture_output=True, env=environment, timeout=120)
    # 2: the file is torn, or none that it knows; it has said all by then
    if run.returncode not in (0, 2):
        sys.exit(f'{file}: tshark failed with {run.returncode}: {run.stderr}')
    return run.stdout


def parse_follow(text):
    """(number, the streams of both directions) of each stream in what tshark says."""
    for part in text.split('Follow: tcp,raw\n')[1:]:
        number = int(re.search(r'tcp\.stream eq (\d+)', part).group(1))
        nodes = [node.replace('[', '').replace(']', '') for node in
                 re.findall(r'^Node \d: (.*)$', part, re.MULTILINE)]
        sides = ['', '']
        for line in part.split('\n'):
            side, line = line.startswith('\t'), line.strip()
            if not re.fullmatch(r'([0-9a-f]{2})+', line):
                continue
            gap = MISSING.fullmatch(bytes.fromhex(line))
            sides[side] += f'[{int(gap.group(1))}]' if gap else line
        if nodes and nodes[0] != ':0':
            yield number, [Stream(nodes[side], nodes[not side], sides[side])
                           for side in (0, 1)]


def follow(file, home):
    """All streams of FILE that have bytes, in the order in which they begin."""
    found, first = [], 0
    while True:
        arguments = ['-q']
        for number in range(first, first + MOST_STREAMS):
            arguments += '-z', f'follow,tcp,raw,{number}'
        said = dict(parse_follow(run_tshark(file, home, *arguments)))
        for number in sorted(said):
            found += [stream for stream in said[number] if stream.hex]
        first += MOST_STREAMS
        if len(said) < MOST_STREAMS:
            return found


def read_ours(program, files):
    """By file, the streams that flowdemux finds."""
    found = {}
    for file, kind, fields in judge.read_lines(program, CHAIN, files):
        streams = found.setdefault(file, [])
        if kind == 'T':
            streams.append(Stream(f'{fields[0]}:{fields[1]}',
                                  f'{fields[2]}:{fields[3]}', fields[4]))
    return found


def find_with_tcp(files, home):
    """Those of FILES in which there is TCP; one run of tshark on the packets of all that
    are plain, since one for each would take minutes."""
    mixed, owners, others = [], [], []
    for file in files:
        found = packets.read_pcap(file)
        if found is None:
            others.append(file)
            continue
        mixed += found
        owners += [file] * len(found)
    path = f'{home}/mixed.pcapng'
    packets.write_pcapng(path, mixed)
    numbers = run_tshark(path, home, '-Y', 'tcp', '-T', 'fields', '-e',
                         'frame.number').split()
    return sorted({owners[int(number) - 1] for number in numbers}.union(others))


def compare(verdict, counts, name, theirs, ours):
    why = EXPLAINED.get(os.path.basename(name))

    def fail(text):
        if not why:
            verdict.fail(text)
            return
        counts['explained'] += 1
        print(f'explained: {text}: {why}')

    left = list(ours)
    for stream in theirs:
        same = [one for one in left if one[:2] == stream[:2]]
        if not same:
            fail(f'{name}: {stream.source} to {stream.destination}: none, '
                 f'{len(stream.hex) // 2} expected')
            continue
        one = ([one for one in same if one.hex == stream.hex] or same)[0]
        left.remove(one)
        counts['streams'] += 1
        counts['bytes'] += len(stream.hex) // 2
        if one.hex != stream.hex:
            at = len(os.path.commonprefix([one.hex, stream.hex])) // 2
            fail(f'{name}: {stream.source} to {stream.destination}: '
                 f'{len(one.hex) // 2} bytes are not the {len(stream.hex) // 2} of tshark, '
                 f'from {at} on')
    for one in left:
        fail(f'{name}: {one.source} to {one.destination}: '
             f'{len(one.hex) // 2} not expected')


def main(program, *folders):
    files = judge.need_captures(*folders)
    verdict, counts = judge.Verdict(), collections.Counter()
    ours = read_ours(program, files)
    with tempfile.TemporaryDirectory() as home, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        some = find_with_tcp(files, home)
        theirs = dict(zip(some, pool.map(lambda file: follow(file, home), some)))
    for file in files:
        compare(verdict, counts, os.path.relpath(file, os.path.commonpath(folders)),
                theirs.get(file, []), ours[file])
    print(f'{len(files)} files, {len(some)} with TCP: {counts["streams"]} directions '
          f'with {counts["bytes"]} bytes compared, {counts["explained"]} differences explained')
    verdict.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
