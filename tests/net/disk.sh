#!/usr/bin/env bash
# What a recording leaves when the disk is full, when it is killed, and when there
# is nothing to record.
# Usage: disk.sh
set -euo pipefail

# mounts that nobody else sees and that end with the test
if [ -z "${AFRING_OWN_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
  AFRING_OWN_MOUNTS=1 exec unshare -m "$0" "$@"
fi

# a disk, where the folder for temporary files may be none
work_in=/var/tmp
# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"

# Runs a pipeline to EOS or an error, with its element "sink", and prints what it
# said, a line each: "error DOMAIN CODE WORDS", "eos", "opened LOCATION", "closed
# LOCATION PACKETS BYTES", and at last "stats PACKETS BYTES FILES".
cat > "$work/run.py" <<'PY'
import sys
import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst

Gst.init(None)
pipeline = Gst.parse_launch(' '.join(sys.argv[1:]))
pipeline.set_property('auto-flush-bus', False)
bus = pipeline.get_bus()


def tell(message):
    structure = message.get_structure()
    if message.type == Gst.MessageType.ERROR:
        error, _ = message.parse_error()
        print('error', error.domain, error.code, error.message)
    elif message.type == Gst.MessageType.EOS:
        print('eos')
    elif structure and structure.get_name() == 'GstPcapSinkFileOpened':
        print('opened', structure.get_value('location'))
    elif structure and structure.get_name() == 'GstPcapSinkFileClosed':
        print('closed', *map(structure.get_value,
                             ('location', 'packets', 'bytes')))


END = Gst.MessageType.EOS | Gst.MessageType.ERROR
KINDS = END | Gst.MessageType.ELEMENT
pipeline.set_state(Gst.State.PLAYING)
while True:
    message = bus.timed_pop_filtered(30 * Gst.SECOND, KINDS)
    if message is None:
        print('nothing happens')
        break
    tell(message)
    if message.type & END:
        break
pipeline.set_state(Gst.State.NULL)
while message := bus.pop_filtered(KINDS):
    tell(message)
stats = pipeline.get_by_name('sink').get_property('stats')
print('stats', *map(stats.get_value, ('packets', 'bytes', 'files')))
PY

run() { # LOG PIPELINE...
  local log=$1
  shift
  timeout 60 /usr/bin/python3 "$work/run.py" "$@" > "$log" 2> "$log.err" || true
  cat "$log.err" >> "$log"
}

# The numbers that made packets have as payload.
numbers() { # FILE...
  for file in "$@"; do
    tshark -nr "$file" -T fields -e udp.payload 2>>"$work/tshark.err" | cut -c1-8 || true
  done
}

count() { { tshark -nr "$1" -T fields -e frame.number 2>"$work/tshark.err" || true; } | wc -l; }

complaints() { grep -v 'Running as user' "$work/tshark.err" || true; }

# Whether hexadecimal numbers follow one another; says where not.
gaps() {
  python3 -c '
import sys
numbers = [int(line, 16) for line in sys.stdin]
gap = next((i for i, n in enumerate(numbers) if n != numbers[0] + i), None)
print("none" if gap is None else f"before {numbers[gap]} behind {numbers[gap - 1]}")'
}

if ! /usr/bin/python3 -c 'import gi; gi.require_version("Gst", "1.0")' 2>/dev/null; then
  echo "left out: full disks, which need python3-gi"
elif ! mount_full 4m; then
  echo "left out: full disks, cannot mount a tmpfs here"
else
  for format in pcapng pcap; do
    echo "== $format: the disk is full, on-disk-full=error"
    rm -f "$work/full/"*
    run "$work/error.log" afringmocksrc num-buffers=50000 packet-size=500 ! \
      pcapsink name=sink location="$work/full/a.$format" flush-interval=50000000
    check "error is RESOURCE/NO_SPACE_LEFT" "error gst-resource-error-quark 14" \
      "$(grep '^error' "$work/error.log" | head -1 | cut -d' ' -f1-3)"
    n=$(count "$work/full/a.$format")
    check "tshark has no complaint" "" "$(complaints)"
    check "a few thousand packets" yes "$([ "$n" -gt 5000 ] && echo yes || echo "$n")"
    check "from the first one on, without a gap" "00000000 none" \
      "$(numbers "$work/full/a.$format" | head -1) $(numbers "$work/full/a.$format" | gaps)"
    check "packets and bytes of the message" "$n $(stat -c %s "$work/full/a.$format")" \
      "$(awk '/^closed/ {print $3, $4}' "$work/error.log")"
    check "packets and bytes of the statistics" "$n $(stat -c %s "$work/full/a.$format")" \
      "$(awk '/^stats/ {print $2, $3}' "$work/error.log")"
    check "no .part stays" 1 "$(find "$work/full" -type f | wc -l)"
  done

  for size in 1000000 700000; do
    echo "== drop-oldest, files of $size bytes"
    rm -f "$work/full/"*
    run "$work/drop.log" afringmocksrc num-buffers=50000 packet-size=500 ! \
      pcapsink name=sink location="$work/full/a-%05d.pcapng" max-file-size=$size \
      max-files=20 on-disk-full=drop-oldest flush-interval=50000000
    check "goes on to the end" eos "$(grep -E '^(eos|error|nothing)' "$work/drop.log" | head -1)"
    : > "$work/tshark.err"
    numbers "$work/full/"a-*.pcapng > "$work/numbers"
    check "tshark has no complaint" "" "$(complaints)"
    check "the last packet is there" "$(printf %08x 49999)" "$(tail -1 "$work/numbers")"
    check "and those before it, without a gap" none "$(gaps < "$work/numbers")"
    n=$(wc -l < "$work/numbers")
    check "most of the disk is used" yes "$([ "$n" -gt 4000 ] && echo yes || echo "$n")"
    check "every packet was written" 50000 "$(awk '/^stats/ {print $2}' "$work/drop.log")"
    check "as the messages say" 50000 \
      "$(awk '/^closed/ {n += $3} END {print n}' "$work/drop.log")"
    check "no .part stays" "" "$(find "$work/full" -name '*.part')"
  done

  echo "== drop-oldest with nothing to drop"
  rm -f "$work/full/"*
  run "$work/nothing.log" afringmocksrc num-buffers=50000 packet-size=500 ! \
    pcapsink name=sink location="$work/full/a-%05d.pcapng" max-files=3 \
    max-file-size=100000000 on-disk-full=drop-oldest
  check "error is RESOURCE/NO_SPACE_LEFT" "error gst-resource-error-quark 14" \
    "$(grep -E '^(eos|error|nothing)' "$work/nothing.log" | head -1 | cut -d' ' -f1-3)"
  umount "$work/full"
fi

# A live link.

if ! ip link add va type veth peer name vb 2>/dev/null; then
  echo "left out: live links, there is no veth"
  finish
  exit
fi
ip link set va up
ip link set vb up

# Sends a thousand packets a second; each has its number, and the time of its
# sending in nanoseconds.
cat > "$work/send.py" <<'PY'
import socket
import struct
import sys
import time

link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(('va', 0))
ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + 8 + 16, 0, 0, 64, 17, 0,
                 bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
head = bytes.fromhex('020000000002 020000000001 0800') + ip \
    + struct.pack('>HHHH', 40000, 40001, 8 + 16, 0)
start = time.monotonic()
for i in range(int(sys.argv[1])):
    link.send(head + struct.pack('>QQ', i, time.time_ns()))
    time.sleep(max(0, start + (i + 1) / 1000 - time.monotonic()))
PY

# Some hundred packets are there.
has_grown() { # FILE
  [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt 60000 ]
}

for way in "a.pcapng never" "b.pcap auto" "c.pcapng always"; do
  read -r name direct <<< "$way"
  echo "== kill -9, $name, direct-io=$direct"
  start_tap "$work/killed.log" afringsrc interface=vb ! pcapsink location="$work/$name" \
    flush-interval=200000000 direct-io="$direct"
  if grep -q ERROR "$work/killed.log"; then
    # not every filesystem can do that
    echo "left out: $(grep -m1 ERROR "$work/killed.log")"
    continue
  fi
  timeout 30 python3 "$work/send.py" 4000 &
  sender=$!
  pids+=("$sender")
  await has_grown "$work/$name.part"
  # not timeout, which could not hand it on
  pkill -KILL -P "$tap"
  killed=$(date +%s%N)
  wait "$tap" 2>/dev/null || true
  kill "$sender" 2>/dev/null || true
  wait "$sender" 2>/dev/null || true
  check "what is there is a .part" "$name.part" "$(cd "$work" && ls "$name"*)"
  tshark -nr "$work/$name.part" -T fields -e udp.payload 2>"$work/tshark.err" > "$work/payloads" || true
  # half a record may follow, if it died while it wrote, and nothing else
  check "tshark reads it" "" "$(complaints | grep -v 'cut short in the middle of a packet' || true)"
  check "from the first one on, without a gap" "0000000000000000 none" \
    "$(head -1 "$work/payloads" | cut -c1-16) $(cut -c1-16 "$work/payloads" | gaps)"
  check "the last one is not older than a second" yes "$(tail -1 "$work/payloads" | python3 -c '
import sys
sent = int(sys.stdin.read()[16:32], 16)
age = (int(sys.argv[1]) - sent) / 1e9
print("yes" if age < 1 else f"no, {age:.2f} s")' "$killed")"
done

echo "== an idle link, max-file-duration of half a second"
start=$(date +%s%N)
start_tap "$work/idle.log" afringsrc interface=vb ! pcapsink location="$work/idle-%05d.pcapng" \
  max-file-duration=500000000
sleep 2.4
while_idle=$(find "$work" -name 'idle-*.pcapng' | wc -l)
most=$((($(date +%s%N) - start) / 500000000))
timeout 30 python3 "$work/send.py" 700
stop_tap
check "three files and more, but one each half second at most" yes \
  "$([ "$while_idle" -ge 3 ] && [ "$while_idle" -le "$most" ] && echo yes || echo "$while_idle")"
total=0
: > "$work/idle.err"
for file in "$work"/idle-*.pcapng; do
  total=$((total + $(count "$file")))
  complaints >> "$work/idle.err"
done
check "tshark has no complaint" "" "$(cat "$work/idle.err")"
check "all packets are in one or another" 700 "$total"
check "no .part stays" "" "$(find "$work" -name 'idle-*.part')"

finish
