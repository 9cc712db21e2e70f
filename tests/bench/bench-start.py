#!/usr/bin/env python3
"""How long programs take from their start to the first packet: a thousand packets a second
come in all the time, and each is started in turn, alone. "Bound" is when its packet socket
is there, in /proc/net/packet; "first packet" the kernel's stamp of the first one in its file.
To be run in a network namespace of its own (tests/net/in-namespace.sh).
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import datetime
import os
import platform
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time

import link

INTERVAL = 0.001
LONGEST = 10


def send_for_ever(stop):
    """RTP, so that who looks for it has some."""
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind(('va', 0))
    head = bytes.fromhex('0200000000020200000000010800') + struct.pack(
        '>BBHHHBBH4s4s', 0x45, 0, 20 + 8 + 172, 0, 0, 64, 17, 0, b'\x0a\0\0\x01', b'\x0a\0\0\x02')
    head += struct.pack('>HHHH', 40000, 5004, 8 + 172, 0)
    number = 0
    while not stop.wait(INTERVAL):
        number += 1
        sender.send(head + struct.pack('>BBHII', 0x80, 0, number & 0xffff,
                                       number * 160 & 0xffffffff, 7) + bytes(160))


def is_bound(index):
    with open('/proc/net/packet', encoding='ascii') as sockets:
        for line in sockets.readlines()[1:]:
            fields = line.split()
            # the sender's has no protocol
            if int(fields[4]) == index and fields[3] != '0000':
                return True
    return False


def first_time(path):
    """Of the first packet in a pcap or pcapng file; None: there is none."""
    said = subprocess.run(['tshark', '-nr', path, '-c', '1', '-T', 'fields', '-e',
                           'frame.time_epoch'], capture_output=True, text=True).stdout
    return float(said) if said.strip() else None


def measure(command, path, index):
    if path is not None and os.path.exists(path):
        os.remove(path)
    began, since = time.time(), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not is_bound(index):
        if process.poll() is not None or time.monotonic() > since + LONGEST:
            raise RuntimeError(f'{command} does not capture')
        time.sleep(0.0005)
    bound = time.monotonic() - since
    # libpcap leaves packets unread for up to a second
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    process.wait()
    first = first_time(path) if path is not None else None
    return bound, None if first is None else first - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('build', help='a release build')
    parser.add_argument('--rounds', type=int, default=9)
    arguments = parser.parse_args()
    examples = f'{arguments.build}/examples'
    link.make_link()
    index = socket.if_nametoindex('vb')
    stop = threading.Event()
    sender = threading.Thread(target=send_for_ever, args=(stop,))
    sender.start()
    with tempfile.TemporaryDirectory() as folder:
        link.use_build(arguments.build, folder)
        pcapng, pcap = f'{folder}/a.pcapng', f'{folder}/a.pcap'
        programs = {
            'afring-record': ([f'{examples}/afring-record', '-i', 'vb', '-w', pcapng], pcapng),
            'gst-launch-1.0': (['gst-launch-1.0', '-e', '-q', 'afringsrc', 'interface=vb', '!',
                                'pcapsink', f'location={pcapng}'], pcapng),
            'rtp-tap': ([f'{examples}/rtp-tap', '-i', 'vb'], None),
            'tcpdump': (['tcpdump', '-i', 'vb', '-w', pcap, '-Z', 'root'], pcap),
            'dumpcap': (['dumpcap', '-q', '-i', 'vb', '-w', pcapng], pcapng),
        }
        took = {name: ([], []) for name in programs if shutil.which(programs[name][0][0])}
        # the first round has it all in the page cache
        for number in range(arguments.rounds + 1):
            for name, times in took.items():
                bound, first = measure(*programs[name], index)
                if number > 0:
                    times[0].append(bound)
                    if first is not None:
                        times[1].append(first)
    stop.set()
    sender.join()
    print(f'{datetime.date.today()}; Linux {platform.release()} {platform.machine()}; '
          f'{os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}; '
          f'{arguments.rounds} rounds\n\n{"milliseconds":18}'
          f'{"bound":>8}{"least":>8}{"most":>8}{"first packet":>16}{"least":>8}{"most":>8}')
    for name, times in took.items():
        cells = [''.join(f'{value * 1000:{width}.0f}' for value, width in (
            (statistics.median(values), width), (min(values), 8), (max(values), 8)))
            for values, width in zip(times, (8, 16)) if values]
        print(f'{name:18}' + ''.join(cells))


main()
