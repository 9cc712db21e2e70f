#!/usr/bin/env bash
# The example rtp-tap lists the RTP there is, and nothing else, plays one flow and
# records one; tshark finds the same in the recording, and so does rtp-tap.
# Usage: rtp-tap.sh RTP_TAP plain|tagged
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/pipelines/lib.sh
source "$here/lib.sh"

rtp_tap=$1
case $2 in
  plain) ssrc=0x00002222 port=5006 recorded="R 0x00002222" ;;
  # both are in one flow
  tagged) ssrc=0x00003333 port=5008 recorded="R 0x00003333 R 0x00004444" ;;
esac
log=$work/tap.log

# Numbers of packets and of lost ones, as RFC 3550 counts them, and the jitter:
# its appendix A.8 in milliseconds. Lines are time, extended sequence number and
# timestamp.
judge='
import sys
from decimal import Decimal
clock_rate = int(sys.argv[1])
packets = [line.split() for line in sys.stdin]
jitter = previous = 0
for number, (time, _, timestamp) in enumerate(packets):
    transit = Decimal(time) * clock_rate - int(timestamp)
    if number > 0:
        jitter += (abs(transit - previous) - jitter) / 16
    previous = transit
sequence = [int(packet[1]) for packet in packets]
print(len(packets), max(sequence) - min(sequence) + 1 - len(packets),
      f"{jitter * 1000 / clock_rate:.3f}")
'

# The last list has the final numbers.
last_list() { # LOG
  # to the end of it: who stops reading breaks the pipe
  tac "$1" | awk '!done { print } /SSRC/ { done = 1 }' | tac | grep 0x
}

columns() { # SSRC LOG COLUMN...
  local log=$2 ssrc=$1
  shift 2
  last_list "$log" | cut -c 4- | awk -v "ssrc=$ssrc" -v "columns=$*" '
    $1 == ssrc {
      n = split(columns, column, " ")
      for (i = 1; i <= n; i++) printf "%s%s", $column[i], i < n ? " " : "\n"
    }'
}

listed() { # SSRC PACKETS
  grep -qE "$1 +[0-9]+ +$2 " "$log"
}

# What becomes of it if it cannot begin.
refuses() { # NAME WORDS COMMAND...
  local name=$1 words=$2 status=0
  shift 2
  timeout 20 "$@" > "$work/refused.log" 2>&1 || status=$?
  check "$name, status" 1 "$status"
  check "$name, words" "$words" \
    "$(grep -o "$words" "$work/refused.log" | head -n 1 || true)"
}

add_link
touch "$log"
timeout --foreground -k 5 60 "$rtp_tap" --interface vb --list-interval 0.2 \
  --show 0x1111 --sink "filesink location=$work/heard sync=false" \
  --record "$ssrc" "$work/recorded.pcapng" > "$log" 2>&1 &
tap=$!
pids+=("$tap")
await_for 15 grep -q SSRC "$log" || cat "$log"
python3 "$here/rtp-senders.py" va "$work/sound"
for expected in "0x00001111 300" "0x00002222 294" "0x00003333 300" "0x00004444 200"; do
  # shellcheck disable=SC2086
  await_for 10 listed $expected || true
done
stop_tap
last_list "$log"

echo "== the list"
check "flows" 4 "$(last_list "$log" | wc -l)"
check "type, packets, lost of all" "8 300 0" "$(columns 0x00001111 "$log" 2 3 4)"
check "of what is not whole" "96 294 6" "$(columns 0x00002222 "$log" 2 3 4)"
check "of what is out of order" "0 300 0" "$(columns 0x00003333 "$log" 2 3 4)"
check "of a second one on its port" "0 200 0" \
  "$(columns 0x00004444 "$log" 2 3 4)"
check "percent" 2.00 "$(columns 0x00002222 "$log" 5)"
check "what and whence" "?/90000 192.0.2.1 port 4002 -> 198.51.100.2 port 5006" \
  "$(columns 0x00002222 "$log" 7 8 9 10 11 12 13 14)"
check "what and whence, IPv6" \
  "PCMU/8000 2001:db8::1 port 4003 -> 2001:db8:ffff::2 port 5008" \
  "$(columns 0x00003333 "$log" 7 8 9 10 11 12 13 14)"
check "the list is live" yes "$(grep -E '0x00001111' "$log" \
  | sort -u | awk 'END {if (NR > 2) print "yes"}')"
check "marks" "S 0x00001111 $recorded" "$(last_list "$log" \
  | grep -oE '^[SR ]{2} 0x[0-9a-f]+' | grep '[SR]' | xargs)"

echo "== what is heard"
run "$work/decode.log" filesrc location="$work/sound" ! rawaudioparse \
  format=alaw sample-rate=8000 num-channels=1 ! alawdec \
  ! filesink location="$work/decoded"
check "bytes" "$(wc -c < "$work/decoded")" "$(wc -c < "$work/heard")"
check "sound" "$(sha1sum < "$work/decoded")" "$(sha1sum < "$work/heard")"

echo "== the recording"
dissect() {
  tshark -nr "$work/recorded.pcapng" -d "udp.port==$port,rtp" "$@" 2> /dev/null
}
clock_rate=$(columns "$ssrc" "$log" 7 | cut -d / -f 2)
found=$(dissect -Y "rtp.ssrc == $ssrc" -T fields -e frame.time_epoch \
  -e rtp.extseq -e rtp.timestamp | python3 -c "$judge" "$clock_rate")
check "packets, lost, jitter: tshark" "$(columns "$ssrc" "$log" 3 4 6)" "$found"
check "of other flows" 0 "$(dissect -Y "udp.dstport != $port" | wc -l)"
timeout 20 "$rtp_tap" --file "$work/recorded.pcapng" --list-interval 0 \
  > "$work/again.log" 2>&1
check "the same as a file" "$(columns "$ssrc" "$log" 1 2 3 4 5 6 7 8 14)" \
  "$(columns "$ssrc" "$work/again.log" 1 2 3 4 5 6 7 8 14)"
check "nothing is left unfinished" "" "$(find "$work" -name '*.part')"

echo "== where nothing is"
status=0
timeout 20 "$rtp_tap" --interface vb --duration 0.5 > "$work/idle.log" 2>&1 \
  || status=$?
check "it ends by itself" "0, 0 flows" "$status, $(grep -c 0x "$work/idle.log" \
  || true) flows"

echo "== what cannot be"
refuses "no such interface" "ip link" "$rtp_tap" --interface nonesuch
refuses "no privilege" "sudo rtp-tap" setpriv --bounding-set=-net_raw \
  "$rtp_tap" --interface vb
refuses "no such flow" "No RTP with SSRC 0x5" "$rtp_tap" \
  --file "$work/recorded.pcapng" --show 0x5
finish
