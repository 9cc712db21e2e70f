#!/usr/bin/env python3
"""The library exports what its headers declare, in the version that is the API, and whoever
packages it knows of each.

check-symbols.py LIBRARY MAP DEBIAN-SYMBOLS
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import shutil
import subprocess
import sys

if not shutil.which('nm'):
    print('skipped: there is no nm')
    sys.exit(77)

library, versions, debian = sys.argv[1:]
API = 'LIBGSTAFRING_1.0'
declared = set(re.findall(r'^    (gst_\w+);', pathlib.Path(versions).read_text(), re.MULTILINE))
exported = {}
for line in subprocess.run(['nm', '-D', '--defined-only', '--with-symbol-versions', library],
                           check=True, capture_output=True, text=True).stdout.splitlines():
    name, _, version = line.split()[2].partition('@')
    if not name.startswith('LIBGSTAFRING'):     # the versions themselves
        exported[name] = version.lstrip('@')
public = {name for name, version in exported.items()
          if version == API}
packaged = set(re.findall(rf'^ (gst_\w+)@{re.escape(API)} ', pathlib.Path(debian).read_text(),
                          re.MULTILINE))

wrong = [f'{name} is declared and not there' for name in sorted(declared - public)]
wrong += [f'{name} is of no version' for name, version in exported.items() if not version]
wrong += [f'{name} is not in {debian}' for name in sorted(public - packaged)]
wrong += [f'{name} is in {debian} only' for name in sorted(packaged - public)]
print('\n'.join(wrong) or f'{len(public)} functions')
sys.exit(bool(wrong) or not public)
