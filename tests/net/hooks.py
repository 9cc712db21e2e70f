"""What a capture sees of packets that something else in the kernel drops: the table of
docs/networks.md, row by row, on a veth pair.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import ctypes
import os
import platform
import shutil
import socket
import struct
import subprocess
import sys
import time

try:
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import Gst
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

Gst.init(None)
N, PATIENCE = 20, 30
BPF_SYSCALL = {'x86_64': 321, 'aarch64': 280}
# linux/bpf.h
PROG_LOAD, LINK_CREATE = 5, 28
XDP, SCHED_CLS = 6, 3                           # program types
ATTACH_XDP, TCX_INGRESS, TCX_EGRESS = 37, 46, 47
XDP_DROP, TC_DROP = 1, 2                        # verdicts
XDP_GENERIC, XDP_NATIVE = 1 << 1, 1 << 2        # linux/if_link.h


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True)
    if result.returncode != 0:
        raise OSError(result.stdout)


def bpf(command, attributes):
    number = BPF_SYSCALL.get(platform.machine())
    if number is None:
        raise OSError('no number of bpf(2) for this machine here')
    libc = ctypes.CDLL(None, use_errno=True)
    data = ctypes.create_string_buffer(attributes.ljust(128, b'\0'))
    fd = libc.syscall(number, command, data, 128)
    if fd < 0:
        raise OSError(os.strerror(ctypes.get_errno()))
    return fd


class Bpf:
    """A program that does nothing but drop, attached."""

    def __init__(self, kind, verdict, attach_type, interface, flags=0):
        code = struct.pack('<BBhi', 0xb7, 0, 0, verdict) + struct.pack('<BBhi', 0x95, 0, 0, 0)
        self.code = ctypes.create_string_buffer(code)
        self.licence = ctypes.create_string_buffer(b'GPL')
        self.program = bpf(PROG_LOAD, struct.pack(
            '<IIQQ', kind, 2, ctypes.addressof(self.code),
            ctypes.addressof(self.licence)))
        try:
            self.link = bpf(LINK_CREATE, struct.pack(
                '<IIII', self.program, socket.if_nametoindex(interface), attach_type,
                flags))
        finally:
            os.close(self.program)

    def remove(self):
        os.close(self.link)


class Nft:
    def __init__(self, family, hook):
        if not shutil.which('nft'):
            raise OSError('nft is not installed')
        self.family = family
        run(['nft', 'add', 'table', family, 'afring'])
        run(['nft', f'add chain {family} afring drops {{ type filter hook {hook} '
                    'priority 0; policy drop; }'])

    def remove(self):
        run(['nft', 'delete', 'table', self.family, 'afring'])


class Nothing:
    def remove(self):
        pass


# What drops; the interface that is captured on, one that receives or the one that sends;
# whether the capture sees the packets all the same.
ROWS = [
    ('nothing, received', Nothing, 'vb', True),
    ('XDP of the driver', lambda: Bpf(XDP, XDP_DROP, ATTACH_XDP, 'vb', XDP_NATIVE),
     'vb', False),
    ('generic XDP', lambda: Bpf(XDP, XDP_DROP, ATTACH_XDP, 'vb', XDP_GENERIC), 'vb', False),
    ('tc ingress', lambda: Bpf(SCHED_CLS, TC_DROP, TCX_INGRESS, 'vb'), 'vb', True),
    ('nft ingress', lambda: Nft('netdev', 'ingress device vb'), 'vb', True),
    ('nft prerouting', lambda: Nft('inet', 'prerouting'), 'vb', True),
    ('nft input', lambda: Nft('inet', 'input'), 'vb', True),
    ('nothing, sent', Nothing, 'va', True),
    ('nft output', lambda: Nft('inet', 'output'), 'va', False),
    ('nft postrouting', lambda: Nft('inet', 'postrouting'), 'va', False),
    ('nft egress', lambda: Nft('netdev', 'egress device va'), 'va', False),
    ('tc egress', lambda: Bpf(SCHED_CLS, TC_DROP, TCX_EGRESS, 'va'), 'va', False),
]


def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'va')
        for _ in range(N):
            try:
                sender.sendto(bytes(50), ('10.9.0.2', 5004))
            except PermissionError:     # dropped on the way out, and told so
                pass


def capture(interface):
    """How many of what is sent are seen."""
    pipeline = Gst.parse_launch(
        f'afringsrc name=s interface={interface} filter="udp port 5004" ! fakesink')
    source, bus = pipeline.get_by_name('s'), pipeline.get_bus()
    pipeline.set_state(Gst.State.PLAYING)
    end = time.monotonic() + PATIENCE
    while source.props.stats.get_value('block-count') == 0 and time.monotonic() < end:
        time.sleep(0.01)
    send()
    pipeline.send_event(Gst.Event.new_eos())
    bus.timed_pop_filtered(PATIENCE * Gst.SECOND,
                           Gst.MessageType.EOS | Gst.MessageType.ERROR)
    seen = source.props.stats.get_value('packets-captured')
    pipeline.set_state(Gst.State.NULL)
    return seen


def main():
    for command in ('link add va type veth peer name vb', 'link set va up',
                    'link set vb up', 'address add 10.9.0.1/24 dev va',
                    'neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev va',
                    'link set vb address 02:00:00:00:00:02'):
        run(['ip', *command.split()])
    end = time.monotonic() + PATIENCE
    while 'LOWER_UP' not in subprocess.run(['ip', 'link', 'show', 'va'], text=True,
                                           stdout=subprocess.PIPE).stdout:
        if time.monotonic() > end:
            sys.exit('FAIL va has no carrier')
        time.sleep(0.01)
    failed = False
    for name, make, interface, expected in ROWS:
        try:
            hook = make()
        except OSError as reason:
            print(f'{name}: not tried: {str(reason).strip().splitlines()[0]}')
            continue
        seen = capture(interface)
        hook.remove()
        right = seen == (N if expected else 0)
        print(f'{name}: {seen} of {N} seen{"" if right else ", FAIL"}')
        failed |= not right
    sys.exit(failed)


main()
