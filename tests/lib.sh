# shellcheck shell=bash
# For the tests that are scripts, to be sourced: a folder that goes when they end,
# with what they started, and the counting of what they check. The folder is made
# in $work_in if that is set.

work=$(mktemp -d "${work_in:-${TMPDIR:-/tmp}}/afring-XXXXXX")
failures=0
pids=()

cleanup() {
  for pid in "${pids[@]}"; do
    # timeout hands it on
    if kill "$pid" 2>/dev/null; then wait "$pid" 2>/dev/null || true; fi
  done
  if mountpoint -q "$work/full"; then umount "$work/full"; fi
  rm -rf "$work"
}
trap cleanup EXIT

check() { # NAME EXPECTED FOUND
  if [ "$2" = "$3" ]; then
    echo "ok   $1: $3"
  else
    echo "FAIL $1: expected $2, found $3"
    failures=$((failures + 1))
  fi
}

# Compares two files of lines.
check_same() { # NAME EXPECTED FOUND
  if [ -s "$2" ] && cmp -s "$2" "$3"; then
    echo "ok   $1: $(wc -l < "$2") lines"
  else
    echo "FAIL $1: $(wc -l < "$2") lines expected, $(wc -l < "$3") found"
    diff "$2" "$3" | cut -c 1-100 | head -n 10 || true
    failures=$((failures + 1))
  fi
}

finish() {
  [ "$failures" = 0 ]
}

# Waits, for SECONDS at most, until a command succeeds.
await_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  while ! "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# Waits until a command succeeds, which it has to.
await() { # COMMAND...
  if await_for 20 "$@"; then return 0; fi
  echo "FAIL: waited in vain for: $*"
  exit 1
}

# A file system of SIZE bytes at $work/full; fails where none can be mounted.
mount_full() { # SIZE
  mkdir "$work/full" && mount -t tmpfs -o size="$1" none "$work/full" 2>/dev/null
}

# what runs a tap; it must speak as this does, and end upon an interrupt
launcher=(gst-launch-1.0 -e)

# Starts a pipeline and waits until it plays; its process is in $tap.
start_tap() { # LOG PIPELINE...
  local log=$1
  shift
  touch "$log"
  # in the foreground, or timeout would hand on one interrupt twice
  timeout --foreground -k 5 120 "${launcher[@]}" "$@" > "$log" 2>&1 &
  tap=$!
  pids+=("$tap")
  if ! await_for 20 grep -q "Setting pipeline to PLAYING" "$log"; then
    echo "FAIL: does not play: $*"
    tail -n 5 "$log"
    exit 1
  fi
  sleep 0.3
}

# As Ctrl-C does; what is under way comes to its end.
stop_tap() {
  local status=0
  kill -INT "$tap" 2>/dev/null || true
  wait "$tap" || status=$?
  check "the tap ends well" 0 "$status"
}
