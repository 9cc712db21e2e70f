# shellcheck shell=bash
# For the tests of this folder, to be sourced: a link that ends nowhere, and
# pipelines that send on one side of it and tap the other.

work=$(mktemp -d)
failures=0
pids=()
# what runs a tap; it must speak as this does, and end upon an interrupt
launcher=(gst-launch-1.0 -e)

cleanup() {
  for pid in "${pids[@]}"; do
    kill -TERM "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

check() { # NAME EXPECTED FOUND
  if [ "$2" = "$3" ]; then
    echo "ok   $1: $3"
  else
    echo "FAIL $1: expected $2, found $3"
    failures=$((failures + 1))
  fi
}

# Compares two files of lines.
check_same() { # NAME EXPECTED FOUND
  if [ -s "$2" ] && cmp -s "$2" "$3"; then
    echo "ok   $1: $(wc -l < "$2") lines"
  else
    echo "FAIL $1: $(wc -l < "$2") lines expected, $(wc -l < "$3") found"
    diff "$2" "$3" | cut -c 1-100 | head -n 10 || true
    failures=$((failures + 1))
  fi
}

finish() {
  [ "$failures" = 0 ]
}

# Waits, for SECONDS at most, until a command succeeds.
await_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  while ! "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# va sends to 10.9.0.2 and fd00:9::2, which nobody has, with a static neighbour
# in the place of ARP: all of it arrives at vb, for which there is no socket but
# the tap's.
add_link() {
  ip link add va type veth peer name vb
  ip link set vb up
  ip link set va up
  add_addresses va
}

add_addresses() { # INTERFACE
  local mac=02:00:00:00:00:99
  ip address add 10.9.0.1/24 dev "$1"
  ip neighbour add 10.9.0.2 lladdr "$mac" dev "$1" nud permanent
  # off in the whole namespace, see in-namespace.sh
  if echo 0 > "/proc/sys/net/ipv6/conf/$1/disable_ipv6"; then
    ip address add fd00:9::1/64 dev "$1" nodad
    ip neighbour add fd00:9::2 lladdr "$mac" dev "$1" nud permanent
  fi
}

# Starts a pipeline and waits until it plays; its process is in $tap.
start_tap() { # LOG PIPELINE...
  local log=$1
  shift
  touch "$log"
  # in the foreground, or timeout would hand on one interrupt twice
  timeout --foreground -k 5 60 "${launcher[@]}" "$@" > "$log" 2>&1 &
  tap=$!
  pids+=("$tap")
  if ! await_for 15 grep -q "Setting pipeline to PLAYING" "$log"; then
    echo "FAIL: does not play: $*"
    tail -n 5 "$log"
    exit 1
  fi
  sleep 0.3
}

# As Ctrl-C does; what is under way comes to its end.
stop_tap() {
  local status=0
  kill -INT "$tap" 2>/dev/null || true
  wait "$tap" || status=$?
  check "the tap ends well" 0 "$status"
}

# A pipeline that ends by itself.
run() { # LOG PIPELINE...
  local log=$1 status=0
  shift
  timeout 40 gst-launch-1.0 "$@" > "$log" 2>&1 || status=$?
  if [ "$status" != 0 ]; then
    echo "FAIL: ended with $status: $*"
    grep -E 'ERROR|WARNING|not' "$log" | head -n 5 || true
    failures=$((failures + 1))
  fi
}

# The checksums that checksumsink has printed, one for each buffer. It prints
# a time before each.
sums() { # LOG
  grep -oE '^[0-9]+:[0-9:.]+ [0-9a-f]{40,}$' "$1" | cut -d ' ' -f 2 || true
}

there_are() { # NUMBER LOG
  [ "$(sums "$2" | wc -l)" -ge "$1" ]
}

# Waits until as many have been printed there as here.
await_sums() { # HERE THERE
  await_for 10 there_are "$(sums "$1" | wc -l)" "$2" || true
}
