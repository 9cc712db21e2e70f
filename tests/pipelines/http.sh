#!/usr/bin/env bash
# MPEG-TS over HTTP: what a client has loaded is in the capture, byte for byte, and so are
# its pictures; a request of SIP over TCP is text.
# Usage: http.sh
set -euo pipefail

# shellcheck source=tests/pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

frames=45
run "$work/make.log" videotestsrc num-buffers=$frames \
  ! "video/x-raw,format=I420,width=320,height=240,framerate=30/1" \
  ! openh264enc ! h264parse config-interval=-1 ! mpegtsmux ! filesink location="$work/a.ts"

# a server, and a client of each kind, on a loopback of their own
cat > "$work/serve.py" <<'END'
import http.client, pathlib, socket, sys, threading
ts = pathlib.Path(sys.argv[1]).read_bytes()
def serve(server, answer):
    peer, _ = server.accept()
    peer.recv(4096)
    peer.sendall(answer)
    peer.close()
def start(port, answer):
    server = socket.create_server(('127.0.0.1', port))
    threading.Thread(target=serve, args=(server, answer)).start()
start(8000, b'HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n' + ts)
client = http.client.HTTPConnection('127.0.0.1', 8000)
client.request('GET', '/a.ts')
pathlib.Path(sys.argv[2]).write_bytes(client.getresponse().read())
start(5060, b'SIP/2.0 200 OK\r\n\r\n')
sip = socket.create_connection(('127.0.0.1', 5060))
for part in b'OPTIONS sip:a@b SIP/2.0\r\n', b'Max-Forwards: 70\r\n\r\n':
    sip.sendall(part)
sip.recv(4096)
sip.close()
END
start_tap "$work/tap.log" afringsrc interface=lo filter="tcp" \
  ! pcapsink location="$work/a.pcapng" flush-interval=10000000
python3 "$work/serve.py" "$work/a.ts" "$work/loaded.ts"
all_is_there() {
  run "$work/count.log" filesrc location="$(ls "$work"/a.pcapng*)" ! pcapdec \
    ! packetfilter filter="src port 5060 and tcp[tcpflags] & tcp-fin != 0" \
    ! filesink location="$work/fin"
  [ -s "$work/fin" ]
}
await_for 10 all_is_there || true
stop_tap
check "loaded" "$(sha1sum < "$work/a.ts")" "$(sha1sum < "$work/loaded.ts")"

read_flow() { # LOG FILTER ELEMENTS...
  local log=$1 filter=$2
  shift 2
  run "$log" filesrc location="$work/a.pcapng" ! pcapdec ! packetfilter filter="$filter" \
    ! flowdemux tcp-reassembly=true protocol=tcp ! "$@"
}
read_flow "$work/http.log" "src port 8000" filesink location="$work/http"
check "transport stream" "$(sha1sum < "$work/a.ts")" \
  "$(tail -c "$(wc -c < "$work/a.ts")" "$work/http" | sha1sum)"
read_flow "$work/seen.log" "src port 8000" \
  capssetter caps="video/mpegts,systemstream=true" replace=true join=false \
  ! tsparse ! tsdemux ! h264parse ! openh264dec ! checksumsink hash=sha1 sync=false
run "$work/reference.log" filesrc location="$work/a.ts" ! tsparse ! tsdemux ! h264parse \
  ! openh264dec ! checksumsink hash=sha1 sync=false
sums "$work/reference.log" > "$work/sent"
sums "$work/seen.log" > "$work/seen"
check "pictures in it" $frames "$(wc -l < "$work/sent")"
check_same "pictures" "$work/sent" "$work/seen"
read_flow "$work/sip.log" "dst port 5060" filesink location="$work/sip"
check "SIP" "OPTIONS sip:a@b SIP/2.0 Max-Forwards: 70 " "$(tr -s '\r\n' ' ' < "$work/sip")"
finish
