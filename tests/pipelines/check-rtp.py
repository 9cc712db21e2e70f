#!/usr/bin/env python3
"""Which flows of UDP are RTP, in any captures and in one that is made, against the
heuristic of tshark.

check-rtp.py RTP-FLOWS RTP-CAPTURES FOLDER..., with the programs of rtp-flows.c and
rtp-captures.c. Exits with 77, "skipped" to meson, if there is no tshark.

A flow is RTP for tshark if three of its packets are, and what is shorter is not asked of
it. Each flow that it finds flowdemux has to
find too, and no other one, but for those that JUDGED has by their capture, or by the name
of a made flow: somebody has looked at their bytes. In the made one it is known what each is.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

# the source tree stays as it is
sys.dont_write_bytecode = True

import judge

CHAIN = 'pcapdec ! packetdecap'
ENOUGH = 3
MADE = 'made'

# What it is, and why. tshark takes a flow for RTP when one packet has the version and a
# payload type that is not reserved, and from then on all its packets.
JUDGED = {
    'in ChannelData': ('rtp', 'tshark does not look for it in what TURN relays'),
    'BACnet': ('other', 'a length where the number is, the same text where the SSRC is'),
    'RPC call': ('other', 'transaction numbers and a version; the timestamp is 0'),
    'RPC reply': ('other', 'transaction numbers; timestamp and SSRC are 0 and 1'),
    'RakNet': ('other', 'its number is in other bytes, in another order'),
    'SRT': ('other', 'control packets: the number is 0'),
    'IKE': ('other', 'cookies that stay: the number does not move'),
    'NTP before a leap second': ('other', 'stratum and precision: nothing moves'),
    'LISP': ('other', 'a nonce of the version of RTP, and then an IP header'),
    'SOME/IP': ('other', 'a length where the timestamp is'),
    'AFS': ('other', 'an epoch and a connection, which stay'),
    'Source engine': ('other', 'its numbers are in other bytes, in another order'),
    'encrypted': ('other', 'noise, of which a fourth has the version'),
    'all the same': ('other', 'one packet again and again: no number moves'),
}

Flow = collections.namedtuple('Flow', 'source source_port target target_port')


def ask_tshark(file, home):
    """The flows in which it finds RTP."""
    # nobody's preferences but its own
    environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
                       WIRESHARK_CONFIG_DIR=home)
    command = ['tshark', '-n', '-r', file, '--enable-heuristic', 'rtp_udp', '-Y', 'rtp',
               '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=;']
    for field in ('ip.src', 'ipv6.src', 'udp.srcport', 'ip.dst', 'ipv6.dst',
                  'udp.dstport'):
        command += '-e', field
    run = subprocess.run(command, text=True, capture_output=True, env=environment,
                         timeout=120)
    # 2: the file is torn, or none that it knows; it has said all by then
    if run.returncode not in (0, 2):
        sys.exit(f'{file}: tshark failed with {run.returncode}: {run.stderr}')
    counts = collections.Counter()
    for line in run.stdout.splitlines():
        # the innermost
        ip4, ip6, port, to4, to6, to_port = (
            field.split(';')[-1] for field in line.split('\t'))
        counts[Flow(ip4 or ip6, port, to4 or to6, to_port)] += 1
    return {flow for flow, count in counts.items() if count >= ENOUGH}


def ask_flowdemux(program, files):
    """By file and flow, its kind, and how many packets it has."""
    found = {}
    for file, kind, fields in judge.read_lines(program, CHAIN, files):
        flows = found.setdefault(file, {})
        if kind == 'U':
            flow = Flow(*fields[:4])
            # the same on two interfaces, or VLANs, is one for tshark
            kind, count = flows.get(flow, ('', 0))
            flows[flow] = ('rtp' if kind == 'rtp' else fields[4],
                           count + int(fields[5]))
    return found


def make(program, folder):
    """The made capture, and by source port what each flow is, and its name."""
    path = os.path.join(folder, MADE + '.pcap')
    text = subprocess.run([program, path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = (line.split('\t') for line in text.splitlines())
    return path, {port: (kind, name) for port, kind, name in rows}


class Table:
    """Flows by what both say of them."""

    def __init__(self, name):
        self.name, self.counts = name, collections.Counter()

    def add(self, kind, is_rtp):
        self.counts['flows'] += 1
        self.counts['ours'] += kind == 'rtp'
        self.counts['tshark'] += is_rtp
        self.counts['both'] += kind == 'rtp' and is_rtp

    def print(self):
        print('{}: {} flows of UDP, RTP here {}, RTP by tshark {}, by both {}'.format(
            self.name, *(self.counts[name] for name in (
                'flows', 'ours', 'tshark', 'both'))))


def main(flows_program, captures_program, *folders):
    if shutil.which('tshark') is None:
        print('skipped: tshark is the judge')
        sys.exit(77)
    files = judge.find_captures(*folders)
    verdict, judged = judge.Verdict(), set()
    with tempfile.TemporaryDirectory() as home, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made, truth = make(captures_program, home)
        ours = ask_flowdemux(flows_program, files + [made])
        some = [file for file in ours if ours[file]]
        theirs = dict(zip(some, pool.map(lambda file: ask_tshark(file, home), some)))
    others, own = Table('captures of others'), Table('made')
    for file in some:
        name = os.path.basename(file)
        for flow in theirs[file] - set(ours[file]):
            verdict.fail(f'{name}: {flow} is RTP for tshark and there is no such flow')
        for flow, (kind, count) in ours[file].items():
            if count < ENOUGH:
                continue
            is_rtp, label = flow in theirs[file], name
            (own if file == made else others).add(kind, is_rtp)
            if file == made:
                expected, label = truth[flow.source_port]
                if (kind == 'rtp') != (expected == 'rtp'):
                    verdict.fail(f'{label}: {kind} and not {expected}')
            if (kind == 'rtp') == is_rtp:
                continue
            judged.add(label)
            if JUDGED.get(label, ('',))[0] != kind:
                verdict.fail(f'{label}: {flow} is {kind}, for tshark '
                             f'{"rtp" if is_rtp else "not"}')
    for label in sorted(judged.intersection(JUDGED)):
        print('judged: {}: {}, {}'.format(label, *JUDGED[label]))
    for label in sorted(set(JUDGED) - judged):
        verdict.fail(f'{label} is judged and does not differ')
    others.print()
    own.print()
    verdict.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
