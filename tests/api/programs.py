#!/usr/bin/env python3
"""The programs of the library's page, as they stand there, compiled and run.

programs.py SOURCE BUILD CC...
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

source, build, *compiler = sys.argv[1:]
page = pathlib.Path(source, 'docs/library.md').read_text()
work = tempfile.TemporaryDirectory()
folder = pathlib.Path(work.name)
failures = 0


def check(what, expected, found):
    global failures
    good = re.fullmatch(expected, found) is not None
    print('ok  ' if good else 'FAIL', what, '' if good else repr(found))
    failures += not good


def run(*command):
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True,
                          timeout=60)
    return done.stdout + done.stderr


def save(name, language):
    """The block of code behind the first mention of its file."""
    code = page[page.index(f'`{name}`'):].split(f'```{language}\n', 1)[1]
    (folder / name).write_text(code.split('```', 1)[0])


def compile_program(name):
    save(f'{name}.c', 'c')
    flags = shlex.split(subprocess.check_output(
        ['pkg-config', '--cflags', '--libs', 'gstreamer-1.0', 'gio-2.0'],
        text=True))
    check(f'{name}.c compiles', '', run(
        *compiler, '-Wall', '-Werror', f'{name}.c', '-o', name, f'-I{source}',
        f'-I{build}', *flags, f'-L{build}/gst/afring', '-lgstafring-1.0'))
    return f'./{name}'


run('gst-launch-1.0', '-q', 'afringmocksrc', 'num-buffers=100', 'packet-size=80',
    '!', 'pcapsink', 'location=record.pcapng')

check('mock', '1000 packets, 60000 bytes, 1000 received, 0 dropped\n',
      run(compile_program('mock')))
check('read', '100 packets, 8000 bytes, 100 with an IP layer\n',
      run(compile_program('read'), 'record.pcapng'))
compile_program('count')        # runs for five seconds, on an interface

line = r'\d+\.\d{9} 80 10\.0\.0\.1 10\.0\.0\.2\n'
packets = compile_program('packets')
some = run(packets, 'record.pcapng', '10')
check('packets', f'({line}){{10}}', some)
everything = run(packets, 'record.pcapng', '1000')
check('packets, to the end of the file', f'({line}){{100}}', everything)
times = re.findall(r'^[\d.]+', everything, re.MULTILINE)
check('in the order of their times', 'True', str(times == sorted(times)))

try:
    import gi
    gi.require_version('GstAfring', '1.0')
except (ImportError, ValueError) as e:
    print(f'without Python: {e}')
else:
    save('packets.py', 'python')
    check('packets.py says the same', re.escape(everything),
          run(sys.executable, 'packets.py', 'record.pcapng', '1000'))
    protocols = pathlib.Path(source, 'examples', 'python', 'protocols.py').resolve()
    check('protocols.py', 'IPv4  UDP +100 packets +8000 bytes\n',
          run(sys.executable, protocols, 'record.pcapng'))
    check('protocols.py of nothing', '(?s)There is no .*nothere.*',
          run(sys.executable, protocols, 'nothere'))
work.cleanup()
sys.exit(failures > 0)
