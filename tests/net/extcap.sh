#!/usr/bin/env bash
# afring-extcap, as Wireshark runs it: tshark lists interfaces and captures through it.
# Argument: the program.
set -eu
program=$(realpath "$1")
# shellcheck source=tests/net/tools.sh
source "$(dirname "$0")/tools.sh"
need_tools trafgen tshark capinfos
port=5004

# The user's own extcap folder, of Wireshark 4.0 and of later ones; the environment variable
# WIRESHARK_EXTCAP_DIR means nothing to root's. The registry is what GStreamer makes when it
# is initialised.
export HOME=$folder/home XDG_CONFIG_HOME=$folder/home/.config GST_REGISTRY=$folder/registry.bin
for place in .config .local/lib; do
  mkdir -p "$HOME/$place/wireshark/extcap"
  ln -s "$program" "$HOME/$place/wireshark/extcap"
done

make_link
ip link add vc type veth peer name vd
# where there is no /dev/net/tun, it is not looked at
tun=
ip tuntap add mode tun name tun0 2>/dev/null || true
if ip link show tun0 >/dev/null 2>&1; then tun=tun0; fi

is_over() {
  ! captures
}

# 1. the answers, for which GStreamer is not initialised
"$program" --extcap-interfaces --extcap-version=4.0 >list.log
grep -q '^extcap {version=[0-9.]*}{help=[^}]*}{display=[^}]*}$' list.log || fail "no extcap line"
listed=$(sed -n 's/^interface {value=afring:\([^}]*\)}{display=[^}]*}$/\1/p' list.log)
up=$(head -n 2 <<<"$listed" | sort | tr '\n' ' ')
down=$(sed '1,3d;$d' <<<"$listed" | sort | tr '\n' ' ')
[ "$up" = "va vb " ] && [ "$(sed -n 3p <<<"$listed")" = any ] &&
  [ "$down" = "${tun:+tun0 }vc vd " ] && [ "$(tail -n 1 <<<"$listed")" = lo ] ||
  fail "interfaces: $listed"
for pair in vb:1:EN10MB lo:1:EN10MB any:276:LINUX_SLL2 ${tun:+tun0:101:RAW}; do
  IFS=: read -r name number word <<<"$pair"
  "$program" --extcap-dlts --extcap-interface "afring:$name" >dlts.log
  grep -q "^dlt {number=$number}{name=$word}{display=[^}]*}$" dlts.log || fail "dlt of $name"
done
expect 1 "$program" --extcap-dlts --extcap-interface afring:nosuch 2>error.log
grep -q nosuch error.log || fail "no word of nosuch"
"$program" --extcap-config --extcap-interface afring:vb >config.log
for call in promiscuous snaplen buffer-size netns record; do
  grep -q "^arg {number=[0-9]}{call=--$call}{display=[^}]*}{type=" config.log || fail "no --$call"
done
[ -z "$("$program" --extcap-interface afring:vb --extcap-capture-filter "udp port 5004")" ] ||
  fail "a filter is refused"
"$program" --extcap-interface afring:vb --extcap-capture-filter "udp prot 5004" >filter.log
[ "$(wc -l <filter.log)" = 1 ] && grep -q "udp prot" filter.log || fail "a filter is not refused"
for wrong in "" "--capture" "--capture --extcap-interface afring:vb" "--nosuch" "extra" \
  "--extcap-dlts --extcap-interface vb" \
  "--capture --extcap-interface afring:vb --fifo f --record-files 3"; do
  expect 2 "$program" $wrong 2>error.log
done
[ ! -e registry.bin ] || fail "GStreamer was initialised"

# 2. tshark lists and captures
tshark -D >interfaces.log 2>tshark.log
grep -q "^[0-9]*\. afring:vb (vb " interfaces.log || fail "tshark does not list afring:vb"
[ ! -e registry.bin ] || fail "GStreamer was initialised to list"

watch() {  # ARGUMENT OF TSHARK...; what it prints is in packets.log
  : >packets.log
  tshark -i afring:vb -T fields -e udp.srcport "$@" >>packets.log 2>tshark.log &
  reader=$!
  until_true captures
}

# tshark has ended well, and so has what it started.
watched() {
  expect 0 wait "$reader"
  reader=
  until_true is_over
}

