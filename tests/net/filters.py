"""Filters have one meaning: that of tcpdump, live, wherever they run.

A table of expressions over made traffic, on an Ethernet interface, on "any" and on
raw IP: in the kernel, in user space, changed while packets pass, and in
packetfilter. The same packets pass each time, and those that tcpdump finds at the
same moment. For a file the meaning is that of tcpdump -r.

filters.py ethernet|any|raw|file|refused|errors... [-e EXPRESSION]
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import argparse
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

try:
    import filterways as ways
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)
import filterlinks as links
import filteroptmem as optmem
from filterframes import number_of
from filterlive import Tcpdump, read_file
from filterrow import Judge, Row
from filtertable import ANY_LEFT_OUT, EMPTY, ERRORS, EXPRESSIONS, LEAST

BATCH = 25
# which end sends, one after the other
HALVES = (0, 1)


def send(link, halves, rows):
    """While filters change."""
    turn = 0
    for side in halves:
        for _ in link.send_half(side):
            for row in rows:
                row.change(turn)
            turn += 1


def open_reference(link):
    """Without a filter. The first socket is the last one to get a packet: what it
    has all others have."""
    reference = ways.Live(link, None)
    error = reference.play()
    assert error is None, error
    return reference


def wait_reference(link, reference):
    ways.wait(lambda: len(reference.seen) >= len(link.expected()),
              lambda: f'{link.name}: {len(reference.seen)} of '
              f'{len(link.expected())} packets came')


def warm_up(link, reference):
    """libpcap runs a filter in user space over the first packet that the kernel
    lets through, and there it knows nothing of directions and interfaces: of each
    kind of packets the first is not looked at."""
    send(link, HALVES, [])
    wait_reference(link, reference)
    link.forget()
    reference.seen.clear()


def run_batch(judge, link, expressions, folder):
    """The packets of each expression that means something on the link."""
    reference = open_reference(link)
    rows = [Row(judge, link, expression, f'{folder}/{i}.pcap')
            for i, expression in enumerate(expressions)]
    valid = [row for row in rows if row.start_judge()]
    warm_up(link, reference)
    for row in valid:
        row.start()
    with optmem.lowered() as low:
        for row in valid:
            row.start_refused(low)
    send(link, HALVES, valid)
    wait_reference(link, reference)
    for row in valid:
        row.end()
    for row in valid:
        row.wait_end()
    link.send_marker()
    results = {row.expression: row.judge() for row in valid}
    for row in rows:
        if row not in valid:
            row.judge_refused()
        row.close()
    judge.packets(link, 'no filter', reference.seen, link.expected())
    reference.close()
    return results


def with_index(expression):
    return expression.replace('{first}', str(links.index_of('va')))


def check_link(judge, make, expressions, folder):
    results = {}
    for at in range(0, len(expressions), BATCH):
        link = make()
        some = run_batch(judge, link, expressions[at:at + BATCH], folder)
        for expression, expected in some.items():
            if link.kind == 'ethernet' and expression not in map(with_index,
                                                                 EMPTY):
                judge.check(0 < len(expected), f'{expression}: matches nothing, '
                            'so that nothing is tested')
        results.update(some)
        link.close()
    print(f'{link.kind}: {len(results)} expressions', flush=True)
    if len(expressions) > BATCH:
        judge.check(len(results) >= LEAST[link.kind],
                    f'{link.kind}: {len(results)} expressions compile, '
                    f'{LEAST[link.kind]} should')


def record(link, path):
    reference = open_reference(link)
    recorder = Tcpdump(link.interface, '', path)
    recorder.wait_ready()
    send(link, HALVES, [])
    wait_reference(link, reference)
    reference.close()
    recorder.finish(keep=True)


def check_file(judge, link, expressions, folder):
    """A file, in which tags are in the bytes and nothing is beside them."""
    path = f'{folder}/recorded.pcap'
    record(link, path)
    n = 0
    for expression in expressions:
        records, refused = read_file(path, expression, f'{folder}/read.pcap')
        pipeline = ways.File(path, expression)
        error = pipeline.play() or pipeline.wait_end()
        pipeline.close()
        what = f'file: {expression}'
        if records is None and any(word in expression for word in (
                'ifindex', 'inbound', 'outbound')):
            # tcpdump does not take it; packetfilter ends where a packet does not
            # tell what is asked for, which the other side of an "or" can prevent
            told = error is not None and 'inbound, outbound' in error.message
            judge.check(error is None or told, f'{what}: {error}')
            if expression in ('inbound', 'outbound', 'not outbound'):
                judge.check(told and not pipeline.seen,
                            f'{what}: {len(pipeline.seen)} packets, {error}')
        elif records is None:
            judge.refusal(what, error, refused)
        elif judge.check(error is None, f'{what}: {error}'):
            judge.packets(link, what, pipeline.seen,
                          set(map(number_of, records)) & link.expected())
            n += 1
    print(f'file: {n} expressions', flush=True)
    link.close()


def check_refused(judge, link, folder):
    """Neither the first program nor the next one is taken by the kernel, nor the one
    that lets nothing through: the packets are the same, and the end comes."""
    turns = ('udp port 5', 'inbound and not vlan', 'tcp')
    reference = open_reference(link)
    tcpdumps = [Tcpdump(link.interface, turn, f'{folder}/refused-{i}.pcap')
                for i, turn in enumerate(turns)]
    for tcpdump in tcpdumps:
        tcpdump.wait_ready()
    warm_up(link, reference)
    pipeline = ways.Live(link, turns[0])
    with optmem.lowered() as low:
        error = pipeline.play()
        sent = []
        for turn in turns:
            pipeline.set_filter(turn)
            before = link.expected()
            send(link, HALVES, [])
            # what is in the ring when the filter changes is matched by the next one
            ways.wait(pipeline.is_idle, lambda: 'packets are left in the ring')
            sent.append(link.expected() - before)
        wait_reference(link, reference)
        pipeline.ask_end()
        error = error or pipeline.wait_end()
    judge.check(error is None, f'refused: {error}')
    for tcpdump, turn, some in zip(tcpdumps, turns, sent):
        expected = {number_of(record) for record in tcpdump.finish()}
        judge.packets(link, f'{turn}, refused', [
            i for i in pipeline.seen if i in some], expected & some)
    if low:
        judge.check(pipeline.stat('filter-in-kernel') is False,
                    'refused: filter-in-kernel')
        judge.check(1 <= len(pipeline.warnings) <= len(turns),
                    f'refused: {len(pipeline.warnings)} warnings')
    print('refused' if low else 'refused: no bound of this namespace to lower')
    reference.close()
    pipeline.close()
    link.close()


def check_errors(judge, link, folder):
    """What is no expression, for tcpdump, afringsrc and packetfilter."""
    path = f'{folder}/errors.pcap'
    record(link, path)
    for expression in ERRORS:
        tcpdump = Tcpdump(link.interface, expression, f'{folder}/error.pcap')
        tcpdump.wait_ready()
        tcpdump.close()
        if not judge.check(tcpdump.refused is not None,
                           f'{expression}: tcpdump takes it'):
            continue
        for pipeline in (ways.Live(link, expression),
                         ways.File(path, expression)):
            error = pipeline.play() or (
                None if pipeline.source else pipeline.wait_end())
            judge.refusal(expression, error, tcpdump.refused)
            pipeline.close()
    print(f'errors: {len(ERRORS)} expressions', flush=True)
    link.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('parts', nargs='*')
    parser.add_argument('-e', dest='expressions', action='append')
    options = parser.parse_args()
    if shutil.which('tcpdump') is None:
        print('skipped: there is no tcpdump')
        sys.exit(77)
    tun = links.set_up()
    numbers, judge = links.Numbers(), Judge()
    expressions = [with_index(text) for text in
                   options.expressions or EXPRESSIONS]
    makers = {'ethernet': lambda: links.Ethernet(numbers),
              'any': lambda: links.Any(numbers, tun),
              'raw': lambda: links.Raw(numbers, tun)}
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts:
            if part in makers:
                check_link(judge, makers[part], [
                    text for text in expressions
                    if part != 'any' or text not in ANY_LEFT_OUT], folder)
            elif part == 'file':
                check_file(judge, makers['ethernet'](), expressions, folder)
            elif part == 'refused':
                check_refused(judge, makers['ethernet'](), folder)
            elif part == 'errors':
                check_errors(judge, makers['ethernet'](), folder)
    print(f'{judge.failures} of {judge.checks} checks failed')
    sys.exit(judge.failures > 0)


main()
