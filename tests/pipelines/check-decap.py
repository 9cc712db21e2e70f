#!/usr/bin/env python3
"""What is in tunnels, and what is in none, of any captures against tshark.

check-decap.py PAYLOADS FOLDER..., where PAYLOADS is the program of payloads.c.
Exits with 77, "skipped" to meson, if there are no captures in those folders.

packetdecap ! packetdepay gives what the innermost UDP, and TCP, of each packet carries that
is no part of something else: the same bytes as tshark, of the same time, in order, and nothing
of packets that are cut or lie. What tshark goes on into and packetdecap does not is in
NOT_OPENED by the protocol, other differences are in EXPLAINED by the file. What is in a list
and does not come is a failure too.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections
import concurrent.futures
import importlib
import os
import re
import subprocess
import sys
import tempfile

# the source tree stays as it is
sys.dont_write_bytecode = True

import judge
import packets

nanoseconds = importlib.import_module('check-tshark').nanoseconds

CHAIN = 'pcapdec ! packetdecap ! packetdepay protocol='
# that packetdepay walks through in front of an IP header, and behind it
LINKS = set('eth sll raw null ppp pppoes ethertype vlan ieee8021ad mpls nflog llc wlan '
            'radiotap ppi wlan_radio pktap pcap_pktdata fr atm ipfc pflog enc'.split())
SHIMS = set('ipv6.hopopts ipv6.dstopts ipv6.routing ipv6.fraghdr ah'.split())
# that packetdecap opens, as tshark calls them
TUNNELS = set('vxlan geneve gre erspan gtp tzsp pwethheuristic pwethnocw pwethcw vntag '
              'cmd cfp hsr macsec ieee8021ah'.split())

NOT_OPENED = {
    'icmp': 'quotes the packet that it is about',
    'pim': 'has a packet that a router registers',
    'sflow': 'has samples of packets, several in one',
    'openflow': 'carries packets in a stream of TCP',
    'mpls': 'over UDP, which docs/packetdecap.md names',
    'nsh': 'which docs/packetdecap.md names',
    'ipoib': 'a link that is not known',
    'juniper': 'a link that is not known',
}
EXPLAINED = {
    'bgp-addpath.pcap': 'an IP length beyond the packet, which tshark takes as it is',
    'macsec-short-shorter.pcap': 'shorter than its short length and the check of 16 bytes',
}

FIELDS = ('frame.number', 'frame.time_epoch', 'frame.protocols', 'udp.length', 'udp.payload',
          'tcp.len', 'tcp.payload')
FRAGMENTS = 'ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr.nxt'

Frame = collections.namedtuple('Frame', 'number time protocols transport hex beyond')


def run_tshark(file, home, wanted):
    command = ['tshark', '-n', '-r', file, '-o', 'ip.defragment:TRUE', '-o',
               'ipv6.defragment:TRUE', '-o', 'ip.check_checksum:FALSE', '-o',
               'udp.check_checksum:FALSE', '-o', 'tcp.check_checksum:FALSE', '-o',
               'tcp.desegment_tcp_streams:FALSE', '-Y', wanted, '-T', 'fields', '-E',
               'occurrence=a', '-E', 'aggregator=;']
    for field in FIELDS + ('ip.flags.mf', 'ip.frag_offset', 'ipv6.fraghdr.nxt'):
        command += '-e', field
    # nobody's preferences but those
    environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
                       WIRESHARK_CONFIG_DIR=home)
    run = subprocess.run(command, text=True, capture_output=True, env=environment,
                         timeout=120)
    # 2: the file is torn, or none that it knows; it has said all by then
    if run.returncode not in (0, 2):
        sys.exit(f'{file}: tshark failed with {run.returncode}: {run.stderr}')
    return run.stdout.splitlines()


def walk(protocols):
    """The transport that is to be found in frame.protocols, or None, as its name and the
    which of that name it is; and the protocol, or None, that tshark goes on into alone."""
    seen = collections.Counter()
    for at, name in enumerate(protocols):
        opened = name in TUNNELS | LINKS | SHIMS or name in ('ip', 'ipv6')
        if name in ('udp', 'tcp'):
            seen[name] += 1
            opened = name == 'udp' and TUNNELS.intersection(protocols[at + 1:at + 2])
        if not opened:
            found = (name, seen[name] - 1) if name in seen else None
            rest = protocols[at + bool(found):]
            goes_on = {'eth', 'ip', 'ipv6'}.intersection(rest[1:])
            return found, rest[0] if goes_on else None
    return None, None


def choose(values, field, which):
    """The value of that occurrence of it, '' if there is none."""
    every = values[field].split(';')
    return every[which] if which < len(every) else ''


def read_frame(line):
    values = dict(zip(FIELDS, line.split('\t')))
    found, beyond = walk(values['frame.protocols'].split(':'))
    data = ''
    if found is not None:
        name, which = found
        data = choose(values, name + '.payload', which)
        length = int(choose(values, 'tcp.len' if name == 'tcp' else 'udp.length',
                            which) or 0) - 8 * (name == 'udp')
        # what is cut is nothing; tshark shows what is behind it, too
        data = data[:2 * length] if len(data) >= 2 * length > 0 else ''
    return Frame(int(values['frame.number']), nanoseconds(values['frame.time_epoch']),
                 values['frame.protocols'], found and found[0], data, beyond)


def is_fragment(line):
    mf, offset, after = line.split('\t')[len(FIELDS):]
    return bool(re.search('1|True', mf) or re.search('[1-9]', offset) or after)


def read_frames(files, home, pool):
    """By file, what tshark says of packets with UDP or TCP. Those of all plain files without
    fragments come from one run; a run for each would take minutes."""
    mixed, owners, frames = [], [], {}
    for file in files:
        found = packets.read_pcap(file)
        if found is not None:
            mixed += found
            owners += [(file, number) for number in range(1, len(found) + 1)]
            frames[file] = []
    path = f'{home}/mixed.pcapng'
    packets.write_pcapng(path, mixed)
    wanted = f'udp || tcp || {FRAGMENTS}'
    for line in run_tshark(path, home, wanted):
        file, number = owners[int(line.split('\t')[0]) - 1]
        if is_fragment(line):
            frames.pop(file, None)
        elif file in frames:
            frames[file].append(read_frame(line)._replace(number=number))
    others = [file for file in files if file not in frames]
    lines = pool.map(lambda file: run_tshark(file, home, 'udp || tcp'), others)
    for file, of_file in zip(others, lines):
        frames[file] = [read_frame(line) for line in of_file]
    return frames


def compare(name, transport, frames, buffers):
    """What differs, as text: two lists that should be one."""
    want = [(frame.time, frame.hex, f'frame {frame.number}, {frame.protocols}')
            for frame in frames if frame.transport == transport and frame.hex]
    have = [(buffer.time, buffer.hex) for buffer in buffers if buffer.hex]
    at = 0
    for one in have:
        # who has no time is of any
        there = next((i for i in range(at, len(want)) if want[i][1] == one[1]
                      and one[0] in (want[i][0], '-')), None)
        if there is None:
            yield f'{name}: {transport}: {len(one[1]) // 2} bytes at {one[0]} not expected'
            continue
        for missed in want[at:there]:
            yield f'{name}: {transport}: none of {missed[2]}: {len(missed[1]) // 2} bytes'
        at = there + 1
    for missed in want[at:]:
        yield f'{name}: {transport}: none of {missed[2]}: {len(missed[1]) // 2} bytes'


def main(program, *folders):
    files = judge.need_captures(*folders)
    verdict, counts = judge.Verdict(), collections.Counter()
    explained, beyond = set(), collections.Counter()
    ours = {name: judge.read_payloads(program, CHAIN + name, files)
            for name in ('udp', 'tcp')}
    if None in ours.values():
        sys.exit(1)
    with tempfile.TemporaryDirectory() as home, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        theirs = read_frames(files, home, pool)
    for file in files:
        name, frames = os.path.basename(file), theirs[file]
        for frame in frames:
            if frame.beyond:
                beyond[frame.beyond] += 1
                if frame.beyond not in NOT_OPENED:
                    verdict.fail(f'{name}: frame {frame.number}, {frame.protocols}: '
                                 f'{frame.beyond} is not opened')
        for transport in ours:
            for text in compare(name, transport, frames, ours[transport][file].buffers):
                if name in EXPLAINED:
                    explained.add(name)
                else:
                    verdict.fail(text)
            of_it = [frame for frame in frames if frame.transport == transport]
            counts[transport] += sum(bool(frame.hex) for frame in of_it)
            counts['none'] += sum(not frame.hex for frame in of_it)
            counts['tunnels'] += sum(bool(TUNNELS.intersection(frame.protocols.split(':')))
                                     for frame in of_it)
    for name in sorted(set(EXPLAINED) - explained):
        verdict.fail(f'{name} is explained and does not differ')
    for name in sorted(set(NOT_OPENED) - set(beyond)):
        verdict.fail(f'{name} is explained and does not come')
    for name in sorted(explained):
        print(f'explained: {name}: {EXPLAINED[name]}')
    for name, count in beyond.most_common():
        print(f'not opened: {count} packets, {name}: {NOT_OPENED.get(name)}')
    print(f'{len(files)} files: payloads of {counts["udp"]} packets with UDP and '
          f'{counts["tcp"]} with TCP compared, {counts["tunnels"]} of them in tunnels; '
          f'{counts["none"]} that give none')
    verdict.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
