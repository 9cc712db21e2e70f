#!/usr/bin/env bash
# Two audio streams come to one port from two source ports; flowdemux tells them
# apart, decodebin makes sound of them, and each sounds as it was sent. What is
# no RTP beside them is not taken for it.
# Usage: two-speakers.sh FLOWS l16|opus, where FLOWS is the program of flows.c
set -euo pipefail

# shellcheck source=tests/pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

launcher=("$1" d)
case=$2
raw="audio/x-raw,format=S16LE,channels=1"
describe=()
case $case in
  l16)
    # payload type 11 is L16, mono, 44100 Hz, wherever it is seen
    format="audio/x-raw,format=S16BE,rate=44100,channels=1"
    payloader=(rtpL16pay pt=11)
    depayloader=(rtpL16depay)
    payload=11
    ;;
  opus)
    # 97 can be anything: somebody has to say what it is here
    format="audio/x-raw,format=S16LE,rate=48000,channels=1"
    payloader=(opusenc frame-size=10 "!" rtpopuspay pt=97)
    depayloader=(rtpopusdepay "!" opusdec)
    payload=97
    describe=("!" capssetter
      caps="application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS")
    ;;
esac

# Sends what is neither RTP nor RTCP to port 5004, then RTCP to 5005.
others='
import socket, struct, time
sender_report = struct.pack(">BBHIQIII", 0x80, 200, 6, 4711, 1 << 60, 1, 1, 1)
description = struct.pack(">BBHIBB4s2x", 0x81, 202, 3, 4711, 1, 4, b"test")
for source, target, data in (4003, 5004, b"no RTP " * 20), \
        (4004, 5005, sender_report + description):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("10.9.0.1", source))
    for number in range(20):
        sender.sendto(data, ("10.9.0.2", target))
        time.sleep(0.005)
'

add_link
listen=()
# no sink waits for another to have data: async=false
for i in 0 1; do
  listen+=("d.src_$i" "!" queue "${describe[@]}" "!" decodebin "!" audioconvert
    "!" "$raw" "!" filesink location="$work/heard-$i" buffer-mode=unbuffered
    async=false)
done
start_tap "$work/tap.log" afringsrc interface=vb filter="udp portrange 5004-5005" \
  ! flowdemux name=d "${listen[@]}" d.src_2 ! fakesink async=false \
  d.src_3 ! fakesink async=false

speakers=()
for i in 0 1; do
  speakers+=(audiotestsrc num-buffers=100 samplesperbuffer=500 freq=$((440 + i * 300))
    wave=saw "!" "$format" "!" "${payloader[@]}" ssrc=$((1111 * (i + 1)))
    "!" tee name="t$i" "t$i." "!" queue "!" udpsink host=10.9.0.2 port=5004
    bind-port=$((4001 + i)) "t$i." "!" queue "!" "${depayloader[@]}" "!" audioconvert
    "!" "$raw" "!" filesink location="$work/sent-$i")
done
run "$work/sender.log" "${speakers[@]}"
python3 -c "$others"

heard() {
  [ "$(cat "$work"/heard-* 2>/dev/null | wc -c)" -ge \
    "$(cat "$work"/sent-* | wc -c)" ]
}
await_for 10 heard || true
stop_tap

pad_caps() { # NUMBER
  awk -F '\t' -v "pad=src_$1" '$1 == pad {caps = $2} END {print caps}' "$work/tap.log"
}
check "two sounds are sent" different \
  "$(cmp -s "$work/sent-0" "$work/sent-1" && echo the same || echo different)"
speakers_found=
for i in 0 1; do
  caps=$(pad_caps "$i")
  ssrc=$(grep -oP 'ssrc=\(uint\)\K\d+' <<< "$caps" || true)
  speakers_found+="$ssrc "
  check "src_$i is RTP" "application/x-rtp" "${caps%%,*}"
  check "payload type of src_$i" "$payload" \
    "$(grep -oP 'payload=\(int\)\K\d+' <<< "$caps" || true)"
  sent=$work/sent-$((${ssrc:-1111} / 1111 - 1))
  touch "$work/heard-$i"
  check "sound of $ssrc, bytes" "$(wc -c < "$sent")" "$(wc -c < "$work/heard-$i")"
  check "sound of $ssrc" "$(sha1sum < "$sent")" "$(sha1sum < "$work/heard-$i")"
done
check "speakers" "1111 2222" "$(tr ' ' '\n' <<< "$speakers_found" | sort | xargs)"
check "what is neither" application/octet-stream "$(pad_caps 2)"
check "RTCP" application/x-rtcp "$(pad_caps 3 | cut -d , -f 1)"
finish
