#!/usr/bin/env bash
# A video stream that is tapped off the wire shows the sender's pictures, all of
# them, without a socket on the receiver's side.
# Usage: watch.sh vp8|h264|ipv6|vlan|fragments
set -euo pipefail

# shellcheck source=tests/pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

frames=45
case=$1
host=10.9.0.2 filter=(filter="udp port 5004") port=() pattern=smpte mtu=1400
case $case in
  h264)
    encoder=(openh264enc "!" h264parse config-interval=-1)
    payloader=rtph264pay
    depayloader=(rtph264depay "!" h264parse)
    decoder=openh264dec
    ;;
  *)
    encoder=(vp8enc deadline=1 cpu-used=8 target-bitrate=2000000)
    payloader=rtpvp8pay
    depayloader=(rtpvp8depay)
    decoder=vp8dec
    ;;
esac
encoding=${payloader#rtp}
encoding=${encoding%pay}

# Forwards from one interface to another, with two tags.
tagger='
import socket, sys
source = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
source.bind((sys.argv[1], 0))
target = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
target.bind((sys.argv[2], 0))
print("ready", flush=True)
while True:
    frame = source.recv(65535)
    target.send(frame[:12] + bytes.fromhex("88a80007 81000008") + frame[12:])
'

add_link
case $case in
  ipv6)
    host=fd00:9::2
    filter=(filter="ip6 and udp port 5004")
    ;;
  vlan)
    # the stream goes over a link of its own to where it is tagged; everything
    # is captured, and packetdepay chooses
    ip address flush dev va
    ip link add wa type veth peer name wb
    ip link set wb up
    ip link set wa up
    add_addresses wa
    touch "$work/tagger.log"
    python3 -c "$tagger" wb va > "$work/tagger.log" 2>&1 &
    pids+=("$!")
    await_for 5 grep -q ready "$work/tagger.log"
    filter=()
    port=(dst-port=5004)
    ;;
  fragments)
    # ports are in the first fragment only
    filter=(filter="udp port 5004 or ip[6:2] & 0x1fff != 0")
    pattern=snow
    mtu=8000
    ;;
esac

start_tap "$work/tap.log" afringsrc interface=vb "${filter[@]}" \
  ! packetdepay name=depay "${port[@]}" \
  caps="application/x-rtp,media=video,clock-rate=90000,encoding-name=${encoding^^},payload=96" \
  ! rtpjitterbuffer ! "${depayloader[@]}" ! $decoder \
  ! checksumsink hash=sha1 sync=false
check "no socket has the port" 0 \
  "$(cat /proc/net/udp /proc/net/udp6 | grep -c '^ *[0-9]*: [0-9A-F]*:138C ' || true)"

run "$work/sender.log" videotestsrc num-buffers=$frames pattern=$pattern \
  ! "video/x-raw,format=I420,width=320,height=240,framerate=30/1" \
  ! "${encoder[@]}" ! tee name=t \
  t. ! queue ! $payloader mtu=$mtu pt=96 ! udpsink host=$host port=5004 \
  t. ! queue ! $decoder ! checksumsink hash=sha1 sync=false

if [ "$case" = fragments ]; then
  # FragOKs
  check "the kernel has sent fragments" yes \
    "$(awk '/^Ip:/ && $18 + 0 > 20 {print "yes"}' /proc/net/snmp)"
fi
await_sums "$work/sender.log" "$work/tap.log"
stop_tap
sums "$work/sender.log" > "$work/sent"
sums "$work/tap.log" > "$work/seen"
check "pictures sent" $frames "$(wc -l < "$work/sent")"
check "that differ" yes "$([ "$(sort -u "$work/sent" | wc -l)" -gt 30 ] && echo yes)"
check_same "$case: the pictures" "$work/sent" "$work/seen"
finish
