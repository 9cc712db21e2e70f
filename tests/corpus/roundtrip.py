# SPDX-License-Identifier: LGPL-2.1-or-later
"""There and back: what "pcapdec ! pcapsink" makes of a capture file."""

import os
import re
import shutil

import readings
from readings import (ANY, LIBRARY, RECORD, as_tcpdump, as_tshark,
                      read_with_dump)

FILES_AT_ONCE = 40
# what libpcap cannot read, whoever wrote the file
SEVERAL_INTERFACES = re.compile(
    r'an interface has a (type|snapshot length) \d+ different from')


NO_TIME = 'has a time that the file cannot hold, or none'


def is_time_held(packet, suffix):
    """Not an interface together with no time; nor, in a classic file, a second
    that takes more than 32 bits."""
    return packet.time is not None and (suffix == 'pcapng'
                                        or packet.time < 2 ** 32 * 10 ** 9)


def as_recorded(packet, suffix):
    """A packet without a time has that of 1970. And a packet that is shorter on
    the wire than in the file is nonsense, which is not passed on."""
    time = packet.time or 0
    if not is_time_held(packet._replace(time=time), suffix):
        time = ANY
    return packet._replace(time=time, wire=max(packet.wire, packet.captured))


def expected_complaint(reading, suffix):
    """That of the input, or the one that times were changed."""
    if reading.complaint or all(is_time_held(packet, suffix)
                                for packet in reading.packets):
        return reading.complaint
    return NO_TIME


class RoundTrip:
    def __init__(self, dump, folder, report):
        self.dump = dump
        self.folder = folder
        self.report = report
        self.copies = []        # for tshark: name, copy and packets

    def copy(self, files):
        """Records files into both formats; the copies have to have the packets
        that they have. Each of files is a name, a path, what pcapdec reads from
        it and tcpdump's complaint about it."""
        copies = []
        for name, path, ours, complaint in files:
            for suffix in 'pcapng', 'pcap':
                # there is one link type in a classic file
                if (suffix == 'pcapng'
                        or len({packet.link for packet in ours.packets}) == 1):
                    copy = os.path.join(self.folder, name.replace('/', '-')
                                        + '.copy.' + suffix)
                    copies.append((name, path, ours, complaint, suffix, copy))
            self.report.count('packets shorter on the wire than in the file',
                              sum(packet.wire < packet.captured
                                  for packet in ours.packets))
        recorded = read_with_dump(
            self.dump, RECORD, [file for _, path, _, _, _, copy in copies
                                for file in (path, copy)], files_each=2)
        found = read_with_dump(self.dump, LIBRARY, [one[-1] for one in copies])
        for one in zip(copies, recorded, found):
            self.check_copy(*one)

    def check_copy(self, one, recorded, found):
        name, _, ours, complaint, suffix, copy = one
        who = 'recorded as ' + suffix
        # a broken file breaks off, and what is before that is there still
        expected = expected_complaint(ours, suffix)
        told = (NO_TIME if NO_TIME in recorded.complaint
                else recorded.complaint)
        if recorded.crashed or told != expected:
            self.report.differ(name, who, f'"{recorded.complaint}", and not '
                               f'"{expected}"')
        if not os.path.exists(copy):
            if ours.packets or not ours.complaint:
                self.report.differ(name, who, 'there is no file')
            return
        self.report.compare(name, who, [as_recorded(packet, suffix)
                                        for packet in ours.packets],
                            found.packets)
        if found.complaint:
            self.report.differ(name, who, found.complaint)
        self.check_with_tcpdump(name, who, copy, found.packets, complaint)
        self.report.count(f'recorded as {suffix}, read with tcpdump')
        if suffix == 'pcapng':
            self.copies.append((name, copy, found.packets))

    def check_with_tcpdump(self, name, who, copy, packets, complaint):
        who += ', with tcpdump'
        with open(copy, 'rb') as file:
            _, records = readings.parse_classic(file.read())
        shown = [as_tcpdump(*both) for both
                 in zip(packets, records or [None] * len(packets))]
        found = readings.read_with_tcpdump(copy)
        if found.complaint:
            shown = shown[:len(found.packets)]
            if not (SEVERAL_INTERFACES.search(found.complaint)
                    and SEVERAL_INTERFACES.search(complaint)):
                self.report.differ(name, who, found.complaint)
        self.report.compare(name, who, shown, found.packets)

    def check_with_tshark(self, pool):
        """tshark takes far longer to start than to read such a file, and the
        sections of several pcapng files are one file."""
        known = [copy for copy in self.copies if all(
            as_tshark(packet).link is not None for packet in copy[2])]
        groups = [known[at:at + FILES_AT_ONCE]
                  for at in range(0, len(known), FILES_AT_ONCE)]
        list(pool.map(self.check_group_with_tshark, groups))

    def check_group_with_tshark(self, copies):
        together = copies[0][1] + '.together.pcapng'
        with open(together, 'wb') as out:
            for _, copy, _ in copies:
                with open(copy, 'rb') as file:
                    shutil.copyfileobj(file, out)
        found = readings.read_with_tshark(together)
        shown = [as_tshark(packet) for copy in copies for packet in copy[2]]
        # only to tell which of them it is
        if found.complaint or found.packets != shown:
            for copy in copies:
                self.check_one_with_tshark(*copy)
        self.report.count('recorded as pcapng, read with tshark', len(copies))

    def check_one_with_tshark(self, name, copy, packets):
        who = 'recorded as pcapng, with tshark'
        found = readings.read_with_tshark(copy)
        self.report.compare(name, who, [as_tshark(p) for p in packets],
                            found.packets)
        if found.complaint:
            self.report.differ(name, who, found.complaint)
