#!/usr/bin/env bash
# What packetdecap makes of a capture of tunnels against what tshark finds innermost in it:
# the same payloads of UDP, in a file that tshark and capinfos read.
# Usage: decap.sh TUNNEL-CAPTURES, the program that writes the captures.
set -euo pipefail

for tool in tshark capinfos mergecap; do
  if ! command -v "$tool" > /dev/null; then
    echo "skipped: no $tool"
    exit 77
  fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# nobody's preferences
export HOME=$work XDG_CONFIG_HOME=$work WIRESHARK_CONFIG_DIR=$work
export LC_ALL=C

payloads() { tshark -n -r "$1" -T fields -E occurrence=l -e udp.payload; }

"$1" "$work" > "$work/names"
count=$(wc -l < "$work/names")
mergecap -w "$work/all.pcapng" "$work"/link-*.pcap
gst-launch-1.0 -q filesrc location="$work/all.pcapng" ! pcapdec ! packetdecap others=drop \
  ! pcapsink location="$work/out.pcapng"
payloads "$work/all.pcapng" | paste "$work/names" - > "$work/right"
payloads "$work/out.pcapng" | paste "$work/names" - > "$work/ours"
diff "$work/right" "$work/ours"
if awk -F '\t' '$2 == ""' "$work/ours" | grep .; then
  echo "those have no payload"
  exit 1
fi

# an interface for each link type, and all packets
capinfos "$work/out.pcapng" > "$work/info"
grep -q 'Encapsulation = Raw IP' "$work/info"
grep -q 'Encapsulation = Ethernet' "$work/info"
[ "$(capinfos -c -M -T -r "$work/out.pcapng" | cut -f 2)" = "$count" ]
[ "$count" -gt 30 ]
echo "$count tunnels"
