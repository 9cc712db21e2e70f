#!/usr/bin/env bash
# Whole pipelines against the tools that people use: what gst-launch-1.0 records
# from a veth pair is what was sent, as tshark and tcpdump read it.
# Usage: record.sh [FRAMES]
set -euo pipefail

frames=${1:-200000}
# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"

# Starts the peer's recording of vb into FILE; its process is in $peer. tcpdump
# cannot run as the only user of a user namespace: it wants to become another.
start_peer() { # FILE
  local words="listening on"
  if grep -q 4294967295 /proc/self/uid_map; then
    timeout --foreground 60 tcpdump -i vb -w "$1" --time-stamp-precision=nano -Z root \
      > "$work/peer.log" 2>&1 &
  else
    words="File: "
    timeout --foreground 60 dumpcap -q -i vb -w "$1" > "$work/peer.log" 2>&1 &
  fi
  peer=$!
  pids+=("$peer")
  await grep -q "$words" "$work/peer.log"
}

# A counter that the file itself carries, by the code of its option in the
# interface statistics block.
statistics() { # FILE received|dropped
  python3 - "$1" "$2" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
want = {"received": 4, "dropped": 5}[sys.argv[2]]
at, found = 0, None
while at < len(data):
    kind, length = struct.unpack_from("<II", data, at)
    if kind == 5:
        o = at + 20
        while o < at + length - 4:
            code, size = struct.unpack_from("<HH", data, o)
            if code == want:
                found = struct.unpack_from("<Q", data, o + 4)[0]
            o += 4 + (size + 3) // 4 * 4
    at += length
print(found)
PY
}

count() { tshark -nr "$1" -T fields -e frame.number 2>"$work/tshark.err" | wc -l; }

send() { # CONFIG COUNT
  timeout 100 trafgen --cpp -i "$1" -o va -n "$2" -P 1 -q > "$work/trafgen.log" 2>&1
}

ip link add va type veth peer name vb
ip link set va up
ip link set vb up

cat > "$work/udp.cfg" <<'C'
{ eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01)
  ipv4(sa=10.0.0.1, da=10.0.0.2) udp(sp=1000, dp=5004) fill('A', 18) }
C
cat > "$work/vlan.cfg" <<'C'
{ eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01) vlan(tpid=0x88a8, id=7)
  vlan(tpid=0x8100, id=100)
  ipv4(sa=10.0.0.1, da=10.0.0.2) udp(sp=1000, dp=5004) fill('B', 100) }
C

echo "== $frames frames at full speed, Ctrl-C at the end"
start_tap "$work/full.log" afringsrc interface=vb ! pcapsink location="$work/a.pcapng"
await test -e "$work/a.pcapng.part"
send "$work/udp.cfg" "$frames"
stop_tap
n=$(count "$work/a.pcapng")
received=$(statistics "$work/a.pcapng" received)
dropped=$(statistics "$work/a.pcapng" dropped)
check "file + dropped = sent" "$frames" "$((n + dropped))"
check "received says the file" "$n" "$received"
check "tshark has no complaint" "" "$(grep -v 'Running as user' "$work/tshark.err" || true)"
check "no .part stays" "no" "$([ -e "$work/a.pcapng.part" ] && echo yes || echo no)"

echo "== beside tcpdump or dumpcap: the same packets at the same times"
start_peer "$work/peer.pcap"
start_tap "$work/beside.log" afringsrc interface=vb ! pcapsink location="$work/b.pcapng"
send "$work/udp.cfg" 500
send "$work/vlan.cfg" 500
stop_tap
# on an interrupt the peers forget what they have not read yet
sleep 1.5
kill -INT "$peer"
wait "$peer" || true
fields="-T fields -e frame.time_epoch -e frame.len -e frame.cap_len"
tshark -nr "$work/b.pcapng" $fields 2>/dev/null > "$work/ours"
tshark -nr "$work/peer.pcap" $fields 2>/dev/null > "$work/theirs"
check "packets" "$(wc -l < "$work/theirs")" "$(wc -l < "$work/ours")"
check "worst difference of timestamps below 1 ms" yes "$(paste "$work/ours" "$work/theirs" |
  awk '{d = $1 - $4; if (d < 0) d = -d; if (d > worst) worst = d}
    END {print (NR == 1000 && worst < 0.001) ? "yes" : "no, " worst}')"
check "lengths as the peer's" "" "$(diff <(cut -f2,3 "$work/ours") <(cut -f2,3 "$work/theirs"))"
check "nanoseconds" yes "$(awk '{split($1, t, "."); if (t[2] % 1000) n++}
  END {print (n > 500) ? "yes" : "no"}' "$work/ours")"
check "bytes as the peer's" "$(tshark -nr "$work/peer.pcap" -x 2>/dev/null | md5sum)" \
  "$(tshark -nr "$work/b.pcapng" -x 2>/dev/null | md5sum)"
check "tagged frames, as sent" 500 "$(tshark -nr "$work/b.pcapng" -T fields -e ieee8021ad.id \
  -e vlan.id -e udp.dstport 2>/dev/null | grep -c "^7	100	5004$")"

echo "== classic pcap, microseconds and nanoseconds"
for precision in microsecond nanosecond; do
  start_tap "$work/classic.log" afringsrc interface=vb num-buffers=100 ! pcapsink \
    location="$work/$precision.pcap" timestamp-precision=$precision
  send "$work/udp.cfg" 150
  wait "$tap"
  check "$precision" 100 "$(tcpdump -nr "$work/$precision.pcap" 2>/dev/null | wc -l)"
done

echo "== the disk is full"
if mount_full 1m; then
  start_tap "$work/disk.log" afringsrc interface=vb ! pcapsink location="$work/full/a.pcapng"
  send "$work/udp.cfg" 50000
  status=0
  wait "$tap" || status=$?
  check "ends by itself with an error" 1 "$status"
  check "and says why" yes "$(grep -q 'No space left on device' "$work/disk.log" && echo yes)"
  check "what is there is whole" yes "$([ "$(count "$work/full/a.pcapng")" -gt 1000 ] &&
    ! grep -q 'cut short' "$work/tshark.err" && echo yes)"
  umount "$work/full"
else
  echo "left out: cannot mount a tmpfs here"
fi

echo "== errors that a user meets"
expect_error() { # WORDS COMMAND...
  local words=$1
  shift
  "$@" > "$work/error.log" 2>&1 && status=0 || status=$?
  check "exit status is not 0" yes "$([ "$status" != 0 ] && echo yes)"
  check "says \"$words\"" yes "$(grep -qF -e "$words" "$work/error.log" && echo yes || cat "$work/error.log")"
}
expect_error "setcap cap_net_raw" setpriv --bounding-set=-all --inh-caps=-all \
  gst-launch-1.0 afringsrc interface=vb ! fakesink
expect_error 'no network interface "nosuch"' gst-launch-1.0 afringsrc interface=nosuch ! fakesink
# as root still, who may read the plugin wherever it is, but with no capability
mkdir -m 555 "$work/readonly"
expect_error "Permission denied" setpriv --bounding-set=-all --inh-caps=-all \
  gst-launch-1.0 fakesrc num-buffers=1 ! "application/x-packet,link-type=1" \
  ! pcapsink location="$work/readonly/a.pcapng"

finish
