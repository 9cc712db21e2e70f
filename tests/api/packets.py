#!/usr/bin/python3
"""Reads packets from Python as a program does: one after the other, with their times,
waiting for a while, in a main loop, with nothing that grows or dangles.

packets.py mock|lo. Needs GI_TYPELIB_PATH and LD_LIBRARY_PATH as read.py does.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import gc
import socket
import sys
import time

try:
    import gi
    gi.require_version('Gst', '1.0')
    gi.require_version('GstAfring', '1.0')
    from gi.repository import GLib, Gst, GstAfring
except (ImportError, ValueError) as e:
    print(f'skipped: {e}')
    sys.exit(77)

N, PORT, PATIENCE = 200, 5555, 20000
Error = GstAfring.CaptureError


def check(condition, what):
    if not condition:
        sys.exit(f'FAIL {what}')
    print(f'ok   {what}')


def number_of(packet):
    return int.from_bytes(bytes(packet.get_payload())[-4:], 'big')


def packets(source):
    """All packets until none comes in time, or the end."""
    packet = None
    while True:
        try:
            _, packet = source.next_packet(packet)
        except GLib.Error as e:
            if any(e.matches(GstAfring.capture_error_quark(), code) for code in
                   (Error.TIMEOUT, Error.END_OF_FILE, Error.STOPPED)):
                return
            raise
        yield packet


class Mock:
    def __init__(self):
        self.source = GstAfring.MockSource(interface='mock', block_size=65536,
                                           block_count=16)
        self.source.open()
        self.source.run()

    def send(self, numbers):
        for number in numbers:
            self.source.add_packet(GstAfring.CapturePacket.build(
                '10.0.0.1', '10.0.0.2', 1, 2, 17, number.to_bytes(4, 'big'),
                GstAfring.PacketType.HOST, 60))


class Lo:
    """A socket that sends to itself, so that nothing answers with ICMP."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        port = self.socket.getsockname()[1]
        # a constructor that opens
        self.source = GstAfring.Source.new('lo', f'udp dst port {port}')

    def send(self, numbers):
        for number in numbers:
            self.socket.sendto(number.to_bytes(4, 'big'),
                               self.socket.getsockname())


def test_iteration(feed):
    feed.source.set_timeout(PATIENCE)
    before, numbers, times = time.time_ns(), [], []
    feed.send(range(N))
    for packet in packets(feed.source):
        numbers.append(number_of(packet))
        times.append(packet.get_capture_time())
        tagged, _, _ = packet.get_vlan()
        if tagged or packet.get_flags() & GstAfring.PacketFlags.VLAN:
            check(False, 'no tag')
        if len(numbers) == N:
            feed.source.set_timeout(0)
    check(numbers == list(range(N)), 'each packet, in order')
    check(before <= min(times) and max(times) <= time.time_ns(), 'its time')
    totals = feed.source.get_totals()
    check((totals.packets_received, totals.packets_dropped) == (N, 0),
          'get_totals')


def test_timeout(feed):
    feed.source.set_timeout(50)
    begun = time.monotonic()
    check(not list(packets(feed.source)), 'no packet, no waiting for ever')
    check(time.monotonic() - begun >= .05, 'but for as long as was said')


def test_poll(feed):
    """The file in GLib's main loop, as Python programs have it."""
    feed.source.set_timeout(0)
    loop, numbers = GLib.MainLoop(), []

    def readable(*_):
        numbers.extend(number_of(packet) for packet in packets(feed.source))
        if len(numbers) >= N:
            loop.quit()
        return True

    watch = GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT,
                                  feed.source.get_fd(), GLib.IOCondition.IN,
                                  readable)
    GLib.timeout_add(1, lambda: feed.send(range(N)))
    limit = GLib.timeout_add(PATIENCE, loop.quit)
    loop.run()
    GLib.source_remove(watch)
    GLib.source_remove(limit)
    check(numbers == list(range(N)), 'all packets in a main loop')


def resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096


def test_memory(feed):
    """Many packets, each in another way, and no more memory in the end."""
    def see(*_):
        return True

    feed.source.set_timeout(PATIENCE)

    def turn():
        feed.send(range(20))
        for _ in range(10):
            feed.source.next_packet_fn(see)
            feed.source.next_packet(None)
        gc.collect()

    for _ in range(100):
        turn()
    before = resident()
    for _ in range(300):
        turn()
    grown = resident() - before
    check(grown < 1 << 17, f'{grown} bytes more after 6000 packets')


def test_end(feed):
    totals = feed.source.get_totals().packets_received
    feed.source.close()
    check(feed.source.get_totals().packets_received == totals,
          'get_totals after close')
    check(not list(packets(feed.source)), 'STOPPED ends it')


def test_strings():
    """What an event told is kept when the event has gone."""
    pipeline = Gst.parse_launch('afringmocksrc num-buffers=10 ! fakesink name=k')
    seen = []

    def probe(pad, info):
        found = GstAfring.event_parse_capture_interface(info.get_event())
        if found[0]:
            seen.append((found[1], found[1].name))
        return Gst.PadProbeReturn.OK

    pipeline.get_by_name('k').get_static_pad('sink').add_probe(
        Gst.PadProbeType.EVENT_DOWNSTREAM, probe)
    pipeline.set_state(Gst.State.PLAYING)
    pipeline.get_bus().timed_pop_filtered(PATIENCE * Gst.MSECOND,
                                          Gst.MessageType.EOS)
    pipeline.set_state(Gst.State.NULL)
    del pipeline
    gc.collect()
    others = [Gst.Structure.new_empty(f'overwrite{i}') for i in range(2000)]
    try:
        same = [kept.name == name for kept, name in seen]
    except UnicodeDecodeError:
        same = [False]
    check(same and all(same), f'a string that is kept, among {len(others)}')


Gst.init(None)
feed = Lo() if sys.argv[1] == 'lo' else Mock()
test_iteration(feed)
test_timeout(feed)
test_poll(feed)
test_memory(feed)
test_end(feed)
if sys.argv[1] != 'lo':
    test_strings()
