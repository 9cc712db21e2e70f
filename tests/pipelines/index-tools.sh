#!/usr/bin/env bash
# Files with indexes against the tools that people use: tshark, capinfos, tcpdump, editcap and
# mergecap read them to their end without a word, and see the same packets as without.
set -euo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"
for tool in tshark capinfos tcpdump editcap mergecap; do
  command -v "$tool" > /dev/null || { echo "no $tool"; exit 77; }
done

# More than 64 MiB, so that there are indexes in the middle.
record() { # FILE CAPS PROPERTIES...
  local file=$1 caps=$2
  shift 2
  timeout 60 gst-launch-1.0 -q afringmocksrc packet-size=1400 num-buffers="$buffers" ! "$caps" \
    ! pcapsink location="$file" "$@"
}

# What is said, but of who runs it.
complaints() { grep -v -e 'Running as user' -e '^reading from file' "$work/err" || true; }

indexes() { # FILE
  grep -c -a 'afring index' "$1" || true
}

count_tshark() { timeout 60 tshark -n -r "$1" -T fields -e frame.number 2> "$work/err" | wc -l; }
count_tcpdump() { timeout 60 tcpdump -n -r "$1" 2> "$work/err" | wc -l; }
count_capinfos() { timeout 60 capinfos -T -r -c -M "$1" 2> "$work/err" | cut -f 2; }

compare() { # NAME
  local with=$work/$1.pcapng tool n
  n=$(count_tcpdump "$work/$1-plain.pcapng")
  check "$1: there are packets" yes "$([ "$n" -gt 1000 ] && echo yes || echo "$n")"
  check "$1: no index if none is wanted" 0 "$(indexes "$work/$1-plain.pcapng")"
  check "$1: several indexes" yes "$([ "$(indexes "$with")" -gt 1 ] && echo yes || echo no)"
  for tool in tshark tcpdump capinfos; do
    check "$1: $tool" "$n" "$("count_$tool" "$with")"
    check "$1: $tool has nothing to say" "" "$(complaints)"
  done
  editcap "$with" "$work/edited.pcapng" 2> "$work/err"
  check "$1: editcap" "$n" "$(count_tcpdump "$work/edited.pcapng")"
  mergecap -a -w "$work/merged.pcapng" "$with" "$with" 2> "$work/err"
  check "$1: mergecap" $((2 * n)) "$(count_tcpdump "$work/merged.pcapng")"
  check "$1: mergecap has nothing to say" "" "$(complaints)"
  cat "$with" "$with" > "$work/both.pcapng"
  check "$1: one behind the other" $((2 * n)) "$(count_tshark "$work/both.pcapng")"
  rm -f "$work"/*.pcapng
}

buffers=60000
# packets, and whole blocks
record "$work/packets-plain.pcapng" application/x-packet index=false
record "$work/packets.pcapng" application/x-packet
compare packets
record "$work/blocks-plain.pcapng" application/x-pcapng index=false
record "$work/blocks.pcapng" application/x-pcapng
compare blocks
finish
