"""A row of the table: one expression on one link, in all ways at once.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections

import filterways as ways
from filterframes import number_of
from filterlive import Tcpdump
from filtertable import ANY_ONLY_USER, LOOPS

# no packet has it, and a loop is not for the kernel
NOTHING = 'ip6 protochain 253'


class Judge:
    """Counts what is right and says what is wrong."""

    def __init__(self):
        self.checks = self.failures = 0

    def check(self, right, what):
        self.checks += 1
        if not right:
            self.failures += 1
            print(f'FAIL {what}', flush=True)
        return right

    def packets(self, link, what, found, expected, upper=None):
        """All that are expected came once, and no other, or only of @upper."""
        upper = expected if upper is None else upper
        count = collections.Counter(found)
        for text, some in (
                ('passed twice', [i for i, n in count.items() if n > 1]),
                ('did not pass', expected - count.keys()),
                ('should not pass', count.keys() - upper)):
            names = sorted({link.name_of(i) for i in some})
            self.check(not some, f'{link.name}: {what}: {len(some)} packets '
                       f'{text}: {"; ".join(names[:4])}')

    def refusal(self, what, error, words):
        """With libpcap's own words."""
        if self.check(error is not None, f'{what}: taken, but not by tcpdump: '
                      f'{words}'):
            self.check(words in error.message,
                       f'{what}: "{error.message}" has not "{words}"')


class Row:
    def __init__(self, judge_, link, expression, path):
        self.judge_, self.link, self.expression = judge_, link, expression
        self.tcpdump = Tcpdump(link.interface, expression, path)
        loop = f'({NOTHING}) or ({expression})'
        self.kernel = ways.Live(link, expression)
        self.user = ways.Live(link, expression)
        self.equal = ways.Live(link, expression)
        self.wider = ways.Live(link, expression)
        self.pipelines = {
            'kernel': self.kernel,
            'a loop': ways.Live(link, loop),
            'changed to what is equal': self.equal,
            'changed to all': self.wider,
            'packetfilter': ways.Live(link, expression, element=True)}
        # on this traffic; some for the kernel, some not
        self.equals = [f'not not ({expression})', expression, loop, expression]
        self.ring = None
        self.wide = []          # first and last number sent while all passes

    def start_judge(self):
        """FALSE where tcpdump refuses it."""
        self.tcpdump.wait_ready()
        return self.tcpdump.refused is None

    def start(self):
        for way in list(self.pipelines):
            self._play(way)
        if ways.have_library():
            self.ring = ways.Ring(self.link, '')
        return True

    def start_refused(self, low):
        if low:
            self.pipelines['user space'] = self.user
            self._play('user space')

    def _what(self, way):
        return f'{self.link.name}: {self.expression} ({way})'

    def _play(self, way):
        error = self.pipelines[way].play()
        if not self.judge_.check(error is None, f'{self._what(way)}: '
                                 f'{error and error.message}'):
            self.pipelines.pop(way).close()

    def change(self, turn):
        self.equal.set_filter(self.equals[turn % len(self.equals)])
        if turn % 2 == 0:
            self.wider.set_filter('')
            self.wide.append([self.link.numbers.last, None])
        else:
            self.wider.set_filter(self.expression)
            self.wide[-1][1] = self.link.numbers.last

    def end(self):
        """All have all packets. Those that wait in a ring that nobody has read are
        matched again."""
        for pipeline in self.pipelines.values():
            pipeline.ask_end()
        if self.ring is None:
            return
        error = self.ring.set_filter(f'{self.link.marker} or '
                                     f'({self.expression})')
        if not self.judge_.check(error is None,
                                 f'{self._what("matched again")}: {error}'):
            self.ring.close()
            self.ring = None

    def wait_end(self):
        for way, pipeline in list(self.pipelines.items()):
            error = pipeline.wait_end()
            if not self.judge_.check(error is None, f'{self._what(way)}: '
                                     f'{error and error.message}'):
                self.pipelines.pop(way).close()

    def _may_pass_as_well(self):
        """While everything passed. What user space has to match lies in the ring until
        it is read, and then the filter of that moment counts."""
        if not self._is_for_kernel():
            return self.link.expected()
        return {i for i in self.link.expected()
                if any(first < self.link.number(i) and
                       (last is None or self.link.number(i) <= last)
                       for first, last in self.wide)}

    def judge(self):
        link = self.link
        found = {link.identity(record, number_of(record))
                 for record in self.tcpdump.finish() if number_of(record) >= 0}
        expected = found & link.expected()
        for way, pipeline in self.pipelines.items():
            self._judge_way(way, pipeline.seen, expected, expected
                            | self._may_pass_as_well()
                            if pipeline is self.wider else expected)
            self._judge_stats(way, pipeline, expected)
        if self.ring is not None:
            seen, error = self.ring.read()
            self.judge_.check(error is None, f'{self._what("matched again")}: '
                              'no marker')
            self._judge_way('matched again', seen, expected, expected)
        return expected

    def _judge_way(self, way, seen, expected, upper):
        for_kernel = self._is_for_kernel()
        unclear = set() if way == 'kernel' and for_kernel \
            else self.link.unclear(not for_kernel)
        self.judge_.packets(self.link, f'{self.expression} ({way})', seen,
                            expected - unclear, upper | unclear)

    def _is_for_kernel(self):
        return LOOPS not in self.expression and not (
            self.link.kind == 'any' and self.expression in ANY_ONLY_USER)

    def _judge_stats(self, way, pipeline, expected):
        what = self._what(way)
        in_kernel = {'user space': False, 'a loop': False,
                     'kernel': self._is_for_kernel()}.get(way)
        self.judge_.check(pipeline.stat('packets-dropped') == 0,
                          f'{what}: packets were dropped')
        # what can only be true is one instruction, for which there is room
        if in_kernel is None or way == 'user space' and \
                expected == self.link.expected():
            return
        self.judge_.check(
            pipeline.stat('filter-in-kernel') is in_kernel, f'{what}: '
            f'filter-in-kernel is {pipeline.stat("filter-in-kernel")}')
        received, all_ = pipeline.stat('packets-received'), len(
            self.link.expected())
        self.judge_.check(received == len(expected) if in_kernel else
                          received >= all_, f'{what}: the kernel let in '
                          f'{received}, {len(expected)} match of {all_}')
        if in_kernel:
            self.judge_.check(not pipeline.warnings, f'{what}: warned')
        elif way == 'user space':
            self.judge_.check(len(pipeline.warnings) == 1, f'{what}: '
                              f'{len(pipeline.warnings)} warnings')

    def judge_refused(self):
        error = self.kernel.play()
        self.judge_.refusal(self._what('kernel'), error, self.tcpdump.refused)

    def close(self):
        self.tcpdump.close()
        for pipeline in {*self.pipelines.values(), self.kernel, self.user}:
            pipeline.close()
        if self.ring is not None:
            self.ring.close()
