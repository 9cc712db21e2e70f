#!/usr/bin/env python3
"""Who may include whom: the dependencies of folders point one way.

check-house.py SOURCE. A wing of plugin/ uses common/ and the library, and never
another wing; a folder of the library uses those before it.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import sys

USES = {
    'plugin/common': (),
    'plugin/source': ('common',),
    'plugin/recorder': ('common',),
    'plugin/stream': ('common',),
    'plugin/packet': ('common',),
    'plugin/scope': ('common',),
    'plugin/sink': ('common',),
    'gst/afring/capture': (),
    'gst/afring/packet': ('capture',),
    'gst/afring/pcap': ('capture', 'packet'),
    'gst/afring/ring': ('capture', 'packet', 'pcap'),
}
INCLUDE = {top: re.compile(r'^ *# *include *' + start + r'(\w+)/', re.MULTILINE)
           for top, start in {'plugin': '"(?:plugin/|../)?',
                              'gst': '(?:<gst/afring/|"(?:../)?)'}.items()}

source = pathlib.Path(sys.argv[1])
wrong = files = 0
for folder, uses in USES.items():
    top = folder.split('/')[0]
    rooms = {name.rsplit('/', 1)[1] for name in USES
             if name.split('/')[0] == top}
    rooms -= {folder.rsplit('/', 1)[1], *uses}
    for file in sorted((source / folder).glob('*.[ch]')):
        files += 1
        for name in sorted(rooms.intersection(INCLUDE[top].findall(
                file.read_text()))):
            print(f'{file}: includes {name}/')
            wrong += 1
for file in sorted((source / 'plugin').glob('*')):
    if file.is_dir() and f'plugin/{file.name}' not in USES:
        print(f'{file}: a wing that nobody knows')
        wrong += 1
print(f'{files} files, {wrong} dependencies that point the wrong way')
sys.exit(wrong > 0 or files == 0)
