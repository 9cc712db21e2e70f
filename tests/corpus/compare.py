#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what gst-afring finds in capture files with what others find.

Usage: compare.py DUMP CORPUS [FILE...]

DUMP is the program of dump.c, CORPUS the folder that fetch.sh filled; FILEs in
place of all that are in it. Of each file the packets of GstPcapSource, and of
pcapdec in pull and in push mode, are those of tshark and tcpdump. Where neither
reads it whole, they are the same as far as the better one comes, and then there
is an error or a warning. The same again with the file cut off. At last what
"pcapdec ! pcapsink" writes has the same packets, and tshark and tcpdump read it
without a complaint. Prints every difference, and how much was compared.
"""

import concurrent.futures
import glob
import os
import shutil
import sys
import tempfile

# the source tree is no place for compiled modules
sys.dont_write_bytecode = True

import readings
from readings import (ELEMENT, LIBRARY, PUSHED, as_tcpdump, as_tshark,
                      read_with_dump)
from report import Report
from roundtrip import RoundTrip

SKIPPED = 77
FILES_AT_ONCE = 10
JUDGES = {'tshark': (readings.read_with_tshark, as_tshark),
          'tcpdump': (readings.read_with_tcpdump, as_tcpdump)}


class Comparison:
    def __init__(self, dump, corpus, folder, report):
        self.dump = dump
        self.corpus = corpus
        self.folder = folder
        self.report = report
        self.elements = [ELEMENT, PUSHED]
        self.round_trip = RoundTrip(dump, folder, report)

    def name_of(self, path):
        return os.path.relpath(path, self.corpus + '/captures')

    def read_ours(self, names, paths, what=''):
        """By mode, a reading of each file."""
        read = {mode: read_with_dump(self.dump, mode, paths)
                for mode in [LIBRARY] + self.elements}
        for mode, found in read.items():
            for name, reading in zip(names, found):
                if reading.crashed:
                    self.report.differ(name, mode + what, reading.complaint)
        return read

    def compare_files(self, paths):
        names = [self.name_of(path) for path in paths]
        read = self.read_ours(names, paths)
        shark = readings.read_group_with_tshark(paths, self.folder)
        judged = []
        for number, path in enumerate(paths):
            name, ours = names[number], read[LIBRARY][number]
            judged.append(self.compare_judges(name, path, ours, shark[number]))
            self.check_end(name, judged[-1], ours)
            for mode in self.elements:
                self.compare_element(name, mode, read[mode][number], ours)
            self.report.count('files')
            self.report.count('packets', len(ours.packets))

        self.compare_cut(names, paths, judged, read[LIBRARY])
        if self.elements:
            self.round_trip.copy(
                [(name, path, reading, judges['tcpdump'].complaint)
                 for name, path, reading, judges
                 in zip(names, paths, read[ELEMENT], judged)])

    def compare_judges(self, name, path, ours, shark):
        with open(path, 'rb') as file:
            packets, records = readings.parse_classic(file.read())
        if packets is None:
            # pcapng: the judges are all there is
            packets, records = ours.packets, [None] * len(ours.packets)
        else:
            self.report.compare(name, 'as it stands there', packets,
                                ours.packets)
            self.report.count('packets with a fraction of more than a second, '
                              'which the judges do not read alike',
                              sum(not record.in_range for record in records))
        return {judge: self.compare_judge(name, judge, path, packets, records,
                                          shark if judge == 'tshark' else None)
                for judge in JUDGES}

    def compare_judge(self, name, judge, path, packets, records, read_before):
        read, show = JUDGES[judge]
        all_shown = [show(*both) for both in zip(packets, records)]
        found = read_before or read(path)
        shown = all_shown[:len(found.packets)] if found.complaint else all_shown
        # what went through editcap settles only what is alike
        if read_before and (found.complaint or found.packets != shown):
            found = read(path)
            shown = all_shown[:len(found.packets)] if found.complaint else all_shown
        self.report.compare(name, f'against {judge}', found.packets, shown)
        self.report.count(f'packets as {judge} reads them', len(found.packets))
        if not found.complaint:
            self.report.count(f'files that {judge} reads whole')
        return found

    def check_end(self, name, judged, ours):
        """A whole file ends in silence, a broken one where the judges stop."""
        if any(not judge.complaint for judge in judged.values()):
            if ours.complaint:
                self.report.differ(name, LIBRARY, ours.complaint)
            return
        self.report.count('broken files')
        longest = max((judge.packets for judge in judged.values()), key=len)
        if len(ours.packets) != len(longest):
            self.report.differ(name, LIBRARY, f'{len(ours.packets)} packets '
                               f'instead of {len(longest)}')
        if not ours.complaint:
            self.report.differ(name, LIBRARY, 'no error, but '
                               + judged['tshark'].complaint)

    def compare_element(self, name, mode, found, ours):
        self.report.compare(name, mode, ours.packets, found.packets)
        if not found.crashed and bool(found.complaint) != bool(ours.complaint):
            self.report.differ(name, mode, f'ends with "{found.complaint}", '
                               f'the library with "{ours.complaint}"')

    def compare_cut(self, names, paths, judged, whole):
        """The files without their last third. A judge that reads the whole file
        can tell how many packets there are then."""
        cuts = []
        for name, path, judges, ours in zip(names, paths, judged, whole):
            able = [judge for judge in ('tcpdump', 'tshark')
                    if not judges[judge].complaint]
            # what has no packets is soon cut so short that it can be anything
            if not able or not ours.packets:
                continue
            cut = os.path.join(self.folder, name.replace('/', '-') + '.cut'
                               + os.path.splitext(path)[1])
            shutil.copyfile(path, cut)
            os.truncate(cut, os.path.getsize(path) * 2 // 3)
            cuts.append((name, cut, able[0], ours))

        read = self.read_ours([one[0] for one in cuts],
                              [one[1] for one in cuts], ' cut off')
        for number, (name, cut, judge, ours) in enumerate(cuts):
            expected = JUDGES[judge][0](cut)
            for mode, found in read.items():
                self.check_cut(name, mode, judge, expected,
                               ours.packets[:len(expected.packets)],
                               found[number])
        self.report.count('files cut off', len(cuts))

    def check_cut(self, name, mode, judge, expected, packets, found):
        who = mode + ' cut off'
        self.report.compare(name, who, packets, found.packets)
        # the library tells a cut file from a whole one by nothing
        if mode != LIBRARY and (bool(found.complaint)
                                != bool(expected.complaint)):
            self.report.differ(name, who, f'ends with "{found.complaint}", '
                               f'{judge} with "{expected.complaint}"')


def find_files(corpus):
    """Every capture; a part of the corpus that is missing is no reason to pass.
    """
    files = []
    for part in 'gopacket', 'tcpdump':
        found = glob.glob(f'{glob.escape(corpus)}/captures/{part}/**/*.*',
                          recursive=True)
        if not found:
            sys.exit(f'FAIL There is nothing of {part} in {corpus}')
        files += sorted(found)
    return files


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    dump, corpus = (os.path.abspath(path) for path in sys.argv[1:3])
    missing = [tool for tool in JUDGES if not shutil.which(tool)]
    if missing or not os.path.exists(corpus + '/complete'):
        print('skipped: there is no', ' and no '.join(
            missing or ['corpus, see fetch.sh']))
        sys.exit(SKIPPED)

    files = sys.argv[3:] or find_files(corpus)
    report = Report()
    with (tempfile.TemporaryDirectory() as folder,
          concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool):
        comparison = Comparison(dump, corpus, folder, report)
        if readings.run([dump, ELEMENT]).returncode == SKIPPED:
            print('There is no element pcapdec: what it reads and what '
                  '"pcapdec ! pcapsink" writes is left out')
            comparison.elements = []
        list(pool.map(comparison.compare_files,
                      [files[at:at + FILES_AT_ONCE]
                       for at in range(0, len(files), FILES_AT_ONCE)]))
        comparison.round_trip.check_with_tshark(pool)
    report.print()
    sys.exit(bool(report.differences))


if __name__ == '__main__':
    main()
