"""The interfaces of the filter test, and what sends on them.

In the test's own namespace: a pair va, vb; a pair vc, vd, of which what comes goes
out on va, its tag beside the bytes; and a tun device, which carries IP and nothing
else.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import fcntl
import os
import socket
import struct
import subprocess

from filterframes import (IP, UDP, IPV6, VA, VB, frame, frames, ip,
                          ip_packets, make_mark, numbered, udp)

IFF_TUN, IFF_NO_PI, TUNSETIFF = 1, 0x1000, 0x400454ca
OUTGOING = 4
# a type for local experiments, of which there is nothing else
MARKER = 0x88b5
# on raw IP a port
MARKER_PORT = 9999
MARKER_NUMBER = 0xffffffff
TAGS = (b'\x81\0', b'\x88\xa8', b'\x91\0')
# frames that are sent at a time
AT_A_TIME = 16
# received on vd and sent on va, if this kernel has what it takes
PASSED_ON = ('udp', 'arp', 'vlan 7 udp', 'vlan 7 tcp', 'vlan 8 udp', 'vlan 9 udp',
             'vlan 100 ip6', '802.1ad', 'qinq', 'two tags', 'vlan 7 mpls')
can_pass_on = False


def run(command):
    subprocess.run(command.split(), check=True)


def index_of(name):
    return socket.if_nametoindex(name)


def sender(name):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((name, 0))
    return sock


class Ethernet:
    """What is sent on va and vb, each frame with a number of its own."""
    name, interface, kind = 'va', 'va', 'ethernet'
    marker = f'ether proto {MARKER:#x}'

    def __init__(self, numbers):
        self.numbers = numbers
        self.senders = [sender('va'), sender('vb')]
        self.passed_on = sender('vc')
        self.frames = [[(row[0], frame(side, row)) for row in
                        frames(side, make_mark(0))] for side in (0, 1)]
        self.names, self.sent = {}, []
        self.tagged, self.doubly = set(), set()

    def _send(self, sock, data, name):
        sock.send(numbered(data, next(self.numbers)))
        if data[12:14] in TAGS:
            self.tagged.add(self.numbers.last)
            if data[16:18] in TAGS:
                self.doubly.add(self.numbers.last)
        self.sent.append(self.numbers.last)
        self.names[self.numbers.last] = name

    def send_half(self, side):
        """All frames of one end, and those that go out on va, from elsewhere. Yields
        now and then."""
        for i, (name, data) in enumerate(self.frames[side]):
            if i % AT_A_TIME == 0:
                yield
            self._send(self.senders[side], data,
                       f'{name}, {"received" if side else "sent"}')
        for name, data in self.frames[0]:
            if can_pass_on and not side and name in PASSED_ON:
                self._send(self.passed_on, data, f'{name}, passed on')

    def send_marker(self):
        self.senders[0].send(frame(0, ('', VB, (), MARKER,
                                       make_mark(MARKER_NUMBER))))

    def identity(self, record, number):
        return number

    def number(self, identity):
        return identity

    def expected(self):
        """All that is to be seen of what has been sent."""
        return set(self.sent)

    def unclear(self, tcpdump_too):
        """What user space cannot know, and tcpdump not either if it is run there."""
        return set()

    def forget(self):
        self.sent.clear()

    def name_of(self, identity):
        return self.names[identity]

    def close(self):
        for sock in (*self.senders, self.passed_on):
            sock.close()


class Raw:
    """Packets from and to a tun device."""
    name, interface, kind = 'tun0', 'tun0', 'raw'
    marker = f'udp port {MARKER_PORT}'

    def __init__(self, numbers, tun):
        self.numbers, self.tun = numbers, tun
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.packets = [ip_packets(side, make_mark(0)) for side in (0, 1)]
        self.names, self.sent = {}, []

    def _put(self, side, packet):
        if side:
            os.write(self.tun, packet)
            return
        protocol = IPV6 if packet[0] >> 4 == 6 else IP
        self.sender.sendto(packet, ('tun0', protocol))
        # its queue is not to fill up
        os.read(self.tun, 65536)

    def send_half(self, side):
        for i, (name, packet) in enumerate(self.packets[side]):
            if i % AT_A_TIME == 0:
                yield
            number = next(self.numbers)
            self._put(side, numbered(packet, number))
            self.sent.append(number)
            self.names[number] = f'{name}, {"received" if side else "sent"}'

    def send_marker(self):
        self._put(1, ip(UDP, udp(MARKER_PORT, MARKER_PORT,
                                 make_mark(MARKER_NUMBER)), '10.1.0.1',
                        '10.1.0.2'))

    def identity(self, record, number):
        return number

    def number(self, identity):
        return identity

    def expected(self):
        """All that is to be seen of what has been sent."""
        return set(self.sent)

    def unclear(self, tcpdump_too):
        """What user space cannot know, and tcpdump not either if it is run there."""
        return set()

    def forget(self):
        self.sent.clear()

    def name_of(self, identity):
        return self.names[identity]

    def close(self):
        self.sender.close()


class Any:
    """All of them at once, and lo: a packet is seen where it goes out and where it
    comes in."""
    name, interface, kind = 'any', 'any', 'any'
    marker = f'ether proto {MARKER:#x}'

    def __init__(self, numbers, tun):
        self.ethernet = Ethernet(numbers)
        self.raw = Raw(numbers, tun)
        self.numbers = numbers
        self.loopback = sender('lo')
        self.names, self.seen = {}, set()
        self.hidden, self.doubly = set(), set()

    def _see(self, number, *interfaces):
        for name, outgoing in interfaces:
            self.seen.add((number, index_of(name), outgoing))

    def send_half(self, side):
        start = len(self.ethernet.sent)
        yield from self.ethernet.send_half(side)
        n = len(self.ethernet.frames[side])
        for i, number in enumerate(self.ethernet.sent[start:]):
            ends = ('vb', 'va') if side else ('va', 'vb')
            self._see(number, (ends[0], True), (ends[1], False))
            if i >= n:
                self._see(number, ('vc', True), ('vd', False))
            if number in self.ethernet.tagged:
                self.hidden.add((number, index_of('vc' if i >= n else ends[0]),
                                 True))
        self.doubly |= {i for i in self.seen if i[0] in self.ethernet.doubly}
        start = len(self.raw.sent)
        yield from self.raw.send_half(side)
        for number in self.raw.sent[start:]:
            self._see(number, ('tun0', not side))
        for name in ('udp', 'tcp syn', 'ip6 udp'):
            number = next(self.numbers)
            packet = dict(ip_packets(side, make_mark(number)))[name]
            ethertype = IPV6 if packet[0] >> 4 == 6 else IP
            self.loopback.send(frame(0, (name, '00:00:00:00:00:00', (),
                                         ethertype, packet)))
            self.names[number] = f'{name}, on lo'
            self._see(number, ('lo', False))

    def send_marker(self):
        self.ethernet.send_marker()

    def identity(self, record, number):
        return (number, struct.unpack_from('>I', record, 4)[0],
                record[10] == OUTGOING)

    def number(self, identity):
        return identity[0]

    def expected(self):
        return self.seen

    def unclear(self, tcpdump_too):
        """A tag that is in the bytes of what goes out is told as if it were beside
        them, from Linux 6.10 on; the program in the kernel has seen neither. Of two
        tags the second one is not told, but can be seen."""
        return self.hidden | (self.doubly if tcpdump_too else set())

    def forget(self):
        self.seen.clear()

    def name_of(self, identity):
        number, index, outgoing = identity
        for names in (self.names, self.ethernet.names, self.raw.names):
            if number in names:
                return (f'{names[number]}: on {socket.if_indextoname(index)} '
                        f'{"out" if outgoing else "in"}')
        return str(identity)

    def close(self):
        self.ethernet.close()
        self.raw.close()
        self.loopback.close()


def set_up():
    """Makes the interfaces. Returns the tun device's descriptor."""
    global can_pass_on
    run(f'ip link add va address {VA} type veth peer name vb address {VB}')
    run('ip link add vc type veth peer name vd')
    for name in ('va', 'vb', 'vc', 'vd'):
        run(f'ip link set {name} up')
    try:
        run('tc qdisc add dev vd ingress')
        run('tc filter add dev vd parent ffff: protocol all u32 match u32 0 0 '
            'action mirred egress redirect dev va')
        can_pass_on = True
    except (OSError, subprocess.CalledProcessError) as e:
        print(f'nothing is passed on: {e}')
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH', b'tun0',
                                            IFF_TUN | IFF_NO_PI))
    run('ip link set tun0 up')
    return tun


class Numbers:
    """One for each frame; .last is that of the last one."""

    def __init__(self):
        self.last = 0

    def __next__(self):
        self.last += 1
        return self.last
