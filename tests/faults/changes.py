"""What an application does to a pipeline while packets flow: states at random, elements
that are taken out and pads that are unlinked. Nothing hangs, what ends says why, and each
file is whole and has what came, once, in order, without a gap.

changes.py PART [TIMES]
Environment: CHANGES_SEED, of a run that is to be made again.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import glob
import os
import random
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../net'))
import conservation

import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst

PATIENCE = 30           # seconds for one change
STATES = [Gst.State.NULL, Gst.State.READY, Gst.State.PAUSED, Gst.State.PLAYING]
# some thousand packets a second: full speed is a matter of other tests
MOCK = 'afringmocksrc name=source packet-size=300 ! identity name=pace sleep-time=20'
# what is made of packets, beside the recording
BRANCHES = [
    'packetdepay ! fakesink async=false', 'packetdecap ! fakesink async=false',
    'packetfilter filter=udp ! fakesink async=false',
    'packetdedup ! fakesink async=false', 'pcapenc ! pcapdec ! fakesink async=false',
    # whose pads stay alone: GStreamer's parser would link those that come too late
    'flowdemux',
    'pcapsink location={folder}/branch-{n}-%05d.pcapng async=false',
]


def fail(why):
    print('FAIL', why, flush=True)
    os._exit(1)


def judge(folder, run, recorded=None):
    """How many packets the files of a run have: the first ones, each once."""
    paths = sorted(glob.glob(f'{folder}/f-{run}-*'))
    if any(path.endswith('.part') for path in paths):
        fail(f'there are {paths}')
    try:
        numbers = conservation.numbers_of(paths)
    except AssertionError as torn:
        fail(torn)
    wrong = conservation.breach(numbers, len(numbers), 0)
    if wrong:
        fail(f'run {run}: {wrong}')
    if recorded not in (None, len(numbers)):
        fail(f'run {run}: {len(numbers)} are in files, {recorded} counted')
    for path in paths:
        os.unlink(path)
    return len(numbers)


def errors_of(bus):
    found = []
    while True:
        message = bus.pop_filtered(Gst.MessageType.ERROR)
        if message is None:
            return found
        found.append(message.parse_error())


def states(times):
    """Of the whole pipeline, or of one element of it."""
    packets = runs = changes = 0
    with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
        pipeline = Gst.parse_launch(
            f'{MOCK} ! tee name=t t. ! queue name=q ! pcapsink name=sink '
            'max-file-size=500000 sync-mode=never async=false '
            't. ! queue name=other ! packetdepay name=depay ! fakesink async=false')
        bus, sink = pipeline.get_bus(), pipeline.get_by_name('sink')
        for changes in range(1, times + 1):
            signal.alarm(PATIENCE)
            state = random.choice(STATES)
            if pipeline.get_state(0)[1] in (Gst.State.NULL, Gst.State.READY):
                packets += judge(folder, runs)
                runs += 1
                sink.set_property('location', f'{folder}/f-{runs}-%05d.pcapng')
            if pipeline.set_state(state) == Gst.StateChangeReturn.FAILURE:
                fail(f'no {state.value_nick}: {errors_of(bus)}')
            if random.random() < 0.5:
                pipeline.get_state(Gst.CLOCK_TIME_NONE)
            if random.random() < 0.3:
                one = pipeline.get_by_name(random.choice(['q', 'other', 'depay']))
                one.set_state(random.choice([Gst.State.PAUSED, Gst.State.PLAYING]))
                one.sync_state_with_parent()
            time.sleep(random.choice([0, 0, 0.001, 0.02, 0.05]))
            errors = errors_of(bus)
            if errors:
                fail(f'change {changes}: {errors}')
        pipeline.set_state(Gst.State.NULL)
        packets += judge(folder, runs)
    if packets == 0:
        fail('no packet flowed')
    print(f'ok   {changes} changes of state, {runs} recordings, {packets} packets')


def add_branch(pipeline, tee, folder, n):
    line = random.choice(BRANCHES).format(folder=folder, n=n)
    branch = Gst.parse_bin_from_description(
        'queue name=first ! ' + line, False)
    branch.add_pad(Gst.GhostPad.new(
        'sink', branch.get_by_name('first').get_static_pad('sink')))
    pipeline.add(branch)
    branch.sync_state_with_parent()
    pad = tee.request_pad_simple('src_%u')
    if pad.link(branch.get_static_pad('sink')) != Gst.PadLinkReturn.OK:
        fail('no link')
    return line, branch, pad


def take_out(branch, unlink):
    """What is behind the queue, in the middle of a packet."""
    first = branch.get_by_name('first').get_static_pad('src')
    peer = first.get_peer()
    element = peer.get_parent_element()
    if unlink:
        first.unlink(peer)
    branch.remove(element)
    element.set_state(Gst.State.NULL)


def unlink_branch(pad, info, branch):
    pad.unlink(branch.get_static_pad('sink'))
    return Gst.PadProbeReturn.REMOVE


def remove_branch(pipeline, tee, branch, pad):
    """What stops behind a tee would stop the tee: its pad goes first, as it has to in an
    application. What the queue has is on its way then."""
    pad.add_probe(Gst.PadProbeType.IDLE, unlink_branch, branch)
    while pad.is_linked():
        time.sleep(0.001)
    way = random.choice(['unlink', 'remove', 'whole'])
    if way != 'whole':
        take_out(branch, way == 'unlink')
        time.sleep(random.choice([0, 0.005]))
    pipeline.remove(branch)
    branch.set_state(Gst.State.NULL)
    tee.release_request_pad(pad)


def removed(times):
    """Branches come and go; the recording beside them has everything. Then the pad of the
    source itself is unlinked, which is an error with a text."""
    with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
        pipeline = Gst.parse_launch(
            f'{MOCK} ! tee name=t allow-not-linked=true t. ! queue ! pcapsink name=sink '
            f'sync-mode=never location={folder}/f-0-%05d.pcapng')
        tee, bus = pipeline.get_by_name('t'), pipeline.get_bus()
        pipeline.set_state(Gst.State.PLAYING)
        lines = set()
        for n in range(times):
            signal.alarm(PATIENCE)
            line, branch, pad = add_branch(pipeline, tee, folder, n)
            lines.add(line.split()[0])
            time.sleep(random.choice([0, 0.001, 0.01]))
            remove_branch(pipeline, tee, branch, pad)
            for error, debug in errors_of(bus):
                fail(f'{line}: {error.message}, {debug}')
        signal.alarm(PATIENCE)
        pace = pipeline.get_by_name('pace')
        pace.get_static_pad('src').unlink(tee.get_static_pad('sink'))
        message = bus.timed_pop_filtered(PATIENCE * Gst.SECOND, Gst.MessageType.ERROR)
        error, debug = message.parse_error()
        if 'not-linked' not in debug:
            fail(f'{error.message}, {debug}')
        # waits for the disk
        pipeline.set_state(Gst.State.NULL)
        stats = pipeline.get_by_name('sink').get_property('stats')
        packets = judge(folder, 0, stats.get_value('packets'))
    print(f'ok   {times} branches of {len(lines)} kinds, {packets} packets; '
          f'"{error.message}"')


def main():
    Gst.init(None)
    seed = int(os.environ.get('CHANGES_SEED', random.randrange(1 << 32)))
    random.seed(seed)
    print('seed', seed, flush=True)
    {'states': states, 'removed': removed}[sys.argv[1]](int(sys.argv[2]))


main()
