#!/usr/bin/env bash
# afring-record, as somebody leaves it alone for weeks: a pre-roll, what a crash leaves,
# another user, what watches it, what is run for each file.
# Arguments: the program, the folder of what is installed beside it.
set -eu
program=$(realpath "$1") data=$(realpath "$2")
# shellcheck source=tests/net/tools.sh
source "$(dirname "$0")/tools.sh"
need_tools trafgen tshark capinfos curl python3
ip link set lo up
make_link

metric() {  # NAME, of metrics.prom
  awk -v name="afring_$1" '$1 == name { print $2 }' metrics.prom
}

# Waits until that many have been captured.
captured() {
  until [ "$(metric captured_packets_total)" = "$1" ]; do
    kill -0 "$recorder" || fail "it ended before it had $1"
    sleep 0.05
  done
}

# 1. armed: nothing is written; USR2 is a trigger; then a packet is
record -w one.pcapng --pre-roll 1h --post-roll 1h --metrics metrics.prom 2>one.log
send 20
captured 20
[ -z "$(ls one*.pcapng* 2>/dev/null)" ] || fail "a file without a trigger"
[ "$(metric held_bytes)" -gt 0 ] || fail "nothing is held"
if command -v promtool >/dev/null; then
  promtool check metrics < metrics.prom || fail "promtool"
fi
[ "$(stat -c %a metrics.prom)" = 644 ] || fail "mode of metrics"
kill -USR2 "$recorder"
until_true test -e one.pcapng.part
send 5
kill -TERM "$recorder"
expect 0 wait "$recorder"
[ "$(count one.pcapng)" = 25 ] || fail "one.pcapng"
capinfos -k one.pcapng | grep -q "Triggered at .*Z: SIGUSR2" || fail "no comment"
grep -q "^1 trigger$" one.log || fail "summary of one"
[ "$(metric triggers_total)" = 1 ] && [ "$(metric recorded_packets_total)" = 25 ] ||
  fail "metrics of one"

record -w two.pcapng --pre-roll 1h --trigger "udp dst port 7" -a files:1 --post-roll 100ms 2>two.log
send 10
send 1 7
until_true test -e two.pcapng
expect 0 wait "$recorder"
[ "$(count two.pcapng)" = 11 ] || fail "two.pcapng"

# RTP is none, until the network loses some of it
rtp() {  # FIRST, LAST number
  python3 - "$1" "$2" <<'P'
import socket, struct, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.bind(('127.0.0.1', 4000))
for i in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    sender.sendto(struct.pack('>BBHII', 0x80, 0, i, i * 160, 0x11223344) + bytes(160),
                  ('127.0.0.1', 5004))
P
}
index=1 interface=lo record -q -f "udp dst port 5004" -w rtp.pcapng --pre-roll 1h --post-roll 1h \
  --trigger-rtp-loss --metrics metrics.prom 2>rtp.log
rtp 1 100
captured 100
[ -z "$(ls rtp*.pcapng* 2>/dev/null)" ] || fail "a trigger without a loss"
rtp 104 150
until_true test -e rtp.pcapng.part
kill -TERM "$recorder"
expect 0 wait "$recorder"
[ "$(count rtp.pcapng)" = 147 ] || fail "rtp.pcapng"
capinfos -k rtp.pcapng | grep -q "Z: 3 RTP packets lost, SSRC 0x11223344, from 127.0.0.1" ||
  fail "comment of rtp.pcapng"

# 2. so many files and no more; folders are made; each finished one is shown to a command
record -w "day/%Y/f%05d.pcapng" -b packets:10 -a files:3 \
  --exec "sh -c 'capinfos -TrMc \"\$0\" >> done.txt'" 2>three.log
send 45
expect 0 wait "$recorder"
[ "$(ls day/*/*)" = "$(ls day/*/f0000[012].pcapng)" ] && [ "$(count day/*/f*.pcapng)" = 30 ] ||
  fail "three: $(ls -R day)"
