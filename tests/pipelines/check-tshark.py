#!/usr/bin/env python3
"""The payloads of any captures against tshark's own extraction.

check-tshark.py PAYLOADS FOLDER..., where PAYLOADS is the program of payloads.c.
Exits with 77, "skipped" to meson, if there are no captures in those folders.

For every packet in which tshark finds UDP, packetdepay must give the same bytes
(outermost UDP, capture time, order), and nothing for any other packet. Left out,
and counted, are UDP behind headers that packetdepay does not walk through and
what tshark is more lenient with; of packets that are cut or that lie about their
lengths it must give nothing.
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

CHAIN = 'pcapdec ! packetdepay protocol=udp'
FIELDS = ('frame.number', 'frame.time_epoch', 'frame.protocols', 'frame.len',
          'frame.cap_len', 'udp.length', 'udp.payload', 'ip.fragment.count',
          'ipv6.fragment.count', 'ip.fragment.overlap', 'ip.fragment.error',
          'ip.fragment.multipletails', 'ip.fragment.toolongfragment',
          'ipv6.fragment.overlap', 'ipv6.fragment.error',
          'ipv6.fragment.multipletails', 'ipv6.fragment.toolongfragment',
          'ip.len', 'ip.bogus_ip_length', 'ipv6.plen_exceeds_framing',
          'ipv6.plen_zero', 'ip.flags.mf', 'ip.frag_offset',
          'ipv6.fraghdr.nxt')
# headers to walk through, up to the outermost UDP, as in frame.protocols
WALKED = re.compile(
    r'(eth|sll|raw|null|ppp|pppoes)'
    r'(:(ethertype|vlan|ieee8021ad|mpls|pppoes|ppp))*'
    r':(ip|ipv6)(:(ipv6\.(hopopts|dstopts|routing|fraghdr)|ah))*:udp(:|$)')
# UDP that was never sent as such
QUOTED = re.compile(r'^(?:(?!:udp(?:lite)?:).)*:(icmp|icmpv6):.*udp')

Frame = collections.namedtuple(
    'Frame', 'number time protocols need why hex reassembled fragment')


def run_tshark(file, home, *arguments):
    command = ['tshark', '-n', '-r', file, '-o', 'ip.defragment:TRUE',
               '-o', 'ipv6.defragment:TRUE', '-o', 'ip.check_checksum:FALSE',
               '-o', 'udp.check_checksum:FALSE', '-T', 'fields',
               '-E', 'occurrence=f', *arguments]
    for field in FIELDS:
        command += '-e', field
    # nobody's preferences but those
    environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home,
                       WIRESHARK_CONFIG_DIR=home)
    run = subprocess.run(command, text=True, capture_output=True,
                         env=environment, timeout=60)
    # 2: the file is torn, or none that it knows; it has said all by then
    if run.returncode not in (0, 2):
        sys.exit(f'{file}: tshark failed with {run.returncode}: {run.stderr}')
    return run.stdout.splitlines(), run.returncode == 0


def nanoseconds(time):
    seconds, _, rest = time.partition('.')
    # "12.(1010580352 nanoseconds)": more than a second has, as newer tsharks say it
    odd = re.fullmatch(r'\((\d+) nanoseconds\)', rest)
    rest = odd.group(1) if odd else rest.ljust(9, '0')
    return str(int(seconds) * 10**9 + int(rest)) if '.' in time else '-'


def read_frame(line):
    values = dict(zip(FIELDS, line.split('\t')))
    protocols = values['frame.protocols']
    payload = values['udp.payload']
    have = len(payload) // 2
    want = int(values['udp.length'] or 0) - 8
    cut = values['frame.len'] != values['frame.cap_len']
    if QUOTED.match(protocols):
        need, why = 'no', 'quoted by ICMP'
    elif not WALKED.match(protocols):
        need, why = 'may', 'behind ' + re.split(':udp', protocols)[0]
    elif want < 0 or want > have:
        need, why = 'no', 'cut' if cut else 'of a length that lies'
    elif any(value for field, value in values.items() if re.search(
            r'fragment\.(?!count)', field)):
        need, why = 'may', 'of fragments that overlap'
    elif values['ip.len'] == '0' or any(values[field] for field in (
            'ip.bogus_ip_length', 'ipv6.plen_exceeds_framing',
            'ipv6.plen_zero')):
        need, why = 'may', 'in IP of a length that lies'
    elif cut or want == 0:
        need, why = 'may', 'cut behind the payload' if cut else 'empty'
    else:
        need, why = 'yes', None
    # tshark shows all that is there, past what the UDP header says
    return Frame(int(values['frame.number']), nanoseconds(
        values['frame.time_epoch']), protocols, need, why,
        payload[:2 * max(want, 0)] if need != 'no' else payload, bool(
            values['ip.fragment.count'] or values['ipv6.fragment.count']),
        values['ip.flags.mf'] in ('1', 'True') or bool(
            values['ipv6.fraghdr.nxt']) or
        values['ip.frag_offset'] not in ('', '0'))


def read_frames(file, home):
    """What tshark says of the packets of FILE that have UDP in them, and
    whether it could read them all."""
    lines, whole = run_tshark(file, home, '-Y', 'udp')
    return [read_frame(line) for line in lines], whole


def read_plain_files(files, home):
    """As read_frames(), for those of FILES that are plain pcap files without
    fragments: by one run of tshark on the packets of all, since a run for each
    would take minutes."""
    mixed, owners, plain = [], [], set()
    for file in files:
        found = packets.read_pcap(file)
        if found is not None:
            plain.add(file)
            mixed += found
            owners += [(file, number) for number in range(1, len(found) + 1)]
    path = f'{home}/mixed.pcapng'
    packets.write_pcapng(path, mixed)
    lines, whole = run_tshark(path, home, '-Y', 'udp || ip.flags.mf == 1 || '
                              'ip.frag_offset > 0 || ipv6.fraghdr.nxt')
    if not whole:
        return {}
    results = {file: [] for file in plain}
    for line in lines:
        frame = read_frame(line)
        file, number = owners[frame.number - 1]
        if frame.fragment:
            results.pop(file, None)
        elif file in results:
            results[file].append(frame._replace(number=number))
    return {file: (frames, True) for file, frames in results.items()}


def compare(verdict, name, frames, whole, buffers):
    """Each buffer is of one frame, in order, and no frame is left over."""
    unused, last = list(frames), 0
    for buffer in buffers:
        same = [frame for frame in unused if frame.hex == buffer.hex
                and frame.need != 'no' and (frame.time == buffer.time
                                            or frame.reassembled)]
        later = [frame for frame in same if frame.number > last] or same
        if not later and not whole and all(
                frame.need != 'yes' for frame in unused):
            break       # behind the place where tshark gave up
        if not later:
            near = [f'frame {frame.number}, {frame.protocols}, {frame.why}'
                    for frame in frames if frame.time == buffer.time]
            verdict.fail(f'{name}: unexpected payload of '
                         f'{len(buffer.hex) // 2} bytes at {buffer.time} '
                         f'({near[0] if near else "no UDP there"})')
            continue
        if later[0].number < last:
            verdict.fail(f'{name}: frame {later[0].number} after {last}')
        last = later[0].number
        unused.remove(later[0])
    for frame in unused:
        if frame.need == 'yes':
            verdict.fail(f'{name}: frame {frame.number}, {frame.protocols}: '
                         f'no payload with its {len(frame.hex) // 2} bytes and '
                         f'its time {frame.time}')


def main(program, *folders):
    files = judge.need_captures(*folders)
    results = judge.read_payloads(program, CHAIN, files)
    if results is None:
        sys.exit(1)
    verdict, counts, left_out = judge.Verdict(), collections.Counter(), \
        collections.Counter()
    with tempfile.TemporaryDirectory() as home, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = read_plain_files(files, home)
        others = [file for file in files if file not in said]
        said.update(zip(others, pool.map(
            lambda file: read_frames(file, home), others)))
    for file in files:
        frames, whole = said[file]
        compare(verdict, os.path.relpath(file, os.path.commonpath(folders)),
                frames, whole, results[file].buffers)
        counts['files'] += bool(frames)
        for frame in frames:
            counts[frame.need] += 1
            counts['reassembled'] += frame.reassembled
            if frame.why:
                left_out[frame.why] += 1
    for why, count in left_out.most_common():
        print(f'left out: {count} {why}')
    print(f'{len(files)} files, {counts["files"]} with UDP: '
          f'{counts["yes"]} payloads compared, '
          f'{counts["reassembled"]} of them from fragments; '
          f'{counts["no"]} packets that must give none; '
          f'{counts["may"]} left open')
    verdict.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
