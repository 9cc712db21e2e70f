#!/usr/bin/python3
"""Records an interface and draws its packets, bits and losses a second in the terminal.

rates.py INTERFACE FILE    (Ctrl-C ends it; needs CAP_NET_RAW)

An application over the elements: a main loop, the statistics of afringsrc, messages of
the bus. Needs python3-gi and gir1.2-gstreamer-1.0.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import signal
import sys
import time

import gi
gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst

WIDTH = 40


class Rates:
    """The counters of a source, each second, as a line with a bar."""

    NAMES = 'packets-received', 'bytes-captured', 'packets-dropped'

    def __init__(self, source):
        self.source = source
        self.last, self.time = self.read(), time.monotonic()
        self.most = 1

    def read(self):
        stats = self.source.props.stats
        return [stats.get_value(name) for name in self.NAMES]

    def show(self):
        now, values = time.monotonic(), self.read()
        packets, size, dropped = [(new - old) / (now - self.time) for new, old
                                  in zip(values, self.last)]
        self.last, self.time = values, now
        self.most = max(self.most, packets)
        bar = '#' * round(WIDTH * packets / self.most)
        print(f'{time.strftime("%H:%M:%S")} {packets:9.0f} packets/s '
              f'{size * 8 / 1e6:9.3f} Mbit/s {dropped:7.0f} dropped/s  {bar}',
              flush=True)
        return GLib.SOURCE_CONTINUE


class Recording:
    """A pipeline that ends properly: the file is whole then."""

    def __init__(self, interface, location):
        self.pipeline = Gst.parse_launch('afringsrc name=source ! pcapsink name=sink')
        self.source = self.pipeline.get_by_name('source')
        self.source.props.interface = interface
        self.pipeline.get_by_name('sink').props.location = location
        self.loop, self.error = GLib.MainLoop(), None
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message::eos', lambda *_: self.loop.quit())
        bus.connect('message::error', self.fail)
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGINT, self.end)

    def fail(self, bus, message):
        self.error = message.parse_error().gerror.message
        self.loop.quit()

    def end(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_CONTINUE

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(1, Rates(self.source).show)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Gst.init(None)
    recording = Recording(*sys.argv[1:])
    recording.run()
    sys.exit(recording.error)


main()
