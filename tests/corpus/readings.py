# SPDX-License-Identifier: LGPL-2.1-or-later
"""What several readers find in a capture file.

Those are this project, tshark, tcpdump, and for classic pcap a few lines here.
Each gives a Reading. Times are nanoseconds since 1970, None if there is none.
"""

import dataclasses
import functools
import hashlib
import os
import re
import struct
import subprocess
import tempfile
import typing

SECONDS = 60    # a reader that takes longer for a file hangs

# What dump.c can be told to do. In such small pieces a header is often in two.
LIBRARY = '--library'
ELEMENT = '--element'
PUSHED = '--push=61'
RECORD = '--record'

NO_LIMIT = 262144


class Any:
    """Equal to everything: where there is nothing to compare with."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return 'any'


ANY = Any()


class Packet(typing.NamedTuple):
    time: typing.Any
    captured: int
    wire: int
    link: int       # a LINKTYPE_ number; from tshark Wireshark's own number
    digest: typing.Any      # MD5 of the captured bytes


@dataclasses.dataclass
class Reading:
    """complaint is '' if the file was read to its end and nothing was amiss."""
    packets: list
    complaint: str = ''
    crashed: bool = False


def run(command, seconds=SECONDS, **variables):
    """The finished process; one that hung has the status of being killed."""
    environment = dict(os.environ, LC_ALL='C', TZ='UTC', **variables)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        return subprocess.CompletedProcess(
            command, process.returncode, out, err.decode(errors='replace'))


def digest_of(data):
    return hashlib.md5(data).hexdigest()


# This project.

def parse_dump(lines):
    packets = []
    for line in lines:
        _, time, captured, wire, link, digest = line.split()
        packets.append(Packet(None if time == '-' else int(time),
                              int(captured), int(wire), int(link), digest))
    return packets


def read_with_dump(dump, mode, paths, files_each=1):
    """A reading for each file, or pair of files. They are read by one process,
    which takes longer to start than to read a file, and if it crashes the rest
    by another one."""
    found = []
    while len(found) * files_each < len(paths):
        rest = paths[len(found) * files_each:]
        process = run([dump, mode, *rest], SECONDS * len(rest),
                      G_DEBUG='fatal-criticals')
        lines = []
        for line in process.stdout.decode(errors='replace').splitlines():
            if line.startswith('end: '):
                complaint = '' if line == 'end: eos' else line[len('end: '):]
                found.append(Reading(parse_dump(lines), complaint))
                lines = []
            else:
                lines.append(line)
        if process.returncode or lines:
            crash = Reading(parse_dump(lines), 'crash: exit status '
                            f'{process.returncode} '
                            + process.stderr.strip()[-200:], crashed=True)
            found[len(paths) // files_each - 1:] = []
            found.append(crash)
    return found


# The judges.

def complaint_of(process, name):
    """What a tool says of the file. The warnings that tshark's dissectors have
    for it are about what is in the packets."""
    lines = process.stderr.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(name + ': '):
            return ' '.join(lines[number:])
    return f'exit status {process.returncode}' if process.returncode else ''


def nanoseconds(text):
    """Of "12.000000034", which a float would round."""
    if not text:
        return None
    seconds, _, fraction = text.lstrip('-').partition('.')
    # "12.(1010580352 nanoseconds)": more than a second has, as newer tsharks say it
    odd = re.fullmatch(r'\((\d+) nanoseconds\)', fraction)
    value = int(seconds) * 10 ** 9 + int(
        odd.group(1) if odd else fraction.ljust(9, '0')[:9])
    value = -value if text.startswith('-') else value
    # a GstClockTime has no such time
    return value if 0 <= value < 2 ** 64 - 1 else None


def read_with_tshark(path):
    command = ['tshark', '-n', '-r', path, '-T', 'fields',
               '-o', 'frame.generate_md5_hash:TRUE']
    for field in 'time_epoch', 'cap_len', 'len', 'encap_type', 'md5_hash':
        command += ['-e', 'frame.' + field]
    process = run(command)
    packets = []
    for line in process.stdout.decode().splitlines():
        time, captured, wire, link, digest = line.split('\t')
        # tshark counts custom blocks too, which have no link
        if link:
            packets.append(Packet(nanoseconds(time), int(captured), int(wire),
                                  int(link), digest))
    return Reading(packets, complaint_of(process, 'tshark'),
                   process.returncode < 0)


def count_pcapng_packets(data):
    """In what Wireshark's own tools write."""
    order = '<' if data[8:12] == b'\x4d\x3c\x2b\x1a' else '>'
    at = count = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from(order + 'II', data, at)
        count += kind in (2, 3, 6)
        at += max(length, 12)
    return count


