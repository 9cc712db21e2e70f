#!/usr/bin/env bash
# MPEG-TS over UDP, seven packets in a datagram, without RTP: the tap gives the
# transport stream byte for byte, and its pictures and sound.
# Usage: mpegts.sh
set -euo pipefail

# shellcheck source=tests/pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

frames=45
raw="audio/x-raw,format=S16LE,rate=48000,channels=1"
add_link
start_tap "$work/tap.log" afringsrc interface=vb filter="udp port 5004" \
  ! packetdepay caps="video/mpegts,systemstream=true,packetsize=188" \
  ! tee name=t \
  t. ! queue ! filesink location="$work/seen.ts" buffer-mode=unbuffered async=false \
  t. ! queue ! tsparse ! tsdemux name=d \
  d. ! queue ! h264parse ! openh264dec ! checksumsink hash=sha1 sync=false async=false \
  d. ! queue ! opusparse ! opusdec ! audioconvert ! "$raw" \
  ! filesink location="$work/heard" async=false

run "$work/sender.log" mpegtsmux name=m alignment=7 ! tee name=t \
  t. ! queue ! udpsink host=10.9.0.2 port=5004 \
  t. ! queue ! filesink location="$work/sent.ts" \
  videotestsrc num-buffers=$frames \
  ! "video/x-raw,format=I420,width=320,height=240,framerate=30/1" \
  ! openh264enc ! h264parse config-interval=-1 ! m. \
  audiotestsrc num-buffers=75 samplesperbuffer=960 wave=saw ! "$raw" ! opusenc ! m.

# what the stream itself is worth
run "$work/reference.log" filesrc location="$work/sent.ts" ! tsparse ! tsdemux name=d \
  d. ! queue ! h264parse ! openh264dec ! checksumsink hash=sha1 sync=false \
  d. ! queue ! opusparse ! opusdec ! audioconvert ! "$raw" \
  ! filesink location="$work/sound"

# the last picture comes with the end of the stream
there_is_all() { [ "$(wc -c < "$work/seen.ts")" -ge "$(wc -c < "$work/sent.ts")" ]; }
await_for 10 there_is_all || true
stop_tap

check "transport stream, bytes" "$(wc -c < "$work/sent.ts")" "$(wc -c < "$work/seen.ts")"
check "transport stream" "$(sha1sum < "$work/sent.ts")" "$(sha1sum < "$work/seen.ts")"
sums "$work/reference.log" > "$work/sent"
sums "$work/tap.log" > "$work/seen"
check "pictures in it" $frames "$(wc -l < "$work/sent")"
check_same "pictures" "$work/sent" "$work/seen"
check "sound, bytes" "$(wc -c < "$work/sound")" "$(wc -c < "$work/heard")"
check "sound" "$(sha1sum < "$work/sound")" "$(sha1sum < "$work/heard")"
finish
