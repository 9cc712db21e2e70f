"""Worker processes beside a capture, as python's multiprocessing makes them.

A worker that does nothing, reads statistics, drops the source, or ends as programs
end: the capture goes on and its counters are whole.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import gc
import multiprocessing
import os
import socket
import sys
import time

try:
    import gi
    gi.require_version('Gst', '1.0')
    gi.require_version('GstAfring', '1.0')
    from gi.repository import GLib, Gst, GstAfring
except (ImportError, ValueError) as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

Gst.init(None)
PORT, N, PATIENCE = 5555, 200, 20
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', PORT))
context = multiprocessing.get_context('fork')


def check(right, what):
    if not right:
        sys.exit(f'FAIL {what}')
    print(f'ok   {what}', flush=True)


def send(n=N):
    for _ in range(n):
        sender.sendto(b'x' * 100, ('127.0.0.1', PORT))


def wait(read, expected, what):
    """Until the number is there; more would be wrong, too."""
    end = time.monotonic() + PATIENCE
    while (value := read()) < expected and time.monotonic() < end:
        time.sleep(.005)
    check(value == expected, f'{what}: {value} of {expected}')


def packet_sockets():
    with open('/proc/net/packet') as file:
        return len(file.readlines()) - 1


class Element:
    def __init__(self):
        self.pipeline = Gst.parse_launch(
            f'afringsrc name=s interface=lo filter="udp port {PORT}" ! fakesink '
            'sync=false async=false enable-last-sample=false')
        self.source = self.pipeline.get_by_name('s')
        self.pipeline.set_state(Gst.State.PLAYING)

    def received(self):
        return self.source.get_property('stats').get_value('packets-captured')

    def end(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        message = self.pipeline.get_bus().timed_pop_filtered(
            PATIENCE * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        check(message is not None and message.type == Gst.MessageType.EOS,
              'the end comes')
        stats = self.source.get_property('stats')
        check(stats.get_value('packets-received') ==
              stats.get_value('packets-captured')
              and stats.get_value('packets-dropped') == 0, 'counted as received')
        self.pipeline.set_state(Gst.State.NULL)


class Library:
    def __init__(self):
        self.source = GstAfring.Source(interface='lo',
                                       filter=f'udp port {PORT}')
        self.source.open(None)
        self.total = 0

    def received(self):
        stats = self.source.get_stats()[1]
        check(stats.packets_dropped == 0, 'nothing dropped')
        self.total += stats.packets_received
        return self.total

    def end(self):
        self.source.close()
        # which is what has the socket
        del self.source
        gc.collect()


def do_nothing(capture):
    pass


def read_statistics(capture):
    if isinstance(capture, Element):
        capture.source.get_property('stats')
        return
    try:
        capture.source.get_stats()
    except GLib.Error as e:
        if e.matches(GstAfring.capture_error_quark(),
                     GstAfring.CaptureError.STOPPED):
            return
    os._exit(3)


def drop(capture):
    if isinstance(capture, Library):
        del capture.source
        gc.collect()


def end_as_programs_do(capture):
    sys.exit(0)


def test_workers(make):
    for work in (do_nothing, read_statistics, drop, end_as_programs_do):
        capture = make()
        worker = context.Process(target=work, args=(capture,))
        send()
        worker.start()
        send()
        worker.join(PATIENCE)
        check(worker.exitcode == 0,
              f'{make.__name__}, {work.__name__}: exit code {worker.exitcode}')
        send()
        wait(capture.received, 3 * N, f'{make.__name__}, {work.__name__}')
        capture.end()


def square(number):
    return number * number


def test_pool(make):
    """Workers that live on, and outlive the capture."""
    capture = make()
    with context.Pool(3) as pool:
        for _ in range(5):
            send()
            check(pool.map(square, range(10)) == [i * i for i in range(10)],
                  'the pool works')
        wait(capture.received, 5 * N, f'{make.__name__}, a pool')
        capture.end()
        check(packet_sockets() == 0, 'no socket is left while the pool lives')


for made in (Element, Library):
    test_workers(made)
    test_pool(made)