def read_group_with_tshark(paths, folder):
    """A reading of each file. tshark takes far longer to start than to read such
    a file. editcap reads with the same library, and has none of the dissectors that
    take the time; what it writes for several files is one file for tshark."""
    found, whole, copies = [], [], []
    for path in paths:
        with tempfile.NamedTemporaryFile(dir=folder) as copy:
            process = run(['editcap', '-F', 'pcapng', path, copy.name])
            whole.append(copy.read())
        complaint = complaint_of(process, 'editcap')
        found.append(Reading([], complaint, process.returncode < 0))
        copies.append(count_pcapng_packets(whole[-1]))
    with tempfile.NamedTemporaryFile(dir=folder, suffix='.pcapng') as together:
        together.write(b''.join(whole))
        together.flush()
        all_packets = read_with_tshark(together.name)
    if all_packets.complaint or len(all_packets.packets) != sum(copies):
        # something that it cannot keep
        return [read_with_tshark(path) for path in paths]
    at = 0
    for reading, count in zip(found, copies):
        reading.packets = all_packets.packets[at:at + count]
        at += count
    return found


def read_with_tcpdump(path):
    """It can write what it reads in a form that needs no parser to speak of."""
    # as root, Debian's would become a user who may not read the file
    stay = ['-Z', 'root'] if os.geteuid() == 0 else []
    process = run(['tcpdump', *stay, '-n', '-r', path, '-w', '-',
                   '--time-stamp-precision=nano'])
    reading = parse_classic(process.stdout)[0] if process.stdout else []
    return Reading(reading, complaint_of(process, 'tcpdump'),
                   process.returncode < 0)


class Record(typing.NamedTuple):
    snaplen: int
    in_range: bool      # the fraction is less than a second
    data: bytes


def parse_classic(data):
    """The packets of a classic file, up to where it is cut off, and what stands
    beside each; None and None if it is another format."""
    for order in '<>':
        for magic, unit in (0xa1b2c3d4, 1000), (0xa1b23c4d, 1):
            if data[:4] == struct.pack(order + 'I', magic):
                return parse_records(data, order, unit)
    return None, None


def parse_records(data, order, unit):
    packets, records = [], []
    if len(data) < 24:
        return packets, records
    snaplen, link = struct.unpack_from(order + '16xII', data)
    link &= 0x3ffffff       # above are flags and the length of an FCS
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, captured, wire = struct.unpack_from(order + '4I',
                                                               data, at)
        at += 16
        if at + captured > len(data):
            break
        payload = data[at:at + captured]
        packets.append(Packet(seconds * 10 ** 9 + fraction * unit, captured,
                              wire, link, digest_of(payload)))
        records.append(Record(snaplen, fraction * unit < 10 ** 9, payload))
        at += captured
    return packets, records


# How the judges show a packet that is told as it stands in the file.

def write_one_packet(path, link, captured, wire):
    with open(path, 'wb') as file:
        file.write(struct.pack('=IHHIIII', 0xa1b23c4d, 2, 4, 0, 0, NO_LIMIT,
                               link)
                   + struct.pack('=4I', 1, 0, captured, wire) + bytes(captured))


@functools.cache
def judges_on_link(link):
    """(Wireshark's number for a link type, bytes at the start of a packet that
    it shows as something about the packet), and the number that libpcap has for
    it. They are asked, with a file that has one packet. None: not known there.
    """
    captured = 64
    with tempfile.TemporaryDirectory() as folder:
        path = folder + '/one.pcap'
        write_one_packet(path, link, captured, captured)
        wireshark = read_with_tshark(path).packets
        libpcap = read_with_tcpdump(path).packets
    return ((wireshark[0].link, captured - wireshark[0].captured)
            if wireshark else (None, 0),
            libpcap[0].link if libpcap else None)


def as_tshark(packet, record=None):
    (link, stripped), _ = judges_on_link(packet.link)
    return Packet(
        # a fraction of more than a second overflows in it, in various ways
        packet.time if record is None or record.in_range else ANY,
        packet.captured - stripped, packet.wire - stripped, link,
        packet.digest if stripped == 0 and packet.captured else ANY)


def as_tcpdump(packet, record=None):
    _, link = judges_on_link(packet.link)
    captured, digest = packet.captured, packet.digest
    time = packet.time
    if record is not None:
        limit = record.snaplen if 0 < record.snaplen < 2 ** 31 else NO_LIMIT
        if captured > limit:
            captured, digest = limit, digest_of(record.data[:limit])
        if not record.in_range:
            time = ANY
    # what it writes has no way to say that there is no time, and 32 bits for
    # the seconds
    if time is None:
        time = ANY
    elif time is not ANY:
        time %= 2 ** 32 * 10 ** 9
    return Packet(time, captured, packet.wire, link, digest)
