#!/usr/bin/env bash
# Compiles the program that uses the table of the C library's interface as its
# users would, with nothing but pkg-config, and runs it.
# Usage: BUILD_ROOT=DIR table.sh mock|lo
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$BUILD_ROOT/meson-uninstalled

read -ra flags <<< "$(pkg-config --cflags --libs gstreamer-afring-1.0)"
"${CC:-cc}" -std=gnu11 -g -Wall -Werror "$here"/table*.c -o "$work/table" \
  "${flags[@]}"
LD_LIBRARY_PATH=$BUILD_ROOT/gst/afring timeout 100 "$work/table" "$1"