conserved 30 0 day/*/f*.pcapng
[ "$(awk '{ print $2 }' done.txt | tr '\n' ' ')" = "10 10 10 " ] || fail "done.txt"
expect 1 "$program" -i vb -w four.pcapng -a duration:10ms --exec false 2>four.log
grep -q "false" four.log || fail "a command that fails"
# one that does not end is not waited for when that is asked for once more
"$program" -i vb -w endless.pcapng -a duration:10ms \
  --exec "sh -c 'echo \$\$ >exec.pid; exec sleep 300'" 2>endless.log &
recorder=$!
until_true test -s exec.pid
kill -INT "$recorder"
expect 1 wait "$recorder"
kill "$(cat exec.pid)"
grep -q "not waited for; it still runs for 1 file" endless.log || fail "endless.log"

# 3. what kill -9 leaves is whole up to the last flush
record -w five.pcapng --metrics metrics.prom 2>five.log
send 50
captured 50
until_true sh -c '[ "$(capinfos -TrMc five.pcapng.part 2>/dev/null | cut -f2)" = 50 ]'
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null || true
"$program" --recover . | tee recover.log | grep -q "^./five-recovered.pcapng: 50 packets" ||
  fail "recover"
[ "$(count five-recovered.pcapng)" = 50 ] && [ ! -e five.pcapng.part ] || fail "recovered"
conserved 50 0 five-recovered.pcapng
# and what was killed while it was triggered, by the next one of that name
record -w five.pcapng --pre-roll 1h --metrics metrics.prom 2>six.log
send 30
captured 30
kill -USR2 "$recorder"
until_true sh -c '[ "$(capinfos -TrMc five.pcapng.part 2>/dev/null | cut -f2)" = 30 ]'
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null || true
record -w five.pcapng 2>seven.log
# one that is written is not touched, and not written twice
expect 1 "$program" -i vb -w five.pcapng -a duration:10ms 2>eight.log
grep -q "written by somebody else" eight.log || fail "two of one name"
until_true test -e five-recovered-2.pcapng
kill -TERM "$recorder"
expect 0 wait "$recorder"
[ "$(count five-recovered-2.pcapng)" = 30 ] || fail "recovered by the next"
conserved 30 0 five-recovered-2.pcapng
grep -q "five-recovered-2.pcapng" seven.log || fail "not said"

# 4. over HTTP, for several
record -w nine.pcapng --metrics :9199 2>nine.log
send 3
until_true sh -c 'curl -s http://127.0.0.1:9199/metrics > http.txt &&
  grep -q "^afring_captured_packets_total 3$" http.txt'
tail -1 http.txt | grep -qx '# EOF' && grep -q "^# TYPE afring_files counter$" http.txt ||
  fail "not OpenMetrics"
curl -sI -X GET http://127.0.0.1:9199/ | grep -q "^Content-Type: application/openmetrics-text" ||
  fail "type"
kill -TERM "$recorder"
expect 0 wait "$recorder"
expect 1 "$program" -i vb -w ten.pcapng --metrics x:y 2>ten.log

# 5. as somebody else, where that can be
chmod 777 .
if setpriv --reuid=nobody --clear-groups test -x "$program" 2>/dev/null; then
  record -w eleven.pcapng -Z nobody 2>eleven.log
  [ "$(awk '/CapEff/ { print $2 }' "/proc/$recorder/status")" = 0000000000002000 ] ||
    fail "capabilities"
  send 4
  kill -TERM "$recorder"
  expect 0 wait "$recorder"
  [ "$(count eleven.pcapng)" = 4 ] || fail "eleven"
  conserved 4 0 eleven.pcapng
  [ "$(stat -c %U eleven.pcapng)" = nobody ] || fail "owner"
fi
# whoever has more than it takes keeps the one, and what is started gets none
if setpriv --reuid=nobody --clear-groups test -x "$program" 2>/dev/null &&
  setpriv --reuid=nobody --clear-groups --inh-caps=-all,+net_raw,+sys_nice \
    --ambient-caps=-all,+net_raw,+sys_nice true 2>/dev/null; then
  setpriv --reuid=nobody --clear-groups --inh-caps=-all,+net_raw,+sys_nice \
    --ambient-caps=-all,+net_raw,+sys_nice env HOME="$PWD" \
    "$program" -i vb -q -w several.pcapng 2>several.log &
  recorder=$!
  until captures; do
    kill -0 "$recorder" || fail "several does not start"
    sleep 0.01
  done
  for of in "/proc/$recorder/status" "/proc/$recorder/task"/*/status; do
    [ "$(awk '/^Cap(Prm|Eff|Inh|Amb)/ { print $2 }' "$of" | sort -u | tr '\n' ' ')" = \
      "0000000000000000 0000000000002000 " ] || fail "capabilities: $(grep Cap "$of")"
  done
  [ "$(awk '/^CapAmb/ { print $2 }' "/proc/$recorder/status")" = 0000000000000000 ] ||
    fail "ambient"
  send 4
  kill -TERM "$recorder"
  expect 0 wait "$recorder"
  [ "$(stat -c %a several.pcapng)" = 600 ] || fail "mode"
fi
expect 1 "$program" -i vb -Z no-such-user -w twelve.pcapng 2>twelve.log

# the name of an interface is no command, wherever it is written
name='q;>x$(>y)`>z`'
ip link add "$name" type veth peer name other
ip link set "$name" up
ip link set other up
until_true is_up other
expect 0 "$program" -q -i "$name" -w named.pcapng -a duration:10ms --metrics named.prom \
  --exec "sh -c 'echo done >> named.txt'" 2>named.log
until_true test -s named.txt
ip link del "$name"
[ -z "$(ls x y z 2>/dev/null)" ] || fail "a shell has read the name of an interface"

# 6. a service manager hears that it is ready, alive, and ends
python3 - <<'P' &
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
said = []
while "STOPPING=1" not in said:
    said.append(s.recv(100).decode())
assert said[0] == "READY=1" and "WATCHDOG=1" in said, said
P
listener=$!
until_true test -e notify
NOTIFY_SOCKET=$folder/notify WATCHDOG_USEC=100000 \
  "$program" -i vb -w thirteen.pcapng -a duration:1s 2>thirteen.log
wait "$listener" || fail "notify"
if command -v systemd-analyze >/dev/null; then
  sed "s,^ExecStart=[^ ]*,ExecStart=$program," "$data/afring-record@.service" \
    > afring-record@vb.service
  systemd-analyze verify --man=no ./afring-record@vb.service 2>verify.log || true
  ! grep afring-record verify.log || fail "unit"
  # tenths, of 100
  systemd-analyze security --offline=true --threshold=20 ./afring-record@vb.service \
    >security.log 2>&1 || fail "$(tail -1 security.log)"
fi

# 7. the shell completes what there is
(
  . "$data/afring-record.bash"
  COMP_WORDS=(afring-record -i v) COMP_CWORD=2
  _afring_record
  [ "${COMPREPLY[*]}" = "va vb" ] || [ "${COMPREPLY[*]}" = "vb va" ] ||
    fail "completion: ${COMPREPLY[*]}"
  COMP_WORDS=(afring-record --pre) COMP_CWORD=1
  _afring_record
  [ "${COMPREPLY[*]}" = "--pre-roll --pre-roll-size" ] || fail "completion: ${COMPREPLY[*]}"
)
"$program" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
  grep -qF -- "$option" "$data/afring-record.bash" || fail "$option is not completed"
done
echo "ok"
