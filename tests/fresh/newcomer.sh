#!/usr/bin/env bash
# Usage: newcomer.sh SUITE [MIRROR]
#
# What a newcomer does with README, on a Debian that has nothing of it yet: SUITE
# (bookworm, trixie) is laid into a folder of its own, and a user with sudo copies the
# commands out of README and docs there. Needs root, debootstrap, Debian's packages and
# some 4 GB in TMPDIR. What is committed is what is tested. The last line tells how many
# steps passed and failed; docs/testing.md has the last run.
# SPDX-License-Identifier: LGPL-2.1-or-later

set -euo pipefail

if [[ ${1-} == --inside ]]; then
  # a root of its own and not a chroot, in which nobody may make a user namespace
  root=$2
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  cd "$root"
  mkdir -p old
  pivot_root . old
  umount -l /old
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" \
    runuser -u me -- env HOME=/home/me USER=me \
    python3 -B /home/me/gst-afring/tests/fresh/newcomer.py
fi

suite=${1-}
# else debootstrap's own
mirror=(${2+"$2"})
((EUID == 0)) && [[ -n $suite ]] && command -v debootstrap >/dev/null || {
  sed -n '2,/^# SPDX/p' "$0"
  exit 2
}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

# what each installation has
debootstrap --variant=minbase --include=sudo,python3,ca-certificates,iproute2,iputils-ping \
  "$suite" "$root" "${mirror[@]}" >"$root.log" 2>&1 || {
  tail "$root.log"
  exit 1
}
rm "$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cat >"$root/etc/apt/apt.conf.d/90newcomer" <<'END'
APT::Get::Assume-Yes "true";
Dpkg::Use-Pty "0";
END
chroot "$root" useradd --create-home --shell /bin/bash me
echo 'me ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/me"
git clone --quiet --no-hardlinks "$top" "$root/home/me/gst-afring"
chroot "$root" chown -R me: /home/me
chmod 755 "$root"
unshare --mount --pid --fork --kill-child "$0" --inside "$root"
