#!/usr/bin/env bash
# Blocks of the ring against the tools that people use: files and streams that
# tshark, capinfos and tcpdump read to their end, with the packets that were sent.
# Usage: blocktools.sh [FRAMES]
set -euo pipefail

# mounts that nobody else sees and that end with the test
if [ -z "${AFRING_OWN_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
  AFRING_OWN_MOUNTS=1 exec unshare -m "$0" "$@"
fi

frames=${1:-200000}
# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"
# tshark leaves what it captures there
export TMPDIR=$work

ip link add va type veth peer name vb
ip link set va up
ip link set vb up

# Numbered frames to va: of all sizes, every third with a tag, every sixth with
# two; from the pace on as fast as it goes.
cat > "$work/send.py" <<'PY'
import socket
import struct
import sys
import time

count, rate = int(sys.argv[1]), float(sys.argv[2])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(('va', 0))
tags = [b'', b'', struct.pack('>HH', 0x8100, 0x2064), b'', b'',
        struct.pack('>HHHH', 0x88a8, 7, 0x8100, 100)]
start = time.monotonic()
for i in range(count):
    size = 8 + i * 37 % 1300
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 28 + size, 0, 0, 64, 17, 0,
                     bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    link.send(bytes.fromhex('020000000002020000000001') + tags[i % 6]
              + b'\x08\0' + ip + struct.pack('>HHHH', 1000, 5004, 8 + size, 0)
              + struct.pack('>I', i) + bytes([i & 255]) * (size - 4))
    if rate and i % 32 == 0:
        time.sleep(max(0, start + i / rate - time.monotonic()))
PY

send() { # COUNT RATE
  timeout 60 python3 "$work/send.py" "$1" "$2"
}

is_in_blocks() { # LOG
  grep -c 'afringsrc0.GstPad:src: caps = application/x-pcapng' "$1" || true
}

complaints() { grep -v 'Running as user' "$work/tshark.err" || true; }

# What tshark makes of a file, each packet in full.
show() { # FILE
  timeout 60 tshark -n -r "$1" -x 2> "$work/tshark.err" | md5sum
}

count() { # FILE
  timeout 60 tshark -n -r "$1" -T fields -e frame.number 2> "$work/tshark.err" | wc -l
}

# The numbers of frames in a file; udp.payload begins with them.
numbers() { # FILE...
  for file in "$@"; do
    timeout 60 tshark -n -r "$file" -T fields -e udp.payload 2>> "$work/tshark.err" | cut -c1-8
  done
}

# Whether numbers follow one another; says where not.
gaps() {
  python3 -c '
import sys
numbers = [int(line, 16) for line in sys.stdin]
print(len(numbers), sum(b != a + 1 for a, b in zip(numbers, numbers[1:])))'
}

echo "== the recorder, a file through a caps filter, and packet mode of the same traffic"
start_tap "$work/blocks.log" -v afringsrc interface=vb ! pcapsink location="$work/a.pcapng"
blocks=$tap
start_tap "$work/filter.log" -v afringsrc interface=vb ! application/x-pcapng ! \
  filesink async=false location="$work/b.pcapng"
filter=$tap
start_tap "$work/packets.log" -v afringsrc interface=vb ! pcapsink location="$work/c.pcap"
packets=$tap
send 3000 10000
for tap in $blocks $filter $packets; do
  stop_tap
done
check "the recorder gets blocks" yes "$([ "$(is_in_blocks "$work/blocks.log")" -gt 0 ] && echo yes)"
check "the file gets blocks" yes "$([ "$(is_in_blocks "$work/filter.log")" -gt 0 ] && echo yes)"
check "classic pcap does not" 0 "$(is_in_blocks "$work/packets.log")"
expected=$(timeout 60 tshark -n -r "$work/c.pcap" -x 2>/dev/null | md5sum)
for file in a.pcapng b.pcapng; do
  check "$file: as in packet mode" "$expected" "$(show "$work/$file")"
  check "$file: tshark has no complaint" "" "$(complaints)"
  check "$file: capinfos" 3000 "$(capinfos -TrMc "$work/$file" | cut -f2)"
  check "$file: capinfos knows of no loss" 0 \
    "$(capinfos "$work/$file" 2>&1 | grep -c 'cut short\|damaged' || true)"
  check "$file: tcpdump" 3000 "$(timeout 60 tcpdump -n -r "$work/$file" 2>/dev/null | wc -l)"
  check "$file: tags as sent" "500 500" "$(timeout 60 tshark -n -r "$work/$file" -T fields \
    -e vlan.id -e ieee8021ad.id 2>/dev/null |
    awk '$1 == 100 && $2 == "" {one++} $1 == 100 && $2 == 7 {two++} END {print one, two}')"
