#!/usr/bin/env bash
# The same recordings through upstream's pcapparse and through pcapdec !
# packetdepay: the same payloads at the same times, with the same properties.
# Usage: against-pcapparse.sh PAYLOADS, the program of payloads.c
set -euo pipefail

# shellcheck source=tests/pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

payloads=$1

# 200 datagrams each from two ports to 5004 and to 5006, of all sizes.
sender='
import socket, time
senders = []
for port in 4001, 4002:
    senders.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    senders[-1].bind(("10.9.0.1", port))
for number in range(800):
    size = 1 + number * 37 % 1472
    data = bytes((number * 31 + i * 7) & 0xff for i in range(size))
    senders[number % 2].sendto(data, ("10.9.0.2", 5004 + number // 2 % 2 * 2))
    if number % 10 == 0:
        time.sleep(0.001)
'

add_link
start_tap "$work/tap.log" afringsrc interface=vb ! tee name=t \
  t. ! queue ! pcapsink location="$work/nano.pcap" async=false \
  t. ! queue ! pcapsink location="$work/micro.pcap" \
  timestamp-precision=microsecond async=false
python3 -c "$sender"
sleep 0.3
stop_tap

# Time in nanoseconds and bytes of each payload.
theirs() { "$payloads" "pcapparse $2" "$work/$1" | awk '$1 == "B" {print $3, $5}'; }
ours() {
  "$payloads" "pcapdec ! packetdepay $2" "$work/$1" | awk '$1 == "B" {print $2, $5}'
}

for file in nano.pcap micro.pcap; do
  while read -r n properties; do
    theirs $file "$properties" > "$work/theirs"
    ours $file "$properties" > "$work/ours"
    check "$file, $properties: pcapparse has" "$n" "$(wc -l < "$work/theirs")"
    if [ "$n" != 0 ]; then
      check_same "$file, $properties" "$work/theirs" "$work/ours"
    else
      check "$file, $properties: packetdepay has" 0 "$(wc -l < "$work/ours")"
    fi
  done << 'END'
800
400 dst-port=5004
400 src-port=4001
200 src-port=4002 dst-port=5006
800 src-ip=10.9.0.1 dst-ip=10.9.0.2
400 dst-ip=10.9.0.2 dst-port=5006
0 src-ip=10.9.0.2
0 dst-port=5005
END
done
check "nanoseconds" yes \
  "$(ours nano.pcap "" | awk '$1 !~ /000$/ {n++} END {if (n > 700) print "yes"}')"
finish
