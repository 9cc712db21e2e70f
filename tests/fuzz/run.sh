#!/usr/bin/env bash
# Usage: tests/fuzz/run.sh SECONDS [TARGET...]
#
# Builds the targets with clang and runs each for so long, from the captures that the
# project makes itself and what earlier runs have found of interest. An input that
# crashes, takes more than ten seconds, wants 2 GiB or makes a check fail stays in the
# folder, as TARGET-crash-... and the like, and "fuzz-TARGET FILE" does it again.
#
# Environment:
#   BUILD_DIR     where to build and to keep inputs (build-fuzz in the source tree)
#   FUZZ_OPTIONS  more options of libFuzzer, which count before these

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build_dir=$(realpath -m "${BUILD_DIR:-$top/build-fuzz}")

# shellcheck source=examples/packages.sh
source "$top/examples/packages.sh"

[[ ${1-} =~ ^[0-9]+$ ]] || { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 2; }
seconds=$1
shift
targets=("$@")
(($#)) || targets=(decoder source packet ring filter elements stream recorder index run tcp \
  decap rtp rtsp)

need_packages "${base_packages[@]}" libzstd-dev liblz4-dev clang python3
[[ -e $build_dir/build.ninja ]] || CC=clang quietly meson setup "$build_dir" "$top" \
  -Dfuzz=enabled -Dtests=enabled -Dintrospection=disabled -Dscope=disabled \
  -Dexamples=disabled -Ddocs=disabled
quietly ninja -C "$build_dir" "${targets[@]/#/tests/fuzz/fuzz-}"

mkdir -p "$build_dir/inputs/seeds"
cd "$build_dir/inputs"
python3 "$top/tests/pipelines/synthetic.py" seeds
rm -f seeds/*.expected
# files that are made by the thousand
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm
# what leaks is for valgrind to say
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 G_SLICE=always-malloc

run_target() { # TARGET
  local target=$1 options
  read -ra options <<<"${FUZZ_OPTIONS-}"
  mkdir -p "$target"
  if "$build_dir/tests/fuzz/fuzz-$target" -max_total_time="$seconds" -max_len=65536 \
    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$target-" \
    "${options[@]}" "$target" seeds >"$target.log" 2>&1; then
    echo "ok   $target, $(sed -n 's/.*executed_units: *//p' "$target.log") inputs"
    return
  fi
  grep -E 'SUMMARY|not so|runtime error' "$target.log" || tail -5 "$target.log"
  echo "FAIL $target: $build_dir/inputs/$target.log"
  return 1
}

export seconds build_dir
export -f run_target
# one for each processor at a time; Ctrl-C ends them too
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_target {}'
