# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Python expects of a source of packets, beside what introspection gives.

PyGObject reads this file when GstAfring is imported (gi.overrides). A source is an
iterator over its packets and a context manager that closes it, and bytes() and len() of
a packet are those of what was captured.
"""

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GLib

GstAfring = get_introspection_module('GstAfring')

__all__ = []


def _export(type_):
    type_ = override(type_)
    __all__.append(type_.__name__)
    return type_


def _is_end(error):
    return any(error.matches(GstAfring.capture_error_quark(), code)
               for code in (GstAfring.CaptureError.END_OF_FILE,
                            GstAfring.CaptureError.STOPPED))


@_export
class CaptureSource(GstAfring.CaptureSource):
    def __iter__(self):
        return self

    def __next__(self):
        """The next packet, which is the caller's. The end of a file is the end, and
        so is close(), from whichever thread; any other error is raised."""
        try:
            return self.next_packet(None)[1]
        except GLib.Error as error:
            if _is_end(error):
                raise StopIteration from None
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.close()
        except GLib.Error as error:
            # somebody was faster
            if not _is_end(error):
                raise


@_export
class CapturePacket(GstAfring.CapturePacket):
    def __bytes__(self):
        return bytes(self.get_payload() or ())

    def __len__(self):
        return self.get_length()

    def __bool__(self):
        """Also a packet without a byte."""
        return True
