#!/usr/bin/env python3
"""A linker's version script: what installed headers declare is the API, in a version of its
own; what only the elements, the programs and the tests of the same release use is in another,
for which nothing is promised.

symbols.py VERSION HEADER...
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import sys

DECLARED = re.compile(r'GST_AFRING_API\s[^;]*?\b(gst_\w+)\s*\(')
# types for macros of GObject, which declare their functions themselves
TYPES = re.compile(r'G_DECLARE_\w+\s*\(\s*\w+\s*,\s*(\w+)')

version, headers = sys.argv[1], sys.argv[2:]
names = set()
for header in headers:
    text = pathlib.Path(header).read_text()
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
    names.update(DECLARED.findall(text))
    names.update(f'{name}_get_type' for name in TYPES.findall(text))

print(f'LIBGSTAFRING_{version} {{\n  global:')
for name in sorted(names):
    print(f'    {name};')
print(f'}};\n\nLIBGSTAFRING_PRIVATE_{version} {{\n  global:\n    gst_*;\n  local:\n    *;\n}};')