done
check "packets" "3000 0" "$(numbers "$work/a.pcapng" | gaps)"

echo "== clients of tcpserversink that come at different times"
timeout 40 python3 "$work/send.py" 60000 2000 &
sender=$!
pids+=("$sender")
port=40111
start_tap "$work/server.log" -v afringsrc interface=vb ! application/x-pcapng ! \
  tcpserversink host=127.0.0.1 port=$port
read_live() { # NAME
  timeout 30 tshark -l -n -i "TCP@127.0.0.1:$port" -c 1000 -T fields -e udp.payload \
    > "$work/$1" 2> "$work/$1.err" || true
}
read_live first &
first=$!
sleep 0.7
read_live second &
second=$!
pids+=("$first" "$second")
timeout 30 gst-launch-1.0 -q tcpclientsrc host=127.0.0.1 port=$port ! pcapdec ! \
  identity eos-after=1001 ! pcapsink location="$work/third.pcap" > "$work/third.log" 2>&1 || true
wait "$first" "$second"
for client in first second; do
  check "$client client" "1000 0" "$(cut -c1-8 "$work/$client" | gaps)"
  check "its complaints" "" \
    "$(grep -vE "Running as user|Capturing on|packets captured|Main MESSAGE|^(tshark: )?$" \
      "$work/$client.err" || true)"
done
check "pcapdec" "1000 0" "$(numbers "$work/third.pcap" | gaps)"
check "it had no complaint" "" "$(cat "$work/third.log")"
stop_tap
check "they got blocks" yes "$([ "$(is_in_blocks "$work/server.log")" -gt 0 ] && echo yes)"
kill "$sender" 2>/dev/null || true
wait "$sender" 2>/dev/null || true

echo "== rotation under load, $frames frames"
start_tap "$work/load.log" -v afringsrc interface=vb ! pcapsink \
  location="$work/load-%05d.pcapng" max-file-size=10000000 max-file-packets=30000
send "$frames" 0
stop_tap
dropped=$(python3 - "$(ls "$work"/load-*.pcapng | tail -1)" <<'PY'
import struct
import sys
data = open(sys.argv[1], 'rb').read()
at = 0
while at < len(data):
    kind, length = struct.unpack_from('<II', data, at)
    option = at + 20
    while kind == 5 and option < at + length - 4:
        code, size = struct.unpack_from('<HH', data, option)
        if code == 5:
            dropped, = struct.unpack_from('<Q', data, option + 4)
        option += 4 + (size + 3) // 4 * 4
    at += length
print(dropped)
PY
)
check "in blocks" yes "$([ "$(is_in_blocks "$work/load.log")" -gt 0 ] && echo yes)"
: > "$work/tshark.err"
numbers "$work"/load-*.pcapng > "$work/numbers"
check "files + dropped = sent" "$frames" "$(($(wc -l < "$work/numbers") + dropped))"
check "in their order, each once" "" "$(sort -c -u "$work/numbers" 2>&1 || true)"
check "tshark has no complaint" "" "$(complaints)"
check "no file is too large" "" "$(find "$work" -name 'load-*' -size +10000000c)"
check "files" yes "$([ "$(find "$work" -name 'load-*.pcapng' | wc -l)" -ge $((frames / 30000)) ] &&
  echo yes)"
rm -f "$work"/load-*

echo "== the disk is full"
if mount_full 4m; then
  for io in never auto; do
    start_tap "$work/full.log" -v afringsrc interface=vb ! pcapsink location="$work/full/a.pcapng" \
      direct-io=$io flush-interval=50000000
    send 20000 0
    status=0
    wait "$tap" || status=$?
    check "$io: ends by itself with an error" 1 "$status"
    check "$io: and says why" yes "$(grep -q 'No space left on device' "$work/full.log" && echo yes)"
    : > "$work/tshark.err"
    numbers "$work/full"/a.pcapng* > "$work/numbers"
    check "$io: tshark has no complaint" "" "$(complaints)"
    check "$io: from the first one on, without a gap" "00000000 0" \
      "$(head -1 "$work/numbers") $(gaps < "$work/numbers" | cut -d' ' -f2)"
    check "$io: most of the disk is used" yes \
      "$([ "$(wc -l < "$work/numbers")" -gt 2000 ] && echo yes || wc -l < "$work/numbers")"
    rm -f "$work/full"/*
  done
  umount "$work/full"
else
  echo "left out: cannot mount a tmpfs here"
fi

finish
