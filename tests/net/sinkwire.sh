#!/usr/bin/env bash
# Recordings back onto the wire, as tshark reads it on the other side: checksums that were
# left to a device are right, what is bigger than the MTU comes in pieces, tags are there,
# and RTP comes as it was recorded.
# Usage: sinkwire.sh
set -euo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname "$0")/../lib.sh"

# What an adapter would do the kernel has to do now: ETHTOOL_SGSO, ETHTOOL_STSO and
# ETHTOOL_STXCSUM of linux/ethtool.h.
offloads_off() { # INTERFACE
  python3 - "$1" <<'PY'
import array, fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    for command in 0x24, 0x1f, 0x17:
        value = array.array("B", struct.pack("II", command, 0))
        request = struct.pack("16sP16x", sys.argv[1].encode(), value.buffer_info()[0])
        fcntl.ioctl(any_socket, 0x8946, request)
PY
}

# Datagrams of all sizes, and more TCP than one packet holds; over lo nobody completes a
# checksum.
talk() {
  python3 - <<'PY'
import socket, threading
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink, \
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    sink.bind(("127.0.0.1", 7000))
    for size in range(1, 8000, 97):
        out.sendto(bytes(i & 255 for i in range(size)), ("127.0.0.1", 7000))
with socket.create_server(("127.0.0.1", 7001)) as server:
    def serve():
        with server.accept()[0] as connection:
            while connection.recv(65536):
                pass
    thread = threading.Thread(target=serve)
    thread.start()
    with socket.create_connection(("127.0.0.1", 7001)) as client:
        client.sendall(bytes(i % 251 for i in range(1000000)))
    thread.join()
PY
}

read_with() { # FILE ARGUMENT...
  tshark -nr "$1" -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
    -o ip.check_checksum:TRUE "${@:2}" 2>"$work/tshark.err"
}

bad="tcp.checksum.status == 0 || udp.checksum.status == 0 || ip.checksum.status == 0"
count() { read_with "$1" -Y "$2" -T fields -e frame.number | wc -l; }
sum() { read_with "$1" -Y "$2" -T fields -e "$3" | awk '{ n += $1 } END { print n + 0 }'; }

# Plays FILE out of va while vb is recorded into vb.pcapng.
replay() { # FILE PROPERTY...
  local file=$1
  shift
  rm -f "$work/vb.pcapng"
  start_tap "$work/tap.log" afringsrc interface=vb direction=in snaplen=262144 \
    ! pcapsink location="$work/vb.pcapng"
  gst-launch-1.0 -q filesrc location="$file" ! pcapdec ! afringsink interface=va "$@"
  sleep 0.3
  stop_tap
}

ip link add va type veth peer name vb
ip link set va up
ip link set vb up
offloads_off va

start_tap "$work/tap.log" afringsrc interface=lo ! pcapsink location="$work/lo.pcapng"
talk
sleep 0.3
stop_tap
lo=$work/lo.pcapng
all=$(count "$lo" frame)
check "of what lo has, checksums are left to a device" yes \
  "$([ "$(count "$lo" "$bad")" -gt 100 ] && echo yes)"
check "and packets are big" yes "$([ "$(count "$lo" "frame.len > 60000")" -gt 0 ] && echo yes)"

replay "$lo" sync=false
check "checksums that are bad" 0 "$(count "$work/vb.pcapng" "$bad")"
check "TCP with a good one" "$(count "$work/vb.pcapng" tcp)" \
  "$(count "$work/vb.pcapng" "tcp.checksum.status == 1")"
check "datagrams with a good one" "$(count "$lo" udp)" \
  "$(count "$work/vb.pcapng" "udp.checksum.status == 1")"
check "packets above the MTU" 0 "$(count "$work/vb.pcapng" "frame.len > 1514")"
check "bytes of TCP" "$(sum "$lo" tcp tcp.len)" "$(sum "$work/vb.pcapng" tcp tcp.len)"
check "bytes of UDP" "$(sum "$lo" udp udp.length)" "$(sum "$work/vb.pcapng" udp udp.length)"

replay "$lo" sync=false checksums=as-is oversize=skip
check "as it is, bad ones stay" "$(count "$lo" "($bad) && frame.len <= 1514")" \
  "$(count "$work/vb.pcapng" "$bad")"
check "what is too big stays out" "$(count "$lo" "frame.len <= 1514")" \
  "$(count "$work/vb.pcapng" frame)"

replay "$lo" sync=false vlan=42 dst-mac=02:00:00:00:00:42 src-mac=02:00:00:00:00:41
pieces=$(count "$work/vb.pcapng" frame)
check "more packets, in pieces" yes "$([ "$pieces" -gt "$all" ] && echo yes)"
check "with a tag and addresses" "$pieces" "$(count "$work/vb.pcapng" \
  "vlan.id == 42 && eth.dst == 02:00:00:00:00:42 && eth.src == 02:00:00:00:00:41")"
check "tagged, checksums that are bad" 0 "$(count "$work/vb.pcapng" "$bad")"
check "tagged, packets above the MTU" 0 "$(count "$work/vb.pcapng" "frame.len > 1518")"
check "tagged, bytes of TCP" "$(sum "$lo" tcp tcp.len)" "$(sum "$work/vb.pcapng" tcp tcp.len)"

# A call, played at its own time. How near to that depends on the machine: here it is
# only told.
rtp() { read_with "$1" -d udp.port==5004,rtp -Y rtp -T fields "${@:2}"; }
start_tap "$work/tap.log" afringsrc interface=lo filter="udp port 5004" \
  ! pcapsink location="$work/rtp.pcapng"
gst-launch-1.0 -q audiotestsrc is-live=true num-buffers=100 samplesperbuffer=160 \
  ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay max-ptime=20000000 \
  ! udpsink host=127.0.0.1 port=5004
sleep 0.3
stop_tap
replay "$work/rtp.pcapng" spin-time=100000
for file in rtp vb; do
  rtp "$work/$file.pcapng" -e rtp.ssrc -e rtp.seq -e rtp.timestamp -e rtp.payload \
    > "$work/$file.txt"
  rtp "$work/$file.pcapng" -e frame.time_relative > "$work/$file.times"
done
check_same "RTP as it was recorded" "$work/rtp.txt" "$work/vb.txt"
paste "$work/rtp.times" "$work/vb.times" | awk '
  { d = $2 - $1; if (d < 0) d = -d; if (d > most) most = d; last = d; n++ }
  END { printf "at most %.0f us off its time, %.0f us at the end\n", most * 1e6, last * 1e6
        exit !(n > 50 && last < 0.5) }' || check "times of RTP" near far

finish
