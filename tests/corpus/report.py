# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a comparison found."""

import collections
import threading


class Report:
    """Differences and counters, from several threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.differences = []
        self.counts = collections.Counter()

    def differ(self, name, who, what):
        with self.lock:
            self.differences.append((name, who, ' '.join(what.split())))

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] += number

    def compare(self, name, who, expected, found):
        """Two lists of packets. The first pair that differs is told."""
        if len(found) != len(expected):
            self.differ(name, who, f'{len(found)} packets instead of '
                        f'{len(expected)}')
        unequal = [(number, a, b) for number, (a, b)
                   in enumerate(zip(expected, found), 1) if a != b]
        if unequal:
            number, a, b = unequal[0]
            what = ', '.join(f'{field} is {y}, not {x}' for field, x, y
                             in zip(a._fields, a, b) if x != y)
            self.differ(name, who, f'packet {number}: {what}' + (
                f'; so {len(unequal)} packets' if len(unequal) > 1 else ''))

    def print(self):
        for difference in sorted(self.differences):
            print('FAIL {}: {}: {}'.format(*difference))
        for what in sorted(self.counts):
            print(f'{self.counts[what]:8d} {what}')
        print(f'Compared {self.counts["files"]} files with '
              f'{self.counts["packets"]} packets: '
              f'{len(self.differences)} differences')
