#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another reader of the index, which shares no code with the library, and the library agree.

index-format.py [SEED]. Of files with hostile packets it reads each index from its end, takes every
record apart, and makes the same record from the packets of its piece: shapes, keys, and the bytes
of the Bloom filter. Then it compares pieces, descriptions and answers with those of GstPcapIndex.
Skipped without its introspection.
"""
import importlib.util
import pathlib
import random
import struct
import sys

TYPE, MAGIC = 0xaf000001, b'afring index\x8a\r\n\x1a'
NONE = 2**64 - 1
TYPED, LENGTH, IPV4, LATER, IPV6, ARP, PORTS = 1, 2, 4, 8, 16, 32, 64
UNTIMED, OPAQUE, NO_PREFIXES, NO_KEYS = 1, 2, 4, 8
# where the EtherType is, and the network header
LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20), 101: (None, 0)}


# The bytes.

def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xff] ^ crc >> 8
    return crc ^ 0xffffffff


def make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = make_table()


class Index:
    """One block, at @place in the file."""

    def __init__(self, data, place, order):
        kind, length = struct.unpack_from(order + 'II', data, place)
        assert kind == TYPE and data[place + 8:place + 24] == MAGIC
        block = data[place:place + length]
        assert struct.unpack(order + 'I', block[-4:])[0] == length
        crc, version, spans_at, end = struct.unpack_from('<IHHI', block, 24)
        assert version == 1 and crc == crc32c(block[28:end])
        assert not any(block[end:-4])
        self.place, self.length = place, length
        start, stop, before, earlier, n_spans, n_records, first, n = struct.unpack_from(
            '<QQQQIIII', block, 36)
        self.start, self.stop = place - start, place - stop
        self.before = place - before if before else None
        self.earlier = place - earlier if earlier else None
        self.behind = first, n
        self.spans = [self.read_span(block, spans_at + 16 * i) for i in range(n_spans)]
        self.records, at = [], spans_at + 16 * n_spans
        for _ in range(n_records):
            record = Record(block, at, self)
            self.records.append(record)
            at = record.end
        assert at == end

    def read_span(self, block, at):
        distance, length, has_header = struct.unpack_from('<QII', block, at)
        return self.place - distance, length, has_header


class Record:
    def __init__(self, block, at, index):
        (offset, self.length, self.first, self.last, self.packets, self.flags, first, n, n_shapes,
         n_bloom) = struct.unpack_from('<QQQQIIIIII', block, at)
        self.offset = index.start + offset
        self.prelude = [span[:2] for span in index.spans[first:first + n]]
        at += 56
        self.shapes = [struct.unpack_from('<HBBHHHBBI', block, at + 16 * i)
                       for i in range(n_shapes)]
        at += 16 * n_shapes
        self.bloom = block[at:at + n_bloom]
        self.end = at + n_bloom

    def has(self, key):
        return bool(self.flags & NO_KEYS) or bool(self.bloom) and all(
            self.bloom[bit // 8] >> bit % 8 & 1 for bit in bits_of(key, len(self.bloom)))


def read_indexes(data, order):
    """From the end, in the order of the file."""
    indexes = []
    place = len(data) - struct.unpack(order + 'I', data[-4:])[0]
    while place is not None:
        indexes.insert(0, Index(data, place, order))
        place = indexes[0].before
        # what it covers begins where the one before it ends, or with a section header
        if place is None:
            assert data[indexes[0].start:][:4] == b'\n\r\r\n'
    for before, index in zip(indexes, indexes[1:]):
        assert index.start in (before.place + before.length, before.stop)
    for earlier, index in zip(indexes, indexes[2:]):
        assert index.earlier == earlier.place
    return indexes


# Shapes and keys, of a packet.

def describe(link_type, data):
    flags = ether_type = first = protocol = 0
    tags, keys = [], set()
    type_at, at = LINKS.get(link_type, (None, None))

    def end():
        return (link_type, flags, len(tags), *(tags + [0, 0])[:2], ether_type, first, protocol,
                0), keys
    if at is None:
        return end()
    if type_at is not None:
        if len(data) < type_at + 2:
            return end()
        ether_type = int.from_bytes(data[type_at:type_at + 2], 'big')
        while link_type != 276 and ether_type in (0x8100, 0x88a8, 0x9100) and len(tags) < 2 \
                and len(data) >= at + 4:
            tags.append(ether_type)
            keys.add((6, int.from_bytes(data[at:at + 2], 'big') & 0xfff))
            ether_type = int.from_bytes(data[at + 2:at + 4], 'big')
            at += 4
        flags = TYPED
        if ether_type < 1536:
            flags, ether_type = TYPED | LENGTH, 0
        network = {0x0800: 4, 0x86dd: 6, 0x0806: 'arp', 0x8035: 'arp'}.get(ether_type)
    else:
        network = data[0] >> 4 if data else None
    header = data[at:]
    ports_at = None
    if network == 4 and len(header) >= 20:
        flags |= IPV4
        first, protocol = header[0], header[9]
        keys |= address(header[12:16]) | address(header[16:20])
        if int.from_bytes(header[6:8], 'big') & 0x1fff:
            flags |= LATER
        else:
            ports_at = (header[0] & 15) * 4
    elif network == 6 and len(header) >= 40:
        flags |= IPV6
        first, protocol = header[0] & 0xf0, header[6]
        for part in header[8:24], header[24:40]:
            keys |= {(7 + i, int.from_bytes(part[4 * i:4 * i + 4], 'big')) for i in range(4)}
            keys.add((11, int.from_bytes(part[4:6], 'big') << 16))
        ports_at = 40
    elif network == 'arp' and len(header) >= 28:
        flags |= ARP
        keys |= address(header[14:18]) | address(header[24:28])
    if ports_at is not None and protocol in (6, 17, 132) and len(header) >= ports_at + 4:
        flags |= PORTS
        keys |= {(5, protocol << 16 | int.from_bytes(header[ports_at + i:ports_at + i + 2], 'big'))
                 for i in (0, 2)}
    return end()


def address(data):
    value = int.from_bytes(data, 'big')
    return {(1, value), (2, value & 0xffffff00), (3, value & 0xffff0000), (4, value & 0xff000000)}


def is_prefix(key):
    return key[0] in (2, 3, 4, 11)


def bits_of(key, length):
    value = key[0] << 56 | key[1]
    for factor in 0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53:
        value = (value ^ value >> 33) * factor % 2**64
    value ^= value >> 33
    start, step = value % 2**32, value >> 32 | 1
    return [(start + i * step) % 2**32 * (length * 8) >> 32 for i in range(5)]


def make_bloom(keys):
    bloom = bytearray(-(-len(keys) // 8) * 8)
    for key in keys:
        for bit in bits_of(key, len(bloom)):
            bloom[bit // 8] |= 1 << bit % 8
    return bytes(bloom)


# Files.

class File:
    """Made by the library, of packets that are known."""

    def __init__(self, library, rand, make_packet, order, piece, every):
        self.order, self.data, self.packets = order, bytearray(), []
        builder = library.PcapIndexBuilder.new(piece)
        self.add(builder, 0x0a0d0d0a, struct.pack(order + 'IHHq', 0x1a2b3c4d, 1, 0, -1))
        links = list(LINKS) + [127]
        for link_type in links:
            self.add(builder, 1, struct.pack(order + 'HHIHHBxxxI', link_type, 0, 65535, 9, 1, 9, 0))
        for i in range(800):
            interface = rand.choice([0, 0, 0, 0, 1, 2, 3, 4])
            packet = turn(links[interface], make_packet(rand), rand)
            packet = packet[:rand.randrange(60)] if rand.random() < .1 else packet
            stamp = 1700000000 * 10**9 + rand.randrange(10**10)
            self.packets.append((len(self.data), links[interface], stamp, packet))
            self.add(builder, 6, struct.pack(order + 'IIIII', interface, stamp >> 32,
                                             stamp % 2**32, len(packet), len(packet)) +
                     packet + bytes(-len(packet) % 4))
            if i % every == every - 1 or i == 799:
                block = builder.write(512)
                self.data += block.get_data() if block is not None else b''
        self.data = bytes(self.data)

    def add(self, builder, kind, body):
        length = struct.pack(self.order + 'I', len(body) + 12)
        block = struct.pack(self.order + 'I', kind) + length + body + length
        builder.add(block)
        self.data += block


def turn(link_type, packet, rand):
    """Of Ethernet into something else."""
    if link_type == 1:
        return packet
    if link_type == 113:
        return rand.randbytes(14) + packet[12:]
    if link_type == 276:
        return packet[12:14] + rand.randbytes(18) + packet[14:]
    return packet[14:]


def check_record(file, record):
    """It says what its packets are."""
    packets = [packet for packet in file.packets
               if record.offset <= packet[0] < record.offset + record.length]
    assert record.packets == len(packets) > 0
    assert record.first == min(packet[2] for packet in packets)
    assert record.last == max(packet[2] for packet in packets)
    shapes, keys = set(), set()
    for _, link_type, _, data in packets:
        shape, more = describe(link_type, data)
        shapes.add(shape)
        keys |= more
    if record.flags & OPAQUE:
        assert len(shapes) > 64 and not record.shapes
        return
    assert len(record.shapes) == len(set(record.shapes)) and set(record.shapes) == shapes
    assert not record.flags
    assert record.bloom == make_bloom(keys)


def read_by(file):
    def read(offset, n, *_):
        return file.GLib.Bytes.new(file.data[offset:offset + n])
    return read


def check_library(library, file, records):
    """The pieces, what has to be read before each, and who may have a host."""
    index = library.PcapIndex.new(read_by(file), None, len(file.data))
    pieces = []
    for i in range(index.get_n_ranges()):
        known, piece = index.get_range(i)
        assert known and piece.indexed
        pieces.append(piece)
        prelude = [(span.offset, span.length) for span in index.get_prelude(piece)]
        assert prelude == records[i].prelude
    assert index.is_complete() and [
        (piece.offset, piece.length, piece.packets, piece.first, piece.last)
        for piece in pieces] == [(record.offset, record.length, record.packets, record.first,
                                  record.last) for record in records]
    asked = 0
    for host in range(16):
        text = f'10.0.{host // 4 % 8}.{host % 4 + 1}'
        query = library.PcapIndexQuery.new(f'ip host {text}', True, NONE, NONE)
        chosen = index.select(query)
        key = 1, int.from_bytes(bytes(int(word) for word in text.split('.')), 'big')
        for record in records:
            may = record.has(key) and any(shape[1] & IPV4 and not shape[2]
                                           for shape in record.shapes) \
                or record.flags & OPAQUE
            # the library also takes what has an EtherType of IP and was cut, and what it does
            # not know
            cut = any(not shape[1] & IPV4 and (shape[5] == 0x800 or not shape[1])
                      for shape in record.shapes)
            found = any(piece.offset <= record.offset < piece.offset + piece.length
                        for piece in chosen)
            assert found == bool(may) or (found and cut), (text, record.offset)
            asked += 1
    return asked


def load_packets():
    path = pathlib.Path(__file__).with_name('find-proof.py')
    spec = importlib.util.spec_from_file_location('find_proof', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_packet


def main():
    try:
        import gi
        gi.require_version('Gst', '1.0')
        gi.require_version('GstAfring', '1.0')
        from gi.repository import GLib, Gst, GstAfring
    except (ImportError, ValueError) as reason:
        print(f'skipped: {reason}')
        return 77
    Gst.init(None)
    File.GLib = GLib
    rand = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    make_packet, n_records, asked = load_packets(), 0, 0
    for order in '<', '>':
        for piece, every in (400, 100), (3000, 10**6), (0, 500):
            file = File(GstAfring, rand, make_packet, order, piece, every)
            records = [record for index in read_indexes(file.data, order)
                       for record in index.records]
            for record in records:
                check_record(file, record)
            asked += check_library(GstAfring, file, records)
            n_records += len(records)
    print(f'{n_records} records are what their packets say, {asked} answers are the same')
    return 0


if __name__ == '__main__':
    sys.exit(main())
