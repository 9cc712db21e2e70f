#!/usr/bin/env bash
# afring-replay as its users call it: all packets, at the rate that was asked for, and one
# account of them.
# Usage: replay.sh AFRING_REPLAY MAN_PAGE
set -euo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"
replay=$1
man_page=$2
file=$work/made.pcap

ip link add va type veth peer name vb
ip link set va up
ip link set vb up
sleep 0.2

transmitted() { awk '$1 == "va:" { print $11 }' /proc/self/net/dev; }

# What the interface says, and what the program does: both the number expected.
sends() { # NAME PACKETS OPTION...
  local name=$1 packets=$2 before status=0
  shift 2
  before=$(transmitted)
  timeout 60 "$replay" -i va "$@" > "$work/said" 2> "$work/complaints" || status=$?
  check "$name ends well" 0 "$status"
  check "$name, of the interface" "$packets" "$(($(transmitted) - before))"
  check "$name, as it says" "$packets" "$(awk '{ print $1; exit }' "$work/said")"
  check "$name, left out" 0 "$(grep -c "not sent" "$work/said" || true)"
  check "$name, complaints" 0 "$(wc -l < "$work/complaints")"
}

took() { sed -n 's/.* in \([0-9.]*\) s.*/\1/p' "$work/said"; }

# Not sooner than it is to, and not for ever.
check_time() { # NAME LEAST
  check "$1, $2 s or more: $(took)" yes \
    "$(awk -v t="$(took)" -v least="$2" 'BEGIN { if (t >= least && t < least + 10) print "yes" }')"
}

refuses() { # NAME STATUS WORDS OPTION...
  local name=$1 expected=$2 words=$3 status=0
  shift 3
  timeout 60 "$replay" "$@" > "$work/said" 2>&1 || status=$?
  check "$name is refused" "$expected" "$status"
  check "$name, in words" 1 "$(grep -c -- "$words" "$work/said" || true)"
}

# a second of it, a packet each millisecond
python3 - "$file" <<'PY'
import struct, sys
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(1000):
        out.write(struct.pack("<IIII", 1700000000, i * 1000, 100, 100))
        out.write(bytes.fromhex("020000000002020000000001") + b"\x88\xb5" + bytes(86))
PY
gzip -k "$file"

sends "as captured" 1000 "$file"
check_time "as captured" 0.999
sends "twice as fast" 1000 -x 2 "$file"
check_time "twice as fast" 0.499
sends "compressed, at top speed" 1000 --topspeed "$file.gz"
sends "three rounds" 3000 -t --loop 3 "$file"
sends "packets a second" 1000 --pps 2000 "$file"
check_time "packets a second" 0.499
sends "megabits, over two rounds" 2000 --mbps 2 --loop 2 "$file"
check_time "megabits, over two rounds" 0.799
sends "so many" 70 -t --limit 70 "$file"
sends "so many of two files" 1500 -t -L 1500 "$file" "$file" "$file"
sends "two files, twice" 4000 -t -l 2 "$file" "$file"
sends "so many, for ever" 70 -t -l 0 -L 70 "$file"
sends "compressed, two rounds" 2000 -t -l 2 "$file.gz"

# what is before the damage is sent, once
{ cat "$file"; head -c 100 /dev/zero | tr '\0' '\377'; } >"$work/damaged.pcap"
for options in "-t" "--pps 5000" "-t --loop 3"; do
  before=$(transmitted) status=0
  # shellcheck disable=SC2086
  timeout 60 "$replay" -i va $options "$work/damaged.pcap" >"$work/said" 2>&1 || status=$?
  check "a damaged file, $options" 1 "$status"
  check "a damaged file, $options, of the interface" 1000 "$(($(transmitted) - before))"
  check "a damaged file, $options, in words" 1 "$(grep -c Corrupt "$work/said" || true)"
done

"$replay" -q -i va -t "$file" > "$work/said"
check "quiet" 0 "$(wc -c < "$work/said")"

# for ever, until an interrupt
before=$(transmitted)
"$replay" -i va -t -l 0 "$file" > "$work/said" &
pid=$!
pids+=("$pid")
has_sent() { [ "$(($(transmitted) - before))" -gt 3000 ]; }
await has_sent
kill -INT "$pid"
status=0
wait "$pid" || status=$?
check "an interrupt ends it" 0 "$status"
check "and it has sent some" yes \
  "$(awk '{ if ($1 > 1000) print "yes"; exit }' "$work/said")"

refuses "no interface" 2 "-i NAME" "$file"
refuses "no file" 2 "which file" -i va
refuses "no rate" 2 "A rate" -i va --pps nan "$file"
refuses "a rate of 0" 2 "A rate" -i va --mbps 0 "$file"
refuses "no address" 2 "An address" -i va --dst-mac x "$file"
refuses "two rates" 2 "Only one" -i va -t --pps 3 "$file"
refuses "no such interface" 1 nix -i nix "$file"
refuses "no such file" 1 "No such file" -i va "$work/nix.pcap"
refuses "what is no capture" 1 "afring-replay" -i va "$man_page"

# each option is in the manual
for option in $("$replay" --help | grep -oE -- '--[a-z0-9-]+' | sort -u); do
  case $option in --help*|--gst*) continue ;; esac
  grep -q -- "Fl -${option#--}" "$man_page" || check "$option" "in the manual" "not there"
done

finish
