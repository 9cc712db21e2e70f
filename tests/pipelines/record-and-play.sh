#!/usr/bin/env bash
# One capture is watched and recorded at once, among other traffic; the
# recordings, when they are played, show the same pictures, and tshark finds the
# same payloads in them.
# Usage: record-and-play.sh PAYLOADS, the program of payloads.c
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/pipelines/lib.sh
source "$here/lib.sh"

payloads=$(realpath "$1")
frames=45
depay=(packetdepay dst-port=5004
  caps="application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96")
show=(rtpjitterbuffer "!" rtpvp8depay "!" vp8dec "!"
  checksumsink hash=sha1 sync=false)

add_link
mkdir "$work/recordings"
start_tap "$work/tap.log" afringsrc interface=vb ! tee name=t \
  t. ! queue ! pcapsink location="$work/recordings/a.pcapng" \
  t. ! queue ! pcapsink location="$work/recordings/a.pcap" \
  t. ! queue ! "${depay[@]}" ! "${show[@]}"

run "$work/sender.log" videotestsrc num-buffers=$frames \
  ! "video/x-raw,format=I420,width=320,height=240,framerate=30/1" \
  ! vp8enc deadline=1 cpu-used=8 ! tee name=t \
  t. ! queue ! rtpvp8pay pt=96 ! udpsink host=10.9.0.2 port=5004 \
  t. ! queue ! vp8dec ! checksumsink hash=sha1 sync=false \
  fakesrc num-buffers=300 sizetype=random sizemin=1 sizemax=1400 filltype=random \
  ! identity sleep-time=5000 ! udpsink host=10.9.0.2 port=5006 sync=false

await_sums "$work/sender.log" "$work/tap.log"
stop_tap
sums "$work/sender.log" > "$work/sent"
sums "$work/tap.log" > "$work/seen"
check "pictures sent" $frames "$(wc -l < "$work/sent")"
check_same "pictures watched" "$work/sent" "$work/seen"

for file in a.pcapng a.pcap; do
  run "$work/play.log" filesrc location="$work/recordings/$file" ! pcapdec \
    ! "${depay[@]}" ! "${show[@]}"
  sums "$work/play.log" > "$work/played"
  check_same "pictures of $file" "$work/sent" "$work/played"
  check "other packets in $file" yes "$(tshark -nr "$work/recordings/$file" \
    -Y 'udp.port == 5006' 2>/dev/null | awk 'END {if (NR > 250) print "yes"}')"
done

echo "== as tshark has it"
status=0
"$here/check-tshark.py" "$payloads" "$work/recordings" || status=$?
check "payloads of the recordings" 0 "$status"
finish
