#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""pcapsrc as a stream of pcapng, judged by tshark, capinfos, tcpdump and mergecap.

Files of made blocks: both byte orders, three resolutions of times, classic pcap, simple and
obsolete blocks, two sections, interfaces whose numbers differ from file to file, comments,
options, names, statistics; and recordings of pcapsink with an index. Skipped without the tools.
"""
import pathlib
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

START = 1700000000 * 10**9
MS = 10**6
failures = 0


def check(name, expected, found):
    global failures
    if expected == found:
        print(f'ok   {name}')
        return
    failures += 1
    print(f'FAIL {name}: expected {str(expected)[:500]}, found {str(found)[:500]}')
    if isinstance(expected, list) and isinstance(found, list):
        for i, (one, other) in enumerate(zip(expected, found)):
            if one != other:
                print(f'  first difference at {i}: {one} / {other}')
                break


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120)
    words = '\n'.join(line for line in done.stderr.decode().splitlines()
                      if 'Running as user' not in line and not line.startswith('reading from'))
    return done.returncode, done.stdout.decode(), words


class Blocks:
    """pcapng, block by block."""

    def __init__(self, order):
        self.order, self.data = order, b''

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def block(self, kind, body):
        body += bytes(-len(body) % 4)
        length = len(body) + 12
        self.data += self.pack('II', kind, length) + body + self.pack('I', length)

    def options(self, *pairs):
        out = b''
        for code, value in pairs:
            out += self.pack('HH', code, len(value)) + value + bytes(-len(value) % 4)
        return out + self.pack('HH', 0, 0) if pairs else b''

    def section(self, *pairs):
        self.block(0x0a0d0d0a, self.pack('IHHq', 0x1a2b3c4d, 1, 0, -1) + self.options(*pairs))

    def interface(self, name, *pairs, snaplen=262144):
        self.block(1, self.pack('HHI', 1, 0, snaplen)
                   + self.options((2, name.encode()), *pairs))

    def packet(self, number, ticks, data, *pairs, wire=None):
        self.block(6, self.pack('IIIII', number, ticks >> 32, ticks & 0xffffffff, len(data),
                                wire or len(data)) + data + bytes(-len(data) % 4)
                   + self.options(*pairs))

    def statistics(self, number, start, time, received, dropped):
        ticks = self.pack('II', time >> 32, time & 0xffffffff)
        self.block(5, self.pack('I', number) + ticks + self.options(
            (2, self.pack('II', start >> 32, start & 0xffffffff)), (3, ticks),
            (4, self.pack('Q', received)), (5, self.pack('Q', dropped))))


def frame(i):
    """Of host 10.0.0.(i % 5), port 5000 + i % 3; lengths that are no multiples of four."""
    rest = b'%d' % i * (1 + i % 7)
    udp = struct.pack('>HHHH', 5000 + i % 3, 9, 8 + len(rest), 0) + rest
    return bytes.fromhex('020000000002020000000001') + b'\x08\x00' + struct.pack(
        '>BBHHHBBH', 0x45, 0, 20 + len(udp), i, 0, 64, 17, 0) + bytes(
            [10, 0, 0, i % 5, 10, 0, 0, 9]) + udp


def make_little(path):
    out = Blocks('<')
    out.section((1, b'the first file'), (4, b'by hand'))
    out.interface('eth0', (3, b'to the left'), (6, bytes.fromhex('020000000009')), (9, b'\x09'))
    out.block(4, out.pack('HH', 1, 13) + bytes([10, 0, 0, 9]) + b'nine.lan\0' + bytes(3)
              + out.pack('HH', 0, 0))
    for i in range(0, 300, 3):
        out.packet(0, START + i * MS, frame(i), *([(1, b'comment %d' % i), (2, out.pack(
            'I', 2))] if i % 30 == 0 else []), wire=1000 if i % 9 == 0 else None)
    out.statistics(0, START, START + 300 * MS, 100, 7)
    path.write_bytes(out.data)


def make_big(path):
    out = Blocks('>')
    out.section((1, b'of the other byte order'))
    out.interface('lo', (9, b'\x06'), (8, out.pack('Q', 10**9)))
    out.interface('eth0', (9, b'\x03'), (14, out.pack('q', 1000)))
    for i in range(1, 300, 3):
        if i % 2:
            out.packet(0, START // 1000 + i * 1000, frame(i), (1, b'big %d' % i),
                       (4, out.pack('Q', 3)), (6, out.pack('I', 5)))
        else:
            out.packet(1, START // 10**6 - 10**6 + i, frame(i), (2, out.pack('I', 1)))
    out.statistics(0, START // 1000, START // 1000 + 300000, 50, 0)
    path.write_bytes(out.data)


def make_classic(path):
    data = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for i in range(2, 150, 3):
        time = (START + i * MS) // 1000
        data += struct.pack('<IIII', time // 10**6, time % 10**6, len(frame(i)),
                            len(frame(i))) + frame(i)
    path.write_bytes(data)


def make_old(path):
    out = Blocks('<')
    out.section()
    out.interface('eth9')
    for i in range(152, 200, 3):
        time = START // 1000 + i * 1000
        out.block(2, out.pack('HHIIII', 0, 65535, time >> 32, time & 0xffffffff, len(frame(i)),
                              len(frame(i))) + frame(i) + bytes(-len(frame(i)) % 4)
                  + out.options((1, b'old')))
    out.section()
    out.interface('lo', (9, b'\x09'))
    out.interface('eth9', (9, b'\x09'))
    for i in range(200, 300, 3):
        out.packet(1, START + i * MS, frame(i))
    path.write_bytes(out.data)


FIELDS = 'frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.interface_name', \
    'frame.interface_description', 'frame.comment', 'frame.packet_flags', 'udp.payload', 'ip.src'


def dissect(path, *more, fields=FIELDS):
    status, out, words = run('tshark', '-n', '-r', path, '-T', 'fields', *[
        word for field in fields for word in ('-e', field)], *more)
    check(f'tshark has nothing to say of {path.name}', (0, ''), (status, words))
    return out.splitlines()


def dump(path):
    status, out, words = run('tcpdump', '-tt', '-n', '-xx', '--time-stamp-precision=nano', '-r',
                             path)
    check(f'tcpdump has nothing to say of {path.name}', (0, ''), (status, words))
    return out


def launch(line, target):
    status, _, words = run('gst-launch-1.0', '-q', *shlex.split(line), '!', *target)
    check(f'gst-launch-1.0 {line}', (0, ''), (status, words))


class Test:
    def __init__(self, work):
        self.work, self.folder = work, work / 'files'
        self.folder.mkdir()
        make_little(self.folder / 'a.pcapng')
        make_big(self.folder / 'b.pcapng')
        make_classic(self.folder / 'c.pcap')
        make_old(self.folder / 'd.pcapng')

    def write(self, name, properties=''):
        path = self.work / name
        launch(f'pcapsrc location={self.folder} {properties}', ['filesink', f'location={path}'])
        return path

    def compare(self, name, properties=''):
        """With the same as packets."""
        packets = self.work / f'{name}-packets.pcapng'
        blocks = self.write(f'{name}.pcapng', properties)
        launch(f'pcapsrc location={self.folder} {properties} ! application/x-packet,link-type=1',
               ['pcapsink', 'index=false', f'location={packets}'])
        check(f'{name}: as packets', dump(packets), dump(blocks))
        status, out, words = run('capinfos', '-T', '-r', '-c', '-M', blocks)
        check(f'{name}: capinfos', (0, ''), (status, words))
        check(f'{name}: capinfos counts', sum(' ' in line and line[0].isdigit() for line in
              dump(packets).splitlines()), int(out.split()[-1]))
        return blocks

    def whole(self):
        blocks, merged = self.compare('whole'), self.work / 'merged.pcapng'
        run('mergecap', '-w', merged, *sorted(self.folder.iterdir()))
        # a classic file has no interface with a name
        names = 'frame.interface_name', 'frame.interface_description'
        fields = [field for field in FIELDS if field not in names]
        check('as mergecap', dissect(merged, fields=fields), dissect(blocks, fields=fields))
        lines = [line.split('\t') for line in dissect(blocks)]
        check('300 packets', 300, len(lines))
        for i, line in enumerate(lines):
            name = 'eth0' if i % 3 == 0 else ('lo' if i % 2 else 'eth0') if i % 3 == 1 else \
                'eth9' if i > 150 else line[3]
            if name != line[3]:
                check(f'interface of {i}', name, line[3])
        check('descriptions', {'to the left'}, {line[4] for line in lines if line[3] == 'eth0'})
        check('comments', ['comment 0', 'big 1'], [line[5] for line in lines if line[5]][:2])
        check('drops and queues', 50, blocks.read_bytes().count(
            struct.pack('<HHQHHI', 4, 8, 3, 6, 4, 5)))
        check('speed', True, struct.pack('<HHQ', 8, 8, 10**9) in blocks.read_bytes())
        data = blocks.read_bytes()
        for words in b'the first file', b'of the other byte order', b'nine.lan':
            check(f'"{words.decode()}" is kept', True, words in data)
        interfaces = [line.strip() for line in run('capinfos', blocks)[1].splitlines()]
        check('one section with all interfaces', (['Name = eth0', 'Name = lo', 'Name = eth9'], 1),
              ([line for line in interfaces if line.startswith('Name =')],
               sum(line.startswith('Capture oper-sys') for line in interfaces)))
        check('those of all files', 1, interfaces.count('Description = to the left'))
        self.check_statistics(blocks)

    def check_statistics(self, path):
        """Of each interface and capture the last."""
        status, out, _ = run('tshark', '-r', path, '-q', '-z', 'io,stat,0')
        check('statistics do not disturb', 0, status)
        data, at, found = path.read_bytes(), 0, []
        while at < len(data):
            kind, length = struct.unpack_from('<II', data, at)
            if kind == 5 and struct.unpack_from('<H', data, at + 20)[0] == 2:
                found.append(struct.unpack_from('<Q', data, at + 48)[0])
            at += length
        check('statistics', [50, 100], sorted(found))

    def filters(self):
        for number, properties in enumerate((
                'filter="udp port 5001"', 'filter="host 10.0.0.3"', 'filter=arp',
                f'start-time={START + 50 * MS} stop-time={START + 90 * MS}')):
            self.compare(f'filter{number}', properties)

    def many(self):
        """Of very many the later ones begin no section each."""
        folder = self.work / 'many'
        folder.mkdir()
        out = Blocks('<')
        out.section()
        for i in range(300):
            out.interface(f'eth{i}')
            out.packet(i, START // 1000 + i * 10000, frame(i))
        (folder / 'many.pcapng').write_bytes(out.data)
        before, self.folder = self.folder, folder
        blocks = self.compare('many')
        self.folder = before
        check('many: sections', True, 10 < blocks.read_bytes().count(b'\n\r\r\n') <= 64)

    def late(self):
        """An interface that nobody could know of begins a section."""
        folder = self.work / 'late'
        folder.mkdir()
        out = Blocks('<')
        out.section()
        out.interface('eth0')
        for i in range(200):
            out.packet(i % 2 if i > 100 else 0, START // 1000 + i * 10000, frame(i))
            if i == 100:
                out.interface('eth1', (3, b'that came later'))
        (folder / 'late.pcapng').write_bytes(out.data)
        before, self.folder = self.folder, folder
        blocks = self.compare('late')
        self.folder = before
        check('late: sections', 2, blocks.read_bytes().count(b'\n\r\r\n'))
        check('late: interface', True, 'that came later' in run('capinfos', blocks)[1])

    def into_pcapsink(self):
        """Which takes packets of it unless it is told otherwise."""
        for number, caps in enumerate(('application/x-pcapng', 'application/x-packet')):
            path = self.work / f'sink{number}.pcapng'
            launch(f'pcapsrc location={self.folder} ! {caps}', ['pcapsink', f'location={path}'])
        check('pcapsink', dump(self.work / 'sink0.pcapng'), dump(self.work / 'sink1.pcapng'))

    def seek(self, indexed):
        """A flushing seek: what comes then is a stream of its own."""
        pipeline = Gst.parse_launch(
            f'pcapsrc location={self.folder} use-index={indexed} ! application/x-pcapng ! '
            'appsink name=sink sync=false max-buffers=4')
        sink = pipeline.get_by_name('sink')
        pipeline.set_state(Gst.State.PAUSED)
        pipeline.get_state(10 * Gst.SECOND)
        pipeline.seek(1.0, Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE,
                      Gst.SeekType.SET, 100 * MS, Gst.SeekType.SET, 250 * MS)
        pipeline.set_state(Gst.State.PLAYING)
        path, n = self.work / 'seek.pcapng', 0
        with path.open('wb') as file:
            while (sample := sink.emit('pull-sample')) is not None:
                buffer = sample.get_buffer()
                data = buffer.extract_dup(0, buffer.get_size())
                file.write(data)
                if n == 0:
                    check('seek: the caps have it', True,
                          'streamheader' in sample.get_caps().to_string())
                    check('seek: begins with the header', True, buffer.has_flags(
                        Gst.BufferFlags.HEADER) and data[:4] == b'\n\r\r\n')
                n += 1
        pipeline.set_state(Gst.State.NULL)
        times = [line.split('\t')[0] for line in dissect(path)]
        check(f'seek: packets, index {indexed}', [f'{(START + i * MS) / 1e9:.3f}' for i in range(
            100, 250)], [f'{float(time):.3f}' for time in times])

    def follow(self):
        """What is written later comes too, and the file ends as one does."""
        folder, path = self.work / 'growing', self.work / 'follow.pcapng'
        folder.mkdir()
        whole = (self.folder / 'a.pcapng').read_bytes()
        cut = len(whole) // 2
        (folder / 'a.pcapng').write_bytes(whole[:cut])
        pipeline = Gst.parse_launch(f'pcapsrc name=s location={folder} follow=true ! '
                                    f'application/x-pcapng ! filesink location={path}')
        source = pipeline.get_by_name('s')
        pipeline.set_state(Gst.State.PLAYING)
        wait(source, 40)
        with (folder / 'a.pcapng').open('ab') as file:
            file.write(whole[cut:])
        wait(source, 100)
        shutil.copy(self.folder / 'c.pcap', folder / 'c.pcap')
        wait(source, 150)
        pipeline.send_event(Gst.Event.new_eos())
        message = pipeline.get_bus().timed_pop_filtered(
            30 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        check('follow: ends', True, message is not None and message.type == Gst.MessageType.EOS)
        pipeline.set_state(Gst.State.NULL)
        check('follow: packets', 150, len(dissect(path)))

    def recordings(self):
        """Of pcapsink: what has the numbers already goes on as it lies in the file."""
        folder = self.folder = self.work / 'recordings'
        folder.mkdir()
        for i, compression in enumerate(('none', 'zstd', 'gzip')):
            launch(f'afringmocksrc packet-size={60 + 40 * i} num-buffers=20000 ! '
                   'application/x-pcapng', ['pcapsink', f'compression={compression}',
                                            f'location={folder}/{i}.pcapng'])
        self.compare('recordings')
        self.compare('recordings-filter', 'filter="greater 120"')


def wait(source, n):
    for _ in range(3000):
        if source.get_property('stats').get_value('packets') >= n:
            return
        GLib.usleep(10000)
    check('packets come', n, source.get_property('stats').get_value('packets'))


def main():
    for tool in 'tshark', 'capinfos', 'tcpdump', 'mergecap', 'gst-launch-1.0':
        if shutil.which(tool) is None:
            print(f'skipped: there is no {tool}')
            return 77
    Gst.init(None)
    with tempfile.TemporaryDirectory() as work:
        test = Test(pathlib.Path(work))
        test.whole()
        test.filters()
        test.late()
        test.many()
        test.into_pcapsink()
        test.seek('true')
        test.seek('false')
        test.follow()
        test.recordings()
    print(f'{failures} failures')
    return failures > 0


if __name__ == '__main__':
    sys.exit(main())
