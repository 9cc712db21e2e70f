# shellcheck shell=bash
# For the tests of this folder, to be sourced: a link that ends nowhere, and
# pipelines that send on one side of it and tap the other.

# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

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