watch -c 10
send 10
watched
[ "$(tr '\n' ' ' <packets.log)" = "1 2 3 4 5 6 7 8 9 10 " ] || fail "packets"
[ -e registry.bin ] || fail "the registry says nothing"

watch -f "udp port 5004" -c 3
send 5 5006
send 3
watched
[ "$(tr '\n' ' ' <packets.log)" = "1 2 3 " ] || fail "packets of a filter"

status=0
tshark -i afring:vb -f "udp prot 5004" >packets.log 2>tshark.log || status=$?
[ "$status" != 0 ] && grep -q "udp prot" tshark.log || fail "an invalid filter: $status"

# 3. a recording beside a reader that stops reading: it has everything, the reader what there
# was room for
has() {  # FILE PACKETS
  [ "$(count "$1")" = "$2" ]
}

capture() {  # ARGUMENT...
  "$program" --capture --extcap-interface afring:vb --fifo fifo "$@" 2>capture.log &
  extcap=$!
  until_true captures
}

mkfifo fifo
read_fifo() {
  : >packets.log
  tshark -l -r fifo -T fields -e udp.srcport >>packets.log 2>tshark.log &
  reader=$!
}

read_fifo
capture --record all.pcapng --snaplen 0 --promiscuous
send 10
until_true grep -q '^10$' packets.log
kill -STOP "$reader"
sent=10
# 84 MB, in pieces that the ring has room for many times over, however busy the machine
for _ in {1..30}; do
  send 2000 5004 1350
  sent=$((sent + 2000))
  until_true has all.pcapng.part "$sent"
done
kill -TERM "$extcap"
expect 0 wait "$extcap"
extcap=
has all.pcapng "$sent" || fail "$(count all.pcapng) of $sent packets"
[ "$(stat -c %a all.pcapng)" = 600 ] || fail "mode of all.pcapng"
lost=$(sed -n 's/^afring-extcap: \([0-9]*\) packets were not shown, .* all.pcapng$/\1/p' \
  capture.log)
[ "${lost:-0}" -gt 0 ] && [ "$lost" -lt "$sent" ] || fail "packets that were not shown: $lost"
kill -CONT "$reader"
wait "$reader" || true
reader=

# 4. the reader goes away: with packets, and without, the end is the same
for send_more in true false; do
  rm -f gone.pcapng
  read_fifo
  capture --record gone.pcapng
  send 10
  until_true grep -q '^10$' packets.log
  kill -KILL "$reader"
  wait "$reader" 2>/dev/null || true
  reader=
  if $send_more; then send 5; fi
  expect 0 wait "$extcap"
  extcap=
  [ ! -s capture.log ] || fail "words at the end"
  [ "$(count gone.pcapng)" -ge 10 ] || fail "gone.pcapng"
done

# 5. files by size, the newest two; INT
read_fifo
capture --record turn.pcapng --record-size 1 --record-files 2 --netns /proc/self/ns/net \
  --buffer-size 16 --extcap-capture-filter "udp port 5004"
send 3000 5004 1350
until_true grep -q '^3000$' packets.log
kill -INT "$extcap"
expect 0 wait "$extcap"
extcap=
wait "$reader"
reader=
[ "$(wc -l <packets.log)" = 3000 ] || fail "the reader has $(wc -l <packets.log)"
files=(turn_0000[0-9]_2*.pcapng)
[ "${#files[@]}" = 2 ] || fail "files of turn: ${files[*]}"

# 6. errors: one line, and no file
expect 1 "$program" --capture --extcap-interface afring:nosuch --fifo fifo --record bad.pcapng \
  2>error.log
[ "$(wc -l <error.log)" = 1 ] && grep -q nosuch error.log || fail "no word of nosuch"
expect 1 "$program" --capture --extcap-interface afring:vb --fifo nosuch/fifo --record bad.pcapng \
  2>error.log
[ "$(wc -l <error.log)" = 1 ] && grep -q nosuch/fifo error.log || fail "no word of nosuch/fifo"
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
  expect 1 setpriv --inh-caps=-net_raw --bounding-set=-net_raw "$program" --capture \
    --extcap-interface afring:vb --fifo fifo 2>error.log
  [ "$(wc -l <error.log)" = 1 ] && grep -q "CAP_NET_RAW.*setcap cap_net_raw+ep /" error.log ||
    fail "no word of the privilege"
fi
[ ! -e bad.pcapng ] && [ ! -e bad.pcapng.part ] || fail "a file of nothing"
echo "ok"
