#!/usr/bin/env bash
# afring-record, as somebody types it: files, rotation, ends, signals, statuses.
# Arguments: the program, its man page.
set -eu
program=$(realpath "$1") man=$2
# shellcheck source=tests/net/tools.sh
source "$(dirname "$0")/tools.sh"
need_tools trafgen tshark capinfos gzip zstd
make_link

# Asks, until it has so many.
recorded() {
  until grep -q "^$1 packets recorded" "$2"; do
    kill -USR1 "$recorder" || fail "it ended before it had $1"
    sleep 0.05
  done
}

# 1. so many packets; only their owner reads them
record -w one.pcapng -c 20 2>one.log
send 30
expect 0 wait "$recorder"
[ "$(count one.pcapng)" = 20 ] || fail "one.pcapng"
conserved 20 0 one.pcapng
[ "$(stat -c %a one.pcapng)" = 600 ] || fail "mode of one.pcapng"
grep -q "^20 packets recorded in 0:00:[0-9]*, 0 dropped; 1 file, " one.log || fail "summary"

# 2. TERM loses nothing; files by packets, the newest two, pcap
record -w two.pcap --mode 640 -b packets:10 -b files:2 2>two.log
send 35
kill -TERM "$recorder"
expect 0 wait "$recorder"
grep -q "^35 packets recorded" two.log || fail "TERM loses packets"
files=(two_0000[0-9]_2*.pcap)
[ "${#files[@]}" = 2 ] && [ "$(count "${files[@]}")" = 15 ] || fail "files of two: ${files[*]}"
[ "$(stat -c %a "${files[0]}")" = 640 ] || fail "mode of ${files[0]}"
# classic pcap with nanoseconds, in either byte order
[[ "$(od -An -tx1 -N4 "${files[0]}")" =~ ^\ (4d\ 3c\ b2\ a1|a1\ b2\ 3c\ 4d)$ ]] ||
  fail "format of two"

# 3. HUP begins another file, USR1 says how far it is
record -w three.pcapng 2>three.log
send 3
recorded 3 three.log
kill -HUP "$recorder"
until [ -e three.pcapng ]; do sleep 0.01; done
send 4
recorded 7 three.log
kill -INT "$recorder"
expect 0 wait "$recorder"
[ "$(count three.pcapng)" = 3 ] && [ "$(count three-00001.pcapng)" = 4 ] || fail "three"
conserved 3 0 three.pcapng
conserved 4 0 three-00001.pcapng

# 4. into a pipe
mkfifo pipe
tshark -l -r pipe > four.txt 2>/dev/null &
reader=$!
record -w - 2>four.log >pipe
until grep -q . four.txt; do send 1; sleep 0.05; done
kill -TERM "$recorder"
expect 0 wait "$recorder"
wait "$reader"
grep -q "packets recorded in .* 0 dropped; 1 file" four.log || fail "summary of four"
[ "$(wc -l < four.txt)" = "$(grep -o '^[0-9,]*' four.log)" ] || fail "the pipe has others"

# 5. ends by itself: time, and size of all files
expect 0 "$program" -i vb -w five.pcapng -a duration:300ms 2>five.log
record -w six.pcapng -a filesize:2k 2>six.log
send 100
expect 0 wait "$recorder"
[ "$(count six.pcapng)" = 100 ] || fail "six"
conserved 100 0 six.pcapng

# 6. two interfaces, one file; another namespace
"$program" -i vb -i lo -w seven.pcapng 2>seven.log &
recorder=$!
until [ "$(awk '$6 == 1' /proc/net/packet | wc -l)" = 2 ]; do sleep 0.01; done
send 5
ping -c 1 127.0.0.1 >/dev/null
kill -TERM "$recorder"
expect 0 wait "$recorder"
[ "$(tshark -r seven.pcapng -T fields -e frame.interface_name 2>/dev/null | sort | uniq -c |
  tr -d '\n')" = "      2 lo      5 vb" ] || fail "seven"
expect 0 "$program" --netns /proc/self/ns/net -i vb -w eight.pcapng -a duration:10ms 2>eight.log

# 7. compressed, by the name and by the option
record -w nine.pcapng.gz 2>nine.log
send 200
kill -TERM "$recorder"
expect 0 wait "$recorder"
gzip -t nine.pcapng.gz && [ "$(count nine.pcapng.gz)" = 200 ] || fail "nine"
gzip -dc nine.pcapng.gz >nine.pcapng
conserved 200 0 nine.pcapng
grep -q "^Compressed: " nine.log || fail "summary of nine"
if "$program" -i vb --compress zstd -a duration:1ms -w zstd.zst 2>/dev/null; then
  record -w ten.pcap --compress zstd:19 -b packets:100 2>ten.log
  send 200
  kill -TERM "$recorder"
  expect 0 wait "$recorder"
  for file in ten_0000[01]_*.pcap; do
    zstd -dcq "$file" >"plain-$file" && [ "$(count "plain-$file")" = 100 ] || fail "$file"
  done
  conserved 200 0 plain-ten_0000[01]_*.pcap
fi

# 8. errors
expect 1 "$program" -i nosuch -w bad.pcapng 2>bad.log
grep -q nosuch bad.log || fail "no word of nosuch"
expect 1 "$program" -i vb -f "udp prot 1" -w bad.pcapng 2>>bad.log
[ ! -e bad.pcapng ] && [ ! -e bad.pcapng.part ] || fail "a file of nothing"
for wrong in "-b foo:1" "-b duration:x" "-c 0" "-s 5q" "-n -P" "--mode 9" \
  "-a files:3" "--trigger udp" "-b files:3" "-w - -b packets:9" "--time-stamp-type no" "--compress lzw" \
  "--compress zstd:x" "--nosuch" "extra"; do
  expect 2 "$program" -i vb $wrong 2>>bad.log
done

# 9. a list, and the man page has each option
"$program" -D | grep -q "[0-9]. vb (veth)" || fail "list"
"$program" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
  grep -qF -- "Fl -${option#--}" "$man" || fail "the man page has no $option"
done
echo "ok"
