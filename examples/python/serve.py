#!/usr/bin/python3
"""Records an interface and lets others look on: PCAP over IP, for as many as come.

serve.py INTERFACE FILE [PORT]    (Ctrl-C ends it; needs CAP_NET_RAW)

tshark -i TCP@127.0.0.1:57012, or Wireshark, reads it. Who reads too slowly, or has
stopped, loses pieces of some packets each, which are counted for him alone: neither the
recording nor the others wait. Needs python3-gi and gir1.2-gstreamer-1.0.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import signal
import sys

import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gio, GLib, Gst

# The queue leaks if the server itself should ever be behind. A client may be behind by
# 1000 pieces, and goes on with the newest one then: a piece has whole packets.
LINE = '''
  afringsrc name=source ! tee name=all ! pcapsink name=file
  all. ! queue leaky=downstream max-size-buffers=20000 max-size-bytes=0 max-size-time=0
  ! application/x-packet ! pcapenc ! application/x-pcapng
  ! tcpserversink name=server host=127.0.0.1 recover-policy=latest
      buffers-soft-max=1000 buffers-max=-1 sync=false async=false'''


class Clients:
    """Who is there, and what each got and lost."""

    def __init__(self, server):
        self.server = server
        self.present = {}       # address by socket
        server.connect('client-added', self.add)
        server.connect('client-removed', self.remove)

    @staticmethod
    def name(socket):
        address = socket.get_remote_address()
        return f'{address.get_address().to_string()}:{address.get_port()}'

    def add(self, server, socket):
        self.present[socket] = self.name(socket)
        print(f'{self.present[socket]} looks on', flush=True)

    def describe(self, socket):
        stats = self.server.emit('get-stats', socket)
        return (f'{stats.get_value("bytes-sent")} bytes sent, '
                f'{stats.get_value("buffers-dropped")} pieces lost')

    def remove(self, server, socket, status):
        print(f'{self.present.pop(socket)} has left: {self.describe(socket)}', flush=True)

    def show(self):
        for socket, name in list(self.present.items()):
            print(f'{name}: {self.describe(socket)}', flush=True)
        return GLib.SOURCE_CONTINUE


class Server:
    def __init__(self, interface, location, port):
        self.pipeline = Gst.parse_launch(LINE)
        self.element('source').props.interface = interface
        self.element('file').props.location = location
        self.element('server').props.port = port
        self.clients = Clients(self.element('server'))
        self.loop, self.error = GLib.MainLoop(), None
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message::eos', lambda *_: self.loop.quit())
        bus.connect('message::error', self.fail)
        bus.connect('message::state-changed', self.tell, port)
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGINT, self.end)
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGUSR1, self.clients.show)

    def element(self, name):
        return self.pipeline.get_by_name(name)

    def tell(self, bus, message, port):
        if message.src == self.pipeline and \
                message.parse_state_changed().newstate == Gst.State.PLAYING:
            print(f'recording; tshark -i TCP@127.0.0.1:{port} looks on', flush=True)

    def fail(self, bus, message):
        error, details = message.parse_error()
        self.error = f'{error.message}\n{details}'
        self.loop.quit()

    def end(self):
        self.clients.show()
        self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_CONTINUE

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(10, self.clients.show)
        self.loop.run()
        stats = self.element('file').props.stats
        print(f'{stats.get_value("packets")} packets recorded, '
              f'{stats.get_value("dropped")} dropped')
        self.pipeline.set_state(Gst.State.NULL)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    Gst.init(None)
    server = Server(*sys.argv[1:3], int(sys.argv[3]) if len(sys.argv) == 4 else 57012)
    server.run()
    sys.exit(server.error)


main()
