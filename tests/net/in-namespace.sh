#!/usr/bin/env bash
# Runs a test in a network namespace of its own, with lo up and silent: as root,
# or in a user namespace where there is no root. Exits with 77, which is "skipped"
# to meson, where neither is to be had.
set -eu

if [ "${1-}" = --inside ]; then
  shift
  ip link set lo up
  # neighbour discovery would be packets that no test has sent
  for conf in all default; do
    echo 1 > "/proc/sys/net/ipv6/conf/$conf/disable_ipv6" || true
  done
  # which sees more of what leaks than GStreamer's tracer
  [ -z "${AFRING_WRAPPER-}" ] || unset GST_TRACERS
  exec ${AFRING_WRAPPER-} "$@"
fi

for unshare in "unshare -n" "unshare -Urn"; do
  if $unshare true 2>/dev/null; then
    exec $unshare "$0" --inside "$@"
  fi
done
echo "skipped: neither root nor a user namespace is to be had"
exit 77
