#!/usr/bin/env bash
# PCAP over IP: live packets through tcpserversink into the tools that people use,
# which come and go when they like.
# Usage: pcap-over-ip.sh
set -euo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"
# tshark leaves what it captures there
export TMPDIR=$work

ip link add va type veth peer name vb
ip link set va up
ip link set vb up

# A thousand numbered packets a second, and how many it has come to.
cat > "$work/send.py" <<'PY'
import os
import socket
import struct
import sys
import time

link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(('va', 0))
ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + 8 + 100, 0, 0, 64, 17, 0,
                 bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
head = bytes.fromhex('020000000002 020000000001 0800') + ip \
    + struct.pack('>HHHH', 40000, 40001, 8 + 100, 0)
start = time.monotonic()
for i in range(60000):
    link.send(head + struct.pack('>I', i) + bytes(96))
    if i % 100 == 0:
        with open(sys.argv[1] + '.new', 'w') as count:
            print(i, file=count)
        os.rename(sys.argv[1] + '.new', sys.argv[1])
    time.sleep(max(0, start + (i + 1) / 1000 - time.monotonic()))
PY

# Everything that comes from a port.
receive() { # PORT
  if type nc > /dev/null 2>&1; then
    nc 127.0.0.1 "$1" < /dev/null
  else
    cat < "/dev/tcp/127.0.0.1/$1"
  fi
}

fields=(-T fields -e udp.payload)

# Each shows some packets and then goes away.
read_stream() { # PORT NAME
  receive "$1" 2>/dev/null | timeout 30 tshark -l -n -r - -c 500 "${fields[@]}" \
    > "$work/$2" 2> "$work/$2.err" || true
}
read_live() { # PORT NAME
  timeout 30 tshark -l -n -i "TCP@127.0.0.1:$1" -c 500 "${fields[@]}" \
    > "$work/$2" 2> "$work/$2.err" || true
}

# What a client has shown: how many, and whether one follows the other.
describe() { # NAME
  cut -c1-8 "$work/$1" | python3 -c '
import sys
numbers = [int(line, 16) for line in sys.stdin]
gaps = sum(b != a + 1 for a, b in zip(numbers, numbers[1:]))
print(len(numbers), "packets,", gaps, "gaps")'
}

first_of() { # NAME
  echo $((16#0$(head -1 "$work/$1" | cut -c1-8)))
}

# Whether so many more were sent than the first that a client has shown.
sent_behind() { # NAME COUNT
  [ -s "$work/$1" ] && (($(cat "$work/sent") > $(first_of "$1") + $2))
}

timeout 100 python3 "$work/send.py" "$work/sent" &
pids+=("$!")

port=40100
for caps in application/x-pcapng raw/x-pcap; do
  port=$((port + 1))
  rm -f "$work/first"
  echo "== $caps: clients that come at different times"
  start_tap "$work/server.log" afringsrc interface=vb ! pcapenc ! "$caps" ! \
    tcpserversink host=127.0.0.1 port="$port"
  read_stream "$port" first &
  first=$!
  sleep 0.3
  read_live "$port" second &
  second=$!
  pids+=("$first" "$second")
  await sent_behind first 2500
  read_stream "$port" third
  wait "$first" "$second"
  for client in first second third; do
    check "$client client" "500 packets, 0 gaps" "$(describe "$client")"
    check "its complaints" "" \
      "$(grep -vE "Running as user|Capturing on|packets captured|Main MESSAGE|^(tshark: )?$" \
        "$work/$client.err" || true)"
  done
  check "the last to come saw the latest packets" yes \
    "$([ "$(first_of third)" -gt "$(($(first_of first) + 1000))" ] && echo yes)"
  stop_tap
  check "it met no error" "" "$(grep ERROR "$work/server.log" || true)"
done

echo "== afringmocksrc, a recording of the stream, and pcapdec at the other end"
port=$((port + 1))
timeout 60 gst-launch-1.0 -q afringmocksrc packet-size=200 loop=-1 ! identity sleep-time=1000 ! \
  pcapenc ! tcpserversink host=127.0.0.1 port=$port > "$work/mock.log" 2>&1 &
pids+=("$!")
sleep 0.7
receive $port 2>/dev/null | timeout 30 tshark -l -n -r - -c 100 "${fields[@]}" \
  > "$work/mock" 2> "$work/mock.err" || true
check "tshark" "100 packets, 0 gaps" "$(describe mock)"
timeout 30 gst-launch-1.0 -q tcpclientsrc host=127.0.0.1 port=$port ! pcapdec ! \
  identity eos-after=101 ! pcapsink location="$work/mock.pcapng" > "$work/client.log" 2>&1 || true
tshark -n -r "$work/mock.pcapng" "${fields[@]}" > "$work/mock" 2>/dev/null || true
check "pcapdec" "100 packets, 0 gaps" "$(describe mock)"
check "it had no complaint" "" "$(cat "$work/client.log")"

finish
