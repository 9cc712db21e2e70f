#!/usr/bin/env bash
# Usage: quickstart.sh [INTERFACE SECONDS]
#
# Installs what is missing, builds gst-afring and records packets into a pcapng
# file. Without arguments it needs neither root nor a network: it makes traffic
# in a network namespace of its own, records it and checks that every packet is
# in the file. With arguments it records INTERFACE for so many SECONDS, 0 for
# until Ctrl-C; that takes root or CAP_NET_RAW.
#
# Where not even a namespace is permitted, it says so and records synthetic
# packets from the mock ring, which is the same ring without a network.
#
# Environment:
#   OUTPUT     the file to record into (./quickstart.pcapng)
#   BUILD_DIR  where to build (build-quickstart in the source tree)

set -euo pipefail

# start_recorder looks for an English message
export LC_ALL=C.UTF-8

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$(realpath -m "${BUILD_DIR:-$top/build-quickstart}")
output=$(realpath -m "${OUTPUT:-quickstart.pcapng}")
log=$build_dir/quickstart.log
pings=20
datagrams=100
mock=

# shellcheck source=examples/packages.sh
source "$top/examples/packages.sh"

# Succeeds if the recorder ends within so many seconds.
recorder_ends_within() {
  timeout --foreground "$1" tail --pid="$recorder" -s 0.1 -f /dev/null
}

# Returns when packets are being captured.
start_recorder() {
  # in a session of its own, so that Ctrl-C reaches it through this script only:
  # a second SIGINT would cut the file off
  : >"$log"
  setsid "${pipeline[@]}" >"$log" 2>&1 </dev/null &
  recorder=$!
  trap 'kill -INT "$recorder" 2>/dev/null && wait "$recorder"' EXIT

  # The capture starts in PAUSED, before this message. The first start takes
  # longer, because GStreamer looks through all its plugins.
  for _ in {1..600}; do
    if grep -q 'to PLAYING' "$log" && [[ -e $output.part ]]; then return; fi
    kill -0 "$recorder" 2>/dev/null || break
    sleep 0.1
  done
  die "$(<"$log")" "The recording did not start"
}

# The file is complete when this returns.
stop_recorder() {
  # if it has ended by itself, its status tells why
  kill -INT "$recorder" 2>/dev/null || true
  recorder_ends_within 30 || kill -KILL "$recorder"
  trap - EXIT
  wait "$recorder" || die "$(<"$log")" "The recording failed"
}

make_traffic() {
  quietly ping -c "$pings" -i 0.02 127.0.0.1
  for ((i = 1; i <= datagrams; i++)); do
    # a socket each, as the "port unreachable" for one is an error on its socket
    echo "datagram $i" >/dev/udp/127.0.0.1/9
  done
}

# Records from the mock ring, which takes no privilege.
record_mock() {
  printf '%s\n' "To make a network namespace is not permitted here. Any of these helps:" \
    "  run this as root, in a container with CAP_SYS_ADMIN" \
    "  sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=9999" \
    "  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (with AppArmor)" \
    "  as root, record an interface that is there: $0 INTERFACE SECONDS" \
    "Recording $datagrams synthetic packets from the MOCK RING instead: no real traffic"
  mock=1
  pipeline=(gst-launch-1.0 afringmocksrc "num-buffers=$datagrams" '!'
    pcapsink "location=$output")
  "${pipeline[@]}" >"$log" 2>&1 </dev/null || die "$(<"$log")" "The recording failed"
}

# Runs this script in a network namespace, as root or as root of a user namespace.
record_namespace() {
  local namespace
  for namespace in -n -Urn; do
    if unshare "$namespace" ip link set lo up 2>/dev/null; then
      unshare "$namespace" bash "${BASH_SOURCE[0]}" --in-namespace
      return
    fi
  done
  record_mock
}

# How many packets of the file match a filter, or all.
count() {
  tcpdump --count -nr "$output" "$@" 2>/dev/null | cut -d' ' -f1 ||
    die "tcpdump cannot read $output"
}

report() {
  local command packets
  printf -v command ' %q' "${pipeline[@]}"
  packets=$(count)
  printf '\nRecorded %s: %s bytes, %s packets. The first of them:\n\n' \
    "$output" "$(stat -c %s "$output")" "$packets"
  tcpdump -nr "$output" -c 10 2>/dev/null
  printf '\nThe command was\n\n  GST_PLUGIN_PATH=%q%s\n\n' \
    "$GST_PLUGIN_PATH" "${command/\\!/!}"
}

check_complete() {
  local sent=$((2 * pings + datagrams)) found # each ping is answered
  if [[ $mock ]]; then
    found=$(count)
    echo "Played $datagrams synthetic packets through the mock ring, in the file $found"
    ((found == datagrams)) || die "The file is not complete"
    return
  fi
  found=$(count "udp dst port 9 or icmp[0] == icmp-echo or icmp[0] == icmp-echoreply")
  echo "Sent $sent ($pings pings, as many replies, $datagrams datagrams)," \
    "in the file $found"
  ((found == sent)) || die "The file is not complete"
}

case $#:${1-} in
  0: | 1:--in-namespace) interface=lo ;;
  2:[!-]*) interface=$1 ;;
  1:-h | 1:--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
  *) die "Usage: $0 [INTERFACE SECONDS]" ;;
esac
[[ ${2-0} =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "Not a number of seconds: $2"
[[ ! -e $output || -f $output ]] || die "$output is not a file"

export GST_PLUGIN_PATH=$build_dir/plugin GST_REGISTRY=$build_dir/registry.bin
pipeline=(gst-launch-1.0 -e afringsrc "interface=$interface" '!'
  pcapsink "location=$output")

if [[ ${1-} == --in-namespace ]]; then
  ip link set lo up
  start_recorder
  make_traffic
  stop_recorder
  exit
fi

need_packages "${base_packages[@]}"
echo "Building in $build_dir"
build "$top" "$build_dir" --buildtype=release -Dtests=disabled \
  -Dexamples=disabled -Ddocs=disabled -Dintrospection=disabled

if (($# == 0)); then
  echo "Recording pings and datagrams in a network namespace of its own"
  record_namespace
else
  start_recorder
  echo "Recording $1 for $2 seconds; Ctrl-C ends it earlier"
  trap : INT
  recorder_ends_within "$2" || true
  trap - INT
  stop_recorder
fi
report
(($# > 0)) || check_complete
