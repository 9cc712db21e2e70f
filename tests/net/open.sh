#!/usr/bin/env bash
# afring-open: somebody without any privilege captures with the socket that it opens, and
# without it does not. It needs root, who gives the capability away.
set -eu
open=$1 plugin=$2 library=$3
if ! [ "$(id -u)" = 0 ] || ! command -v setcap setpriv >/dev/null; then
  echo "skipped: needs root, setcap and setpriv"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
install -m 755 "$open" "$folder/afring-open"
if ! setcap cap_net_raw+ep "$folder/afring-open"; then
  echo "skipped: no capabilities of files here"
  exit 77
fi
# a home of its own, for the registry; and nobody may not be let into the build tree
mkdir -m 777 "$folder/home"
install -D -t "$folder/plugin" "$plugin"
install -D -T "$library" "$folder/gst/afring/libgstafring-1.0.so.0"

nobody() {
  HOME=$folder/home GST_REGISTRY=$folder/home/registry.bin \
    GST_PLUGIN_PATH=$folder/plugin \
    GST_PLUGIN_LOADING_WHITELIST=gstreamer:gst-afring@$folder \
    setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

capture() {
  nobody timeout 30 "$@" afringsrc num-buffers=5 interface=lo filter=icmp ${fd-} ! fakesink
}

ping -i 0.1 127.0.0.1 >/dev/null &
ping=$!
trap 'kill "$ping"; rm -rf "$folder"' EXIT

if said=$(capture gst-launch-1.0 2>&1); then
  echo "FAIL nobody captures without a socket"
  exit 1
fi
grep -q "CAP_NET_RAW" <<< "$said"
fd=fd=3 capture "$folder/afring-open" gst-launch-1.0
echo "ok   captured with a socket that was given"

# what it runs has no capability, and the socket where it was said
nobody "$folder/afring-open" bash -c '
  grep -q "^CapEff:[[:space:]]*0*$" /proc/self/status
  grep -q "^CapPrm:[[:space:]]*0*$" /proc/self/status
  [ "$LISTEN_PID" = $$ ] && [ "$LISTEN_FDS" = 1 ] && readlink /proc/self/fd/3 | grep -q ^socket:'
echo "ok   nothing else is given"

set +e
nobody "$folder/afring-open" 2>/dev/null; [ $? = 2 ] || exit 1
nobody "$folder/afring-open" /nosuch 2>/dev/null; [ $? = 127 ] || exit 1
nobody "$open" true 2>/dev/null
case $? in 125|126) ;; *) exit 1 ;; esac
echo "ok   errors"
