#!/usr/bin/env python3
"""Runs an instrument in turn with the library and the plugin of two builds, and prints the
rows of its tables side by side: median, least and most of all runs, and the ratio of the
medians and of the least. Part of compare.sh.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import re
import statistics
import subprocess
import sys

# what tables are headed by that is compared: CPU where there is that, and else the first
COLUMNS = ('CPU ns', 'median')
WIDTH = 8       # of a column of numbers


def read_rows(text):
    """Names of rows, with the table that they are in, and what stands in the column."""
    rows, name_end, end, table = {}, None, None, ''
    for line in text.splitlines():
        head = next((head for head in COLUMNS if head in line), None)
        if head is not None:
            first = 'wall ns' if 'wall ns' in line else head
            name_end = line.index(first) + len(first) - WIDTH
            end = line.index(head) + len(head)
            table = ''
        elif end is not None and 'a packet' in line:
            table = line[:name_end].strip().rstrip(',')
        elif end is not None:
            value = re.search(r'[\d.]+$', line[:end])
            if value is not None:
                rows[f'{table} {line[:name_end].strip()}'.strip()] = float(value.group())
    return rows


def run(build, program):
    environment = dict(os.environ, GST_PLUGIN_PATH=f'{build}/plugin',
                       LD_LIBRARY_PATH=f'{build}/gst/afring',
                       GST_REGISTRY=f'{build}/compare-registry.bin')
    done = subprocess.run(program, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f'{build}: {done.stderr.strip() or done.returncode}')
    return read_rows(done.stdout)


def main():
    turns, old, new, name = int(sys.argv[1]), *sys.argv[2:5]
    program = [f'{new}/tests/bench/{name}'] + sys.argv[5:]
    seen = {old: {}, new: {}}
    for turn in range(turns):
        # who comes second finds the machine warmer
        for build in (old, new) if turn % 2 else (new, old):
            for row, value in run(build, program).items():
                seen[build].setdefault(row, []).append(value)
    print(f'{"":46}{"before":>8}{"least":>8}{"most":>8}{"after":>8}{"least":>8}{"most":>8}'
          f'{"ratio":>7}{"least":>7}')
    for row, after in seen[new].items():
        before = seen[old].get(row)
        if not before:
            continue
        figures = [function(values) for values in (before, after)
                   for function in (statistics.median, min, max)]
        print(f'{row:46.46}' + ''.join(f'{figure:8.1f}' for figure in figures)
              + f'{figures[3] / figures[0]:7.2f}{figures[4] / figures[1]:7.2f}')


if __name__ == '__main__':
    main()
