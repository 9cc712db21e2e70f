"""What the judges share: the program that prints payloads, and the verdict.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import collections
import os
import re
import subprocess
import sys

Buffer = collections.namedtuple('Buffer', 'time source hex')


def find_captures(*folders):
    """Files of captures in FOLDERS and below, by their whole names."""
    return sorted(os.path.join(where, name) for folder in folders
                  for where, _, names in os.walk(os.path.abspath(folder)) for name in names
                  if name.endswith(('.pcap', '.pcapng', '.cap')))


def need_captures(*folders):
    """The same; where there is none the test is skipped."""
    files = find_captures(*folders)
    if not files:
        print(f'skipped: no captures in {" ".join(map(os.path.abspath, folders))}')
        sys.exit(77)
    return files


def read_lines(program, chain, files):
    """What a program prints of FILES: the file, the kind of line, its fields; of a file
    alone "F". Ends the test if the program does not end well."""
    run = subprocess.run([program, chain, *files], text=True, timeout=300,
                         stdout=subprocess.PIPE)
    file = None
    for line in run.stdout.splitlines():
        kind, *fields = line.split('\t')
        if kind == 'F':
            file = fields[0]
        yield file, kind, fields
    if run.returncode != 0:
        print(f'FAIL {program} ended with {run.returncode}, at {file}')
        sys.exit(1)


class Result:
    """What a chain of elements made of one file."""

    def __init__(self):
        self.buffers, self.errors, self.stats = [], [], {}


def read_payloads(program, chain, files, time_limit=90):
    """A Result for each of FILES, or None after a crash or a hang, of which
    the program's own words have been printed by then."""
    results, result, status = {}, None, 0
    try:
        run = subprocess.run([program, chain, *files], text=True,
                             stdout=subprocess.PIPE, timeout=time_limit)
        output, status = run.stdout, run.returncode
    except subprocess.TimeoutExpired as late:
        output, status = (late.stdout or b'').decode(), 'the time limit'
    for line in output.splitlines():
        kind, *fields = line.split('\t')
        if kind == 'F':
            result = results.setdefault(fields[0], Result())
        elif kind == 'B':
            result.buffers.append(Buffer(fields[0], fields[2], fields[3]))
        elif kind == 'M' and fields[0] == 'error':
            result.errors.append(fields[1])
        elif kind == 'S':
            result.stats[fields[0]] = {
                name: int(value) for name, value in re.findall(
                    r'([\w-]+)=\(guint64\)(\d+)', fields[1])}
    if status != 0:
        last = list(results)[-1] if results else 'no file'
        print(f'FAIL {chain}: ended with {status}, at {last}')
        return None
    return results


class Verdict:
    """Counts what fails and shows the first of it."""

    def __init__(self, shown=40):
        self.failures, self.shown = 0, shown

    def fail(self, text):
        self.failures += 1
        if self.failures <= self.shown:
            print('FAIL ' + text)
        elif self.failures == self.shown + 1:
            print('FAIL ... and so on')

    def exit(self):
        if self.failures:
            print(f'{self.failures} failures')
        sys.exit(self.failures > 0)
