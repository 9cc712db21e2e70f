#!/usr/bin/env bash
# Gets capture files that others made: those in the source of Debian's tcpdump
# and in its package golang-github-google-gopacket-dev. Nothing is installed,
# and apt's own lists stay as they are, so that it works without root too.
# Usage: fetch.sh DIRECTORY
#
# Ends with 77 if they cannot be had: no network, no apt.
set -euo pipefail

(($# == 1)) || { sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
directory=$1

skip() {
  echo "skipped: $1"
  exit 77
}

[[ ! -e $directory/complete ]] || exit 0
command -v apt-get dpkg-deb >/dev/null || skip "the captures are Debian's"

# absolute, because apt is told of it
mkdir -p "$directory"
work=$(cd "$(mktemp -d -p "$directory")" && pwd)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,files}

# The machine's own sources, each with its source packages. Forms: one line a
# source, and the paragraphs of deb822.
shopt -s nullglob
list='' parts=''
eval "$(apt-config shell list Dir::Etc::sourcelist/f \
  parts Dir::Etc::sourceparts/d)"
for file in "$list" "$parts"/*.list; do
  [[ -r $file ]] || continue
  name=$(basename "$file")
  sed -nE 's/^[[:space:]]*deb[[:space:]]+(.*)/deb \1\ndeb-src \1/p' "$file" \
    | grep -v cdrom: >"$work/sources/$name" || true
done
for file in "$parts"/*.sources; do
  [[ -r $file ]] || continue
  sed -E 's/^Types:.*/Types: deb deb-src/I' "$file" \
    >"$work/sources/$(basename "$file")"
done

# read after the machine's own settings, such as a proxy; what others want done
# after an update is not for these lists
cat >"$work/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/sources";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
Dir::Cache::archives "archives";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
END
# only root has another user to become, and that one cannot write here
((EUID != 0)) || echo 'APT::Sandbox::User "root";' >>"$work/apt.conf"

get() {
  (cd "$work/files" && apt-get -q -c "$work/apt.conf" "$@") \
    >"$work/log" 2>&1
}

# one source of many may be out of reach: what counts is what can be had
get update || true
if ! get download golang-github-google-gopacket-dev \
  || ! get source --download-only tcpdump; then
  tail -n 3 "$work/log" >&2
  skip "apt has no way to the captures"
fi

# of all that, the captures, with the folders that tell them apart
mkdir -p "$work"/{unpacked,captures}/{gopacket,tcpdump}
dpkg-deb --fsys-tarfile "$work"/files/golang-*.deb \
  | tar -C "$work/unpacked/gopacket" --strip-components=8 -x
tar -C "$work/unpacked/tcpdump" --strip-components=1 \
  -xf "$(echo "$work"/files/tcpdump_*.orig.tar.?z)"
(cd "$work/unpacked" && find . -type f -regex '.*\.\(pcap\|pcapng\|cap\)' \
  -exec cp --parents -t "$work/captures" {} +)

rm -rf "$directory/captures"
mv "$work/captures" "$directory/captures"
touch "$directory/complete"
