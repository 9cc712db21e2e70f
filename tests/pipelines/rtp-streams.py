#!/usr/bin/env python3
# What rtp-tap, and with it flowdemux, says of RTP that loses, repeats, delays and
# reorders packets, against what tshark says of the same capture.
# Usage: rtp-streams.py RTP_TAP
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

RTP_TAP = sys.argv[1]
START = 1700000000
SSRC = 0x11223344


def packet(number, payload_type=8, ssrc=SSRC):
    rtp = struct.pack('>BBHII', 0x80, payload_type, number & 0xffff,
                      160 * number & 0xffffffff, ssrc) + b'\xd5' * 160
    udp = struct.pack('>HHHH', 4000, 5004, 8 + len(rtp), 0) + rtp
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + udp
    return bytes([2] * 12) + b'\x08\0' + ip


def write(path, packets):
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for time, data in packets:  # microseconds
            file.write(struct.pack('<IIII', START + time // 1000000,
                                   time % 1000000, len(data), len(data)) + data)


def make(chance, lost, late):
    """Numbers go over their end; a packet that is late comes behind the next two."""
    sent = []
    for number in range(65000, 66000):
        time = (number - 65000) * 20000 + chance.randrange(8000)
        if chance.random() < lost and 65010 < number < 65990:
            continue
        if chance.random() < late and 65010 < number < 65990:
            time += 50000
        sent.append((time, packet(number)))
    return sorted(sent)


def ask_tshark(path):
    text = subprocess.run(
        ['tshark', '-nqr', path, '-d', 'udp.port==5004,rtp', '-z', 'rtp,streams'],
        capture_output=True, text=True, check=True).stdout
    row = next(line for line in text.splitlines() if '0x' in line).split()
    row = row[row.index('0x%08X' % SSRC):]
    # packets, lost, largest time between two, mean jitter
    return int(row[2]), int(row[3]), float(row[7]), float(row[9])


def ask_rtp_tap(path):
    text = subprocess.run([RTP_TAP, '--file', path, '--list-interval', '0'],
                          capture_output=True, text=True, check=True).stdout
    row = next(line for line in text.splitlines() if '0x' in line).split()
    times = re.search(r'([0-9.]+) ms at most, mean jitter ([0-9.]+)', text)
    return int(row[2]), int(row[3]), float(times[1]), float(times[2])


def main():
    if shutil.which('tshark') is None:
        print('skipped: tshark is the judge')
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'stream.pcap')
        for seed, (lost, late) in enumerate(
                [(0, 0), (0.01, 0), (0.2, 0), (0.05, 0.05), (0.5, 0)]):
            write(path, make(random.Random(seed), lost, late))
            judge, found = ask_tshark(path), ask_rtp_tap(path)
            ok = (judge[:2] == found[:2] and abs(judge[2] - found[2]) < 0.06
                  and abs(judge[3] - found[3]) < 0.002 * (1 + judge[3]))
            print('ok' if ok else 'FAIL', f'{lost} lost, {late} late:', judge, found)
            failed += not ok
    return failed > 0


sys.exit(main())
