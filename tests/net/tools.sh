# shellcheck shell=bash
# For the tests of programs that capture, to be sourced behind "set -eu": a folder of their
# own, in which they are then, a pair of interfaces, va and vb, and what they ask of both.
# What is started in the background ends with them.

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'kill -KILL $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

need_tools() {  # TOOL...
  local tool
  for tool; do
    if ! command -v "$tool" >/dev/null; then
      echo "skipped: $tool is not to be had"
      exit 77
    fi
  done
}

fail() {
  echo "FAIL $*"
  for log in *.log; do echo "== $log"; cat "$log"; done
  exit 1
}

expect() {  # STATUS COMMAND...
  local expected=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" = "$expected" ] || fail "$*: $status, not $expected"
}

until_true() {  # COMMAND...
  local end=$((SECONDS + 60))
  until "$@"; do
    ((SECONDS < end)) || fail "waited in vain for: $*"
    sleep 0.02
  done
}

is_up() {  # NAME
  ip -o link show "$1" | grep -q ' state UP '
}

make_link() {
  ip link add va type veth peer name vb
  ip link set va up
  ip link set vb up
  until_true is_up va
  until_true is_up vb
  index=$(ip -o link show vb | cut -d: -f1)
}

# One packet socket on vb is bound.
captures() {
  awk -v i="$index" '$5 == i && $6 == 1 { found = 1 } END { exit !found }' /proc/net/packet
}

# afring-record in the background, until it captures; on $interface, or vb.
record() {  # OPTION...
  "$program" -i "${interface:-vb}" "$@" &
  recorder=$!
  until captures; do
    kill -0 "$recorder" || fail "$* does not start"
    sleep 0.01
  done
}

port=2

# The first has the source port 1, the next 2, ...
send() {  # COUNT [PORT [BYTES]]
  trafgen -o va -n "$1" -q -P 1 "{ eth(da=02:00:00:00:00:99)
    ipv4(sa=10.0.0.1, da=10.0.0.2) udp(sp=dinc(1, 60000), dp=${2:-$port})
    fill(0x41, ${3:-20}) }" >/dev/null
}

# Packets in all of the files.
count() {  # FILE...
  capinfos -TrMc "$@" 2>/dev/null | awk '{ n += $2 } END { print n + 0 }'
}

# The law, of what one "send" has sent: the first SENT are in the files, once, in order, or
# counted as dropped, and the files are whole.
conserved() {  # SENT DROPPED FILE...
  NUMBER=source-port PORT=$port python3 "$tools/conservation.py" "$@" >conservation.log ||
    fail "conservation of ${*:3}"
}
