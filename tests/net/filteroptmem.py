"""A kernel that refuses filters: there is a bound on what they may take.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import contextlib
import ctypes
import socket
import struct

PATH = '/proc/sys/net/core/optmem_max'
SO_ATTACH_FILTER = 26
RETURN = 6
LIBC = ctypes.CDLL(None, use_errno=True)


def _write(value):
    with open(PATH, 'w') as file:
        file.write(str(value))


def attaches(instructions):
    """Whether a program of so many is taken."""
    code = ctypes.create_string_buffer(
        struct.pack('=HBBI', RETURN, 0, 0, 0) * instructions)
    program = struct.pack('@HP', instructions, ctypes.addressof(code))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        except OSError:
            return False
    return True


@contextlib.contextmanager
def lowered():
    """Programs of more than one or two instructions are refused meanwhile. Gives
    FALSE where that cannot be had: before Linux 6.8 the bound is the machine's."""
    try:
        with open(PATH) as file:
            before = file.read()
        _write(before)
    except OSError:
        yield False
        return
    bound = 16
    try:
        while _write(bound) or not attaches(1):
            bound += 8
        assert not attaches(4), f'4 instructions fit into {bound}'
        yield True
    finally:
        _write(before)
