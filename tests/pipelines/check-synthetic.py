#!/usr/bin/env python3
"""The payloads of synthetic captures against what synthetic.py says of them.

check-synthetic.py PAYLOADS, where PAYLOADS is the program of payloads.c
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import glob
import os
import sys
import tempfile

# the source tree stays as it is
sys.dont_write_bytecode = True

import judge
import synthetic


def read_expected(capture):
    """(name, need, source, hex, time) of each packet."""
    with open(os.path.splitext(capture)[0] + '.expected') as file:
        return [line.rstrip('\n').split('\t')[1:] for line in file]


def compare(verdict, capture, buffers):
    """In order, and nothing but what is expected."""
    at = 0
    for name, need, source, payload, time in read_expected(capture):
        buffer = buffers[at] if at < len(buffers) else None
        if need != 'no' and buffer and buffer.hex == payload:
            if buffer.source != source:
                verdict.fail(f'{capture}: {name}: source {buffer.source}, '
                             f'expected {source}')
            # of several fragments' times any will do
            if buffer.time != time and (':' not in name or buffer.time == '-'):
                verdict.fail(f'{capture}: {name}: capture time {buffer.time}, '
                             f'expected {time}')
            at += 1
        elif need == 'yes':
            # it may have come later, or not at all
            where = [i for i in range(at, len(buffers))
                     if buffers[i].hex == payload]
            verdict.fail(f'{capture}: {name}: ' + (
                'comes late' if where else 'no such payload'))
            if where:
                for extra in buffers[at:where[0]]:
                    verdict.fail(f'{capture}: before {name}: unexpected '
                                 f'{show(extra.hex)}')
                at = where[0] + 1
    for extra in buffers[at:]:
        verdict.fail(f'{capture}: unexpected {show(extra.hex)}')


def check_stats(verdict, capture, result):
    """Every packet is counted, and counted once where there are no fragments,
    of which several make one payload."""
    stats = result.stats.get('packetdepay', {})
    packets = len(read_expected(capture))
    for name, count in ('packets', packets), ('forwarded', len(result.buffers)):
        if stats.get(name) != count:
            verdict.fail(f'{capture}: {name} is {stats.get(name)}, not {count}')
    if capture in ('lies.pcap', 'cuts.pcap'):
        total = sum(stats.get(name, 0) for name in (
            'forwarded', 'not-matched', 'malformed'))
        if total != packets:
            verdict.fail(f'{capture}: forwarded + not-matched + malformed is '
                         f'{total}, not {packets}')


def show(payload):
    data = bytes.fromhex(payload)
    return f'{len(data)} bytes, {data[:32]!r}'


def strip_udp(verdict, capture, buffers):
    """Payloads of layer=transport; what is behind the datagram is left open."""
    stripped = []
    for buffer in buffers:
        data = bytes.fromhex(buffer.hex)
        length = int.from_bytes(data[4:6], 'big')
        if not 8 <= length <= len(data):
            verdict.fail(f'{capture}: transport: no UDP: {data[:20].hex()}')
        stripped.append(buffer._replace(hex=data[8:length].hex()))
    return stripped


def compare_network(verdict, capture, buffers):
    """Whole IP packets without padding, at least one around each payload that
    was not in fragments, in order."""
    at = 0
    for buffer in buffers:
        data = bytes.fromhex(buffer.hex)
        length = {4: int.from_bytes(data[2:4], 'big'),
                  6: 40 + int.from_bytes(data[4:6], 'big')}.get(
                      data[0] >> 4 if data else 0)
        # a length field of 0 (a jumbogram, segmentation offload) says nothing
        if length not in (0, 40) and length != len(data):
            verdict.fail(f'{capture}: network: {len(data)} bytes, not {length}:'
                         f' {data[:20].hex()}')
    for name, need, _, payload, _ in read_expected(capture):
        if need == 'yes' and ':' not in name:
            where = [i for i in range(at, len(buffers))
                     if payload in buffers[i].hex]
            if not where:
                verdict.fail(f'{capture}: network: {name}: no packet with it')
            else:
                at = where[0] + 1


def main(program):
    verdict = judge.Verdict()
    with tempfile.TemporaryDirectory() as folder:
        synthetic.main(folder)
        program = os.path.abspath(program)
        os.chdir(folder)
        captures = sorted(glob.glob('*.pcap')) + sorted(glob.glob('*.pcapng'))
        results = [judge.read_payloads(
            program, f'pcapdec ! packetdepay protocol=udp layer={layer}',
            captures) for layer in ('payload', 'transport', 'network')]
        if None in results:
            sys.exit(1)
        payloads = 0
        for capture in captures:
            payload, transport, network = [of[capture] for of in results]
            for error in payload.errors + transport.errors + network.errors:
                verdict.fail(f'{capture}: {error}')
            compare(verdict, capture, payload.buffers)
            check_stats(verdict, capture, payload)
            compare(verdict, capture, strip_udp(
                verdict, capture, transport.buffers))
            compare_network(verdict, capture, network.buffers)
            payloads += len(payload.buffers)
            print(f'{capture}:', *(f'{name} {count}' for name, count in
                                   payload.stats['packetdepay'].items()))
        os.chdir('/')
    print(f'{len(captures)} captures, {payloads} payloads')
    verdict.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
