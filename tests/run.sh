#!/usr/bin/env bash
# Usage: tests/run.sh [--quick | --valgrind | --long | ARGUMENT OF MESON TEST...]
#
# Installs what is missing, builds everything and runs every test, then the C
# tests once more with AddressSanitizer and UndefinedBehaviorSanitizer in a build
# of their own, and under valgrind those in which it sees more. With --valgrind it runs
# all C tests under valgrind in place of the sanitizers. With arguments, such as the
# name of a test, it runs only what they select, once; with --quick those that need
# no network and are short, which is the most of the elements, the library and the
# docs in some two minutes; with --long those that take minutes each. The last line
# tells how many passed and failed.
#
# Environment:
#   BUILD_DIR  where to build (build-tests in the source tree)
#   CI         if set, a skipped test of the suite "net" is a failure

set -euo pipefail

again=sanitize
case ${1-} in
  --valgrind) again=memcheck; shift ;;
  --long) set -- --setup=long --suite long ;;
  --quick) set -- --suite check --suite house --no-suite slow ;;
  -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
esac

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$(realpath -m "${BUILD_DIR:-$top/build-tests}")
# tests use setcap and netsniff-ng, which an ordinary user's path lacks
export PATH=$PATH:/usr/sbin:/sbin

# shellcheck source=examples/packages.sh
source "$top/examples/packages.sh"

# Prints what became of the tests and fails if any did, or if there was none.
count_results() { # BUILD_DIR...
  python3 - "$@" <<'END'
import collections
import glob
import json
import os
import sys

suites = {}
logs = []
for build_dir in sys.argv[1:]:
    with open(f'{build_dir}/meson-info/intro-tests.json') as tests:
        suites.update({test['name']: test['suite'] for test in json.load(tests)})
    logs += sorted(glob.glob(f'{build_dir}/meson-logs/testlog*.json'))

counts = collections.Counter()
for log in logs:
    with open(log) as lines:
        results = [json.loads(line) for line in lines]
    for result in results:
        # a name stands there as "project:suite / name"
        name = result['name'].split(' / ', 1)[-1]
        outcome = result['result']
        if outcome in ('OK', 'EXPECTEDFAIL'):
            counts['passed'] += 1
            continue
        if outcome == 'SKIP' and not (os.environ.get('CI') and any(
                suite.endswith(':net') for suite in suites.get(name, ()))):
            counts['skipped'] += 1
        else:
            counts['failed'] += 1
            if outcome == 'SKIP':
                outcome += ': a test that needs the real ring was skipped'
        run = os.path.basename(log)[len('testlog-'):-len('.json')]
        run = '' if run.endswith('default') else run
        print(f'{result["name"]} {f"({run}) " if run else ""}{outcome}')

line = f'{counts["passed"]} passed, {counts["failed"]} failed'
if counts['skipped']:
    line += f', {counts["skipped"]} skipped'
print(line)
sys.exit(counts['failed'] > 0 or counts['passed'] == 0)
END
}

# What plugins of others leave when they are looked at is not to be found in each test: a
# program looks at them before, once.
make_registry() { # BUILD_DIR
  quietly ninja -C "$1" tests/faults/faultrun plugin/libgstafring.so
  GST_REGISTRY=$1/tests/registry.bin GST_REGISTRY_FORK=no GST_PLUGIN_PATH=$1/plugin \
    GST_PLUGIN_SCANNER='' ASAN_OPTIONS=detect_leaks=0 \
    GST_PLUGIN_LOADING_WHITELIST=gstreamer:gst-plugins-base:gst-plugins-good:gst-plugins-bad:gst-afring@$1 \
    quietly "$1/tests/faults/faultrun" 300 fakesrc num-buffers=1 ! fakesink
}

need_packages "${base_packages[@]}" gobject-introspection libgirepository1.0-dev \
  libgstreamer-plugins-base1.0-dev libzstd-dev liblz4-dev libcairo2-dev gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad tshark netsniff-ng \
  libcap2-bin valgrind libc6-dbg python3 python3-gi gir1.2-gstreamer-1.0 \
  strace procps zstd nftables curl gi-docgen
echo "Building in $build_dir"
build "$top" "$build_dir" -Dwerror=true -Dtests=enabled
# captures that others made; without a network the tests that want them are skipped
"$top/tests/corpus/fetch.sh" "$build_dir/corpus" || (($? == 77))

# results of an earlier run are not to be counted
rm -f "$build_dir"/meson-logs/testlog* "$build_dir"-sanitize/meson-logs/testlog*
builds=("$build_dir")
status=0
# most of them wait for packets and files
run_tests() { # BUILD_DIR ARGUMENT...
  meson test -C "$1" --print-errorlogs --num-processes "$((2 * $(nproc)))" "${@:2}" || status=1
}
run_tests "$build_dir" --no-rebuild --timeout-multiplier 2 "$@"
if (($# == 0)) && [[ $again = sanitize ]]; then
  builds+=("$build_dir-sanitize")
  [[ -e ${builds[1]}/build.ninja ]] || quietly meson setup "${builds[1]}" "$top" \
    -Dtests=enabled -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
    -Dintrospection=disabled -Dexamples=disabled -Ddocs=disabled
  make_registry "${builds[1]}"
  # builds what these tests want, and no more
  run_tests "${builds[1]}" --setup=sanitize
  run_tests "$build_dir" --no-rebuild --setup=memcheck --suite memcheck
elif (($# == 0)); then
  run_tests "$build_dir" --no-rebuild --setup=memcheck
fi

echo
count_results "${builds[@]}" || status=1
exit "$status"
