#!/usr/bin/env python3
"""RTP that a camera sends between the messages of RTSP: the sound of it is in the capture,
sample for sample, though segments come out of order and twice; of one that is missing only the
packets are that it was in.

rtsp.py
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

# the source tree stays as it is
sys.dont_write_bytecode = True

import packets

CLIENT, SERVER = ('192.0.2.1', 40000), ('198.51.100.2', 554)
SAMPLES, N_PACKETS = 160, 200
SDP = b'v=0\r\nm=audio 0 RTP/AVP 8\r\na=control:track$1\r\n'
ANSWERS = [b'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\n'
           b'Content-Length: %d\r\n\r\n' % len(SDP) + SDP,
           b'RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n',
           b'RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 1\r\n\r\n']


def frame(channel, data):
    return b'$' + struct.pack('>BH', channel, len(data)) + data


def make_packet(number, sound):
    return frame(0, struct.pack('>BBHII', 0x80, 8, number, SAMPLES * number,
                                0x11223344) + sound)


def make_stream(sound):
    """What the server sends, and where in it each packet is."""
    data, places = b''.join(ANSWERS), []
    for number in range(N_PACKETS):
        packet = make_packet(number, sound[number * SAMPLES:(number + 1) * SAMPLES])
        places.append((len(data), len(data) + len(packet)))
        data += packet
        if number % 50 == 20:
            data += frame(1, struct.pack('>BBHI', 0x80, 201, 1, 0x11223344))
            data += b'RTSP/1.0 200 OK\r\nCSeq: %d\r\n\r\n' % number
    return data, places


def segment(source, target, number, data, flags=0x18):
    header = struct.pack('>2H2I4H', source[1], target[1], number & 0xffffffff, 1,
                         0x5000 | flags, 1000, 0, 0)
    return packets.ethernet(packets.IPV4, packets.ip4(
        header + data, packets.TCP, source[0], target[0]), pad=False)


def cut(data, chance):
    """(place, piece), out of order and some of them twice."""
    pieces, at = [], 0
    while at < len(data):
        size = chance.choice((1, 40, 500, 1448))
        pieces.append((at, data[at:at + size]))
        at += size
    for number in range(len(pieces) - 4):
        if chance.random() < 0.1:
            other = number + chance.randrange(1, 4)
            pieces[number], pieces[other] = pieces[other], pieces[number]
        if chance.random() < 0.05:
            pieces.insert(number, pieces[number])
    return pieces


def write(path, frames):
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(frames):
            file.write(struct.pack('<IIII', 1700000000, number * 500, len(data),
                                   len(data)) + data)


def play(path, output):
    run = subprocess.run(
        ['gst-launch-1.0', 'filesrc', f'location={path}', '!', 'pcapdec', '!',
         'packetfilter', 'filter=src port 554', '!', 'flowdemux', 'tcp-reassembly=true',
         'protocol=tcp', '!', 'rtspdepay', '!', 'application/x-rtp', '!', 'rtppcmadepay',
         '!', 'filesink', 'async=false', f'location={output}'], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
    if run.returncode != 0:
        sys.exit(f'FAIL {run.stdout}')
    with open(output, 'rb') as file:
        return file.read()


def main():
    if shutil.which('gst-launch-1.0') is None or subprocess.run(
            ['gst-inspect-1.0', '--exists', 'rtppcmadepay']).returncode:
        print('skipped: gst-launch-1.0 and rtppcmadepay are not there')
        return 77
    chance = random.Random(554)
    sound = bytes(chance.choice((0x24, 0x55, 0xd5, chance.randrange(256)))
                  for _ in range(SAMPLES * N_PACKETS))
    stream, places = make_stream(sound)
    start, failed = 0xfffff000, 0
    with tempfile.TemporaryDirectory() as folder:
        for lost in None, 60:
            frames = [segment(CLIENT, SERVER, 0, b'DESCRIBE rtsp://camera/ RTSP/1.0\r\n\r\n')]
            frames.append(segment(SERVER, CLIENT, start - 1, b'', 0x12))
            holes = []
            for number, (at, piece) in enumerate(cut(stream, random.Random(1))):
                if lost and number >= lost and len(piece) == 500 and not holes:
                    holes.append((at, at + len(piece)))
                if not any(low <= at < high for low, high in holes):
                    frames.append(segment(SERVER, CLIENT, start + at, piece))
            path = os.path.join(folder, 'a.pcap')
            write(path, frames)
            expected = b''.join(
                sound[number * SAMPLES:(number + 1) * SAMPLES]
                for number, (low, high) in enumerate(places)
                if not any(low < end and begin < high for begin, end in holes))
            found = play(path, os.path.join(folder, 'sound'))
            ok = found == expected and (len(expected) == len(sound)) == (lost is None)
            print('ok' if ok else 'FAIL', f'{len(found)} of {len(expected)} samples, '
                  f'holes {holes}')
            failed += not ok
    return failed > 0


sys.exit(main())
