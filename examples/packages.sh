# shellcheck shell=bash
# For the scripts of this project, to be sourced: Debian packages, quiet
# commands and errors.

# to build gst-afring and to record with it
# shellcheck disable=SC2034
base_packages=(gcc libc6-dev pkg-config meson ninja-build libgstreamer1.0-dev
  libgstreamer-plugins-base1.0-dev libpcap-dev gstreamer1.0-tools tcpdump iproute2 iputils-ping util-linux)

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Runs a command; shows what it prints only if it fails.
quietly() {
  local output status
  output=$("$@" 2>&1) || {
    status=$?
    printf '%s\nFailed: %s\n' "$output" "$*" >&2
    return "$status"
  }
}

# Installs those of the packages that are missing; without root, prints the
# command for it and ends the script.
need_packages() {
  local package missing=()

  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "This is not Debian; needed is what these packages have: $*" >&2
    return
  fi
  for package; do
    # one word for each architecture that has the package
    [[ " $(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null)" \
      == *" installed "* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    echo "Packages are missing. Install them, then run this again:" >&2
    echo "sudo apt-get install ${missing[*]}"
    exit 1
  fi
  echo "Installing ${missing[*]}"
  quietly apt-get update
  # a fresh machine may be busy with upgrades of its own
  quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}"
}

# build SOURCE DIRECTORY OPTION...: configures once, then builds what changed.
build() {
  local source=$1 directory=$2
  shift 2

  if [[ ! -e $directory/build.ninja ]]; then
    quietly meson setup "$@" "$directory" "$source"
  fi
  quietly ninja -C "$directory"
}
