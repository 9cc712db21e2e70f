#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library from Python: what a mock ring gives is what was put in.

Needs GI_TYPELIB_PATH and LD_LIBRARY_PATH to point at the built library.
"""

import sys

try:
    import gi
    gi.require_version('Gst', '1.0')
    gi.require_version('GstAfring', '1.0')
    from gi.repository import GLib, Gst, GstAfring
except (ImportError, ValueError) as e:
    print(f'skipped: {e}')
    sys.exit(77)

TYPES = [GstAfring.PacketType.HOST, GstAfring.PacketType.BROADCAST,
         GstAfring.PacketType.MULTICAST, GstAfring.PacketType.OTHERHOST,
         GstAfring.PacketType.OUTGOING]
ZeroCopy = GstAfring.CaptureSourceZeroCopy


def check(condition, what):
    if not condition:
        sys.exit(f'FAIL {what}')
    print(f'ok   {what}')


def check_error(call, code, what):
    try:
        call()
    except GLib.Error as e:
        check(e.matches(GstAfring.capture_error_quark(), code), what)
    else:
        check(False, what)


def build(i):
    """Packet number i: addresses, lengths, type and bytes follow from it."""
    src, dst = ((f'10.0.0.{i}', f'10.1.0.{i}') if i % 2 else
                (f'fd00::{i:x}', f'fd01::{i:x}'))
    return GstAfring.CapturePacket.build(
        src, dst, 1000 + i, 2000 + i, 17, bytes(range(i)), TYPES[i % 5],
        200 + i)


def test_iterator():
    """Ends where there are no more, raises what is wrong, closes behind itself."""
    mock = new_mock()
    mock.run()
    for i in range(1, 6):
        mock.add_packet(build(i))
    mock.finalize_block(False)
    with mock as source:
        lengths = []
        for packet in source:
            lengths.append((len(packet), bytes(packet) == bytes(
                packet.get_payload())))
            if len(lengths) == 5:
                break
        check(lengths == [(len(build(i)), True) for i in range(1, 6)],
              'a source is an iterator')
        source.set_timeout(1)
        check_error(lambda: next(source), GstAfring.CaptureError.TIMEOUT,
                    'that raises what is no end')
    check(list(mock) == [], 'and ends when the source is closed')
    check_error(mock.close, GstAfring.CaptureError.STOPPED,
                'which its context does')
    with mock:
        pass
    check(True, 'or somebody else')


def new_mock():
    mock = GstAfring.MockSource(interface='mock', block_size=65536,
                                block_count=4)
    check(mock.open(), 'open')
    return mock


def test_packets():
    packet = build(5)
    payload, layer = packet.get_payload(), packet.get_ip_layer()
    check(len(payload) == packet.get_length() > 30, 'length')
    check(payload[packet.get_ip_offset():] == layer, 'IP layer')
    check(layer[0] == 0x45 and layer[12:16] == bytes([10, 0, 0, 5]), 'IPv4')
    check(layer[-5:] == bytes(range(5)), 'extra bytes')
    check(packet.get_total_length() == 205, 'total length')
    check(packet.get_packet_type() == TYPES[0] and packet.is_inbound(), 'type')
    check(not build(4).is_inbound(), 'outgoing')
    check(build(6).get_ip_layer()[0] >> 4 == 6, 'IPv6')
    arp = GstAfring.CapturePacket.new(bytes(60), TYPES[1], 60,
                                      GstAfring.CAPTURE_NO_IP_OFFSET)
    check(arp.get_ip_layer() in (None, b''), 'no IP layer')
    check_error(lambda: GstAfring.CapturePacket.build(
        'nonsense', '10.0.0.1', 1, 2, 17, b'', TYPES[0], 60),
        GstAfring.CaptureError.FAILED, 'an address that is none')


def same(packet, expected):
    return (packet.get_payload() == expected.get_payload()
            and packet.get_ip_layer() == expected.get_ip_layer()
            and packet.get_length() == expected.get_length()
            and packet.get_total_length() == expected.get_total_length()
            and packet.get_packet_type() == expected.get_packet_type())


def test_mock():
    mock = new_mock()
    packets = [build(i) for i in range(1, 9)]
    for packet in packets:
        check(mock.add_packet(packet), 'add_packet')
    stats = mock.get_stats()[1]
    check((stats.packets_received, stats.packets_dropped) == (8, 0),
          'get_stats')
    check(mock.get_stats()[1].packets_received == 0, 'get_stats clears')
    check(mock.run(), 'run')

    one, two, three, four, five, six, seven, eight = packets
    found, packet = mock.next_packet(None)
    check(found and same(packet, one), 'next_packet (None)')
    found, packet = mock.next_packet(mock.new_packet())
    check(found and same(packet, two), 'next_packet (new_packet)')
    found, packet = mock.next_packet(packet)
    check(found and same(packet, three), 'next_packet (reuse)')

    def view_is(result, payload, expected):
        return (result.payload == payload
                and result.type == expected.get_packet_type()
                and result.total_length == expected.get_total_length())

    check(view_is(mock.next_payload(), four.get_payload(), four),
          'next_payload')
    check(view_is(mock.next_ip_packet(), five.get_ip_layer(), five),
          'next_ip_packet')
    check(view_is(ZeroCopy.next_payload(mock), six.get_payload(), six),
          'zero_copy_next_payload')
    check(view_is(ZeroCopy.next_ip_packet(mock), seven.get_ip_layer(), seven),
          'zero_copy_next_ip_packet')
    seen = []

    def see(payload, *rest):
        seen.append((payload, *rest))
        return True

    check(mock.next_packet_fn(see), 'next_packet_fn')
    check(len(seen) == 1 and seen[0][0] == eight.get_payload(),
          'the function has the packet')

    link = mock.get_link()
    check((link.get_name(), link.get_link_type(), link.get_ip_offset(),
           link.is_up()) == ('mock', 1, 14, True), 'get_link')
    check(mock.unblock(), 'unblock')
    check_error(lambda: mock.next_packet(None),
                GstAfring.CaptureError.UNBLOCKED, 'UNBLOCKED')
    mock.done()
    check(mock.wait(), 'done, wait')
    check(mock.close(), 'close')
    for call in (lambda: mock.next_packet(None), mock.next_payload,
                 mock.next_ip_packet, lambda: ZeroCopy.next_payload(mock),
                 lambda: mock.next_packet_fn(see), mock.get_stats,
                 mock.unblock, mock.close, lambda: mock.add_packet(one)):
        check_error(call, GstAfring.CaptureError.STOPPED, 'STOPPED')


def test_added():
    mock = new_mock()
    added = []
    mock.set_packet_added_func(
        lambda payload, *rest: added.append(payload) or True)
    mock.add_packet(build(3))
    check(added == [build(3).get_payload()], 'set_packet_added_func')
    mock.close()


def test_pipe():
    source, mock = new_mock(), new_mock()
    done = []
    mock.connect('reading-done', done.append)
    for i in range(1, 11):
        source.add_packet(build(i))
    check(source.run() and mock.pipe(source), 'pipe')
    check(all(same(mock.next_packet(None)[1], build(i)) for i in range(1, 11)),
          'all packets')
    source.close()
    check(mock.wait() and done == [mock], 'reading-done')
    mock.close()


def test_no_drain():
    mock = GstAfring.MockSourceNoDrain(interface='again', block_size=65536,
                                       block_count=2)
    check(mock.open(), 'no-drain: open')
    check_error(lambda: mock.run(0), GstAfring.CaptureError.NOT_POPULATED,
                'NOT_POPULATED')
    n = 0
    while mock.can_add_packets():
        mock.add_packet(build(9))
        n += 1
    check(mock.run(0), f'no-drain: run with {n} packets')
    check(all(same(mock.next_packet(None)[1], build(9)) for _ in range(5 * n)),
          'the same packets again and again')
    mock.done()
    check(mock.wait() and mock.close(), 'no-drain: close')


Gst.init(None)
test_packets()
test_mock()
test_iterator()
test_added()
test_pipe()
test_no_drain()
check_error(lambda: GstAfring.PcapSource.new('/nonexistent/file.pcap'),
            GstAfring.CaptureError.NOT_FOUND, 'no such file')
check_error(lambda: GstAfring.CaptureLink.new('nosuch'),
            GstAfring.CaptureError.NOT_FOUND, 'no such interface')
