#!/bin/sh
# What a change costs or saves: this tree beside another revision of it, in turn.
#   tests/bench/compare.sh REVISION [-n TURNS] [PROGRAM [ARGUMENT...]]
#   tests/bench/compare.sh main -n 15 bench-pipeline --only packetdepay --sizes 60
# The other revision is built in a folder of its own, which stays for the next time
# (COMPARE_FOLDER; else one for temporary files), this tree in build-compare there: both
# releases, by ccache where that is. The instrument is that of this tree on both sides, so
# that it has the same rows; the library and the plugin are those of each.
# SPDX-License-Identifier: LGPL-2.1-or-later
set -eu

if [ $# -lt 1 ]; then
  sed -n '2,4s/^# \{0,1\}//p' "$0"
  exit 2
fi
source=$(cd "$(dirname "$0")/../.." && pwd)
revision=$(git -C "$source" rev-parse --verify "$1^{commit}")
shift
turns=7
if [ "${1-}" = -n ]; then
  turns=$2
  shift 2
fi
[ $# -gt 0 ] || set -- bench-pipeline
folder=${COMPARE_FOLDER:-${TMPDIR:-/tmp}/gst-afring-compare-$(id -u)}
other=$folder/$revision

# elements, library and the instrument; nothing else of it is run
build() {
  [ -f "$2/build.ninja" ] || meson setup "$2" "$1" --buildtype=release \
    -Dexamples=disabled -Ddocs=disabled -Dintrospection=disabled -Dtests=enabled
  shift
  ninja -C "$@" plugin/libgstafring.so
}

mkdir -p "$folder"
if [ ! -d "$other/source" ]; then
  mkdir -p "$other/source"
  git -C "$source" archive "$revision" | tar -x -C "$other/source"
fi
{
  build "$other/source" "$other/build"
  build "$source" "$folder/build-compare" "tests/bench/$1"
} > "$folder/build.log" 2>&1 || {
  tail -n 20 "$folder/build.log" >&2
  exit 1
}
exec python3 "$source/tests/bench/compare.py" "$turns" "$other/build" \
  "$folder/build-compare" "$@"
