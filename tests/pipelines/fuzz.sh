#!/usr/bin/env bash
# Spoils the packets of the synthetic captures at random, and of those in FOLDERs.
# Usage: fuzz.sh PACKETDEPAY-FUZZ ITERATIONS SEED [FOLDER...]
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fuzz=$1 iterations=$2 seed=$3
shift 3
# valgrind takes its time
if [ -n "${AFRING_MEMCHECK-}" ]; then iterations=$((iterations / 50)); fi
python3 "$here/synthetic.py" "$work"
captures=("$work"/*.pcap)
for folder; do
  if [ -d "$folder" ]; then
    mapfile -t -O "${#captures[@]}" captures < <(find "$folder" -name '*.pcap' | sort)
  fi
done
# shellcheck disable=SC2086
${AFRING_WRAPPER-} "$fuzz" "$iterations" "$seed" "${captures[@]}"
