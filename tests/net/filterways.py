"""The ways that a filter runs in: pipelines, and the library by itself.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import threading
import time

import gi
gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst

from filterframes import NO_NUMBER, number_of
from filterlinks import MARKER_NUMBER

Gst.init(None)

PATIENCE = 20
SINK = ('fakesink name=k sync=false async=false enable-last-sample=false')
# seldom: some hundred rings are open at a time
BLOCK_TIMEOUT = 100
RING = f'block-size=65536 block-count=16 block-timeout={BLOCK_TIMEOUT}'


def wait(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(.002)


class Pipeline:
    """A source, and the identities of what came through."""

    def __init__(self, line, identity):
        self.pipeline = Gst.parse_launch(f'{line} ! {SINK}')
        self.bus = self.pipeline.get_bus()
        self.source = self.pipeline.get_by_name('s')
        # what has the filter
        self.matcher = self.pipeline.get_by_name('f') or self.source
        self.identity = identity
        self.seen = []
        self.warnings = []
        self.ended = False
        self.pipeline.get_by_name('k').get_static_pad('sink').add_probe(
            Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, self._probe)

    def _probe(self, pad, info):
        if info.type & Gst.PadProbeType.BUFFER_LIST:
            some = info.get_buffer_list()
            buffers = [some.get(i) for i in range(some.length())]
        else:
            buffers = [info.get_buffer()]
        for buffer in buffers:
            record = buffer.extract_dup(0, buffer.get_size())
            number = number_of(record)
            if number not in (NO_NUMBER, MARKER_NUMBER):
                self.seen.append(self.identity(record, number))
        return Gst.PadProbeReturn.OK

    def is_idle(self):
        """Nothing has come for more than a block's time, and all has been read."""
        before = self.stat('packets-received')
        time.sleep(3 * BLOCK_TIMEOUT / 1000)
        return (self.stat('packets-received') == before
                and self.stat('held-blocks') == 0)

    def set_filter(self, expression):
        self.matcher.set_property('filter', expression)

    def play(self):
        """The words of the error, if it does not."""
        self.pipeline.set_state(Gst.State.PLAYING)
        return self.error()

    def _look(self, message):
        """The error that it is."""
        if message.type == Gst.MessageType.ERROR:
            return message.parse_error()[0]
        if message.type == Gst.MessageType.WARNING:
            self.warnings.append(message.parse_warning()[0])
        self.ended |= message.type == Gst.MessageType.EOS
        return None

    def error(self):
        while (message := self.bus.pop()) is not None:
            if (found := self._look(message)) is not None:
                return found
        return None

    def wait_end(self):
        """Until EOS; an error is given instead."""
        end = time.monotonic() + PATIENCE
        while not self.ended:
            left = max(0, end - time.monotonic())
            message = self.bus.timed_pop(int(left * Gst.SECOND))
            if message is None:
                return GLib.Error('no EOS')
            if (found := self._look(message)) is not None:
                return found
        return None

    def ask_end(self):
        self.pipeline.send_event(Gst.Event.new_eos())

    def stat(self, field):
        """Of the source; None if there is no such field."""
        stats = self.source.get_property('stats')
        return stats.get_value(field) if stats.has_field(field) else None

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


class Live(Pipeline):
    """afringsrc, with its filter or with a packetfilter's behind it."""

    def __init__(self, link, expression, element=False):
        super().__init__(
            f'afringsrc name=s interface={link.interface} {RING}'
            + (' ! packetfilter name=f' if element else ''), link.identity)
        if expression is not None:
            self.set_filter(expression)


class File(Pipeline):
    """A capture file through a packetfilter."""

    def __init__(self, path, expression):
        super().__init__(f'filesrc location={path} ! pcapdec ! packetfilter '
                         'name=f', lambda record, number: number)
        self.set_filter(expression)


def have_library():
    try:
        gi.require_version('GstAfring', '1.0')
        from gi.repository import GstAfring
    except (ValueError, ImportError):
        return False
    return hasattr(GstAfring, 'Source')


class Ring:
    """The library alone: nobody reads before the filter has been changed, so that
    all of it is matched again."""

    def __init__(self, link, expression):
        from gi.repository import GstAfring
        self.zero_copy = GstAfring.CaptureSourceZeroCopy
        self.source = GstAfring.Source(
            interface=link.interface, filter=expression,
            # room for a block each time the kernel closes one
            block_size=16384, block_count=64, block_timeout=300)
        self.source.open(None)
        self.identity = link.identity

    def set_filter(self, expression):
        try:
            self.source.set_filter(expression)
        except GLib.Error as e:
            return e.message
        return None

    def read(self):
        """What is there up to the marker, or an error if that does not come."""
        seen = []
        late = threading.Timer(PATIENCE / 4, self.source.unblock)
        late.start()
        try:
            while True:
                record = bytes(
                    self.zero_copy.next_payload(self.source).payload)
                number = number_of(record)
                if number == MARKER_NUMBER:
                    return seen, None
                if number != NO_NUMBER:
                    seen.append(self.identity(record, number))
        except GLib.Error as e:
            return seen, e
        finally:
            late.cancel()

    def close(self):
        self.source.close()
