#!/usr/bin/python3
"""What a newcomer types, in the order of README, as the user "me" of newcomer.sh.

Commands are taken out of the pages as they stand. What is not theirs: an answer to
"sudo apt-get install" that a script prints, and a file in the place of a screen.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tests' / 'docs'))

import statements

HOUR = 3600
RECIPES = 'docs/recipes.md'
# that draw and play, where there is no screen
PICTURE = 'pngenc snapshot=true ! filesink location=picture.png'
# of a PNG file: its signature
PNG = b'\x89PNG\r\n\x1a\n'
# packages that recipes take for granted
PLAYERS = 'gstreamer1.0-plugins-base gstreamer1.0-plugins-good'

passed = failed = 0


def find(page, *words):
    """The statements of a page with these words, in this order."""
    every = list(statements.read(TOP, page))
    return [next(s.text for s in every if word in s.text) for word in words]


def shell(lines):
    return subprocess.run(
        ['bash', '-ec', '\n'.join(lines)], cwd=TOP, text=True, timeout=HOUR,
        env=os.environ | {'DEBIAN_FRONTEND': 'noninteractive'},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def step(name, lines, check=lambda said: True):
    """One session in a terminal: what it exports holds to its end."""
    global passed, failed
    start = time.monotonic()
    result = shell(lines)
    ok = result.returncode == 0 and check(result.stdout)
    print(f'{"ok  " if ok else "FAIL"} {time.monotonic() - start:5.0f} s  {name}',
          flush=True)
    if ok:
        passed += 1
    else:
        failed += 1
        print('\n'.join(lines), result.stdout[-6000:], sep='\n', flush=True)
    return ok


def step_of_script(name, command):
    """One of the two commands, which says what is missing. Whoever reads it does it."""
    first = shell([command])
    answers = [line for line in first.stdout.splitlines()
               if line.startswith('sudo apt-get install ')]
    step(name, answers[-1:] + [command])


def is_picture(path):
    data = path.read_bytes() if path.exists() else b''
    path.unlink(missing_ok=True)
    return data.startswith(PNG) and len(data) > 1000


def in_namespace(lines):
    """In the shell of the recipes, with their link; what they start there ends."""
    link = [s.text for s in statements.read(TOP, RECIPES) if s.text.startswith('ip ')]
    inside = '\n'.join(link + lines + ['kill $(jobs -p)'])
    return [f"{find(RECIPES, 'unshare -Urn bash')[0]} -e <<'END'\n{inside}\nEND"]


def build():
    step('README: build, and use it without installing', find(
        'README.md', 'apt-get install gcc', 'meson setup build', 'ninja -C build',
        'GST_PLUGIN_PATH=$PWD', 'gst-inspect-1.0 afringsrc'))
    step('README: a prefix of one\'s own', find(
        'README.md', 'meson setup build-own', 'meson install -C build-own',
        'GST_PLUGIN_PATH=$HOME') + ['gst-inspect-1.0 afringsrc >/dev/null',
                                    'pkg-config --cflags gstreamer-afring-1.0'])
    step('README: without a network and without privilege', find(
        'README.md', 'GST_PLUGIN_PATH=$PWD', 'afringmocksrc num-buffers',
        'location=made.pcapng filter', 'packetdepay \\'))


def packages():
    step('README: Debian packages', find(
        'README.md', 'build-dep', 'dpkg-buildpackage', '../*.deb') + [
        'gst-inspect-1.0 afringsrc', 'gst-inspect-1.0 packetscope',
        'afring-record --help', 'rtp-tap --help'])
    for name in 'record', 'build', 'python':
        step(f'debian/tests/{name}', [
            'sudo apt-get install tcpdump gcc pkg-config',
            'export AUTOPKGTEST_TMP=$(mktemp -d)',
            f'sudo --preserve-env=AUTOPKGTEST_TMP unshare -n debian/tests/{name}'])


def record_and_look():
    video, tap = find(RECIPES, 'videotestsrc is-live=true ! vp8enc',
                      'filter="udp port 5004" \\\n  ! packetdepay caps=')
    step('recipes: what they take for granted', [f'sudo apt-get install {PLAYERS}'])
    step('recipes: RTP, a picture of it', in_namespace([
        video, 'timeout 60 ' + tap.replace('autovideosink', PICTURE)]),
        lambda said: is_picture(TOP / 'picture.png'))
    scope, = find('docs/packetscope.md', 'autovideosink')
    step('packetscope: a picture of traffic', in_namespace([
        video, scope.replace('autovideosink', PICTURE)]),
        lambda said: is_picture(TOP / 'picture.png'))
    step('README: in a namespace of one\'s own', find('README.md', 'try.pcapng'))
    step('README: the program', [
        'sudo apt-get install python3-gi gir1.2-gstreamer-1.0',
        f"cat >watch.py <<'END'\n"
        f"{statements.read_program(TOP, 'README.md', 'watch.py')}END",
        "unshare -Urn bash -ec 'ip link set lo up; ping -q -c 30 -i 0.1 127.0.0.1 & "
        "timeout --signal=INT --preserve-status 4 python3 watch.py'"],
        lambda said: "'packets-captured'" in said)


def main():
    step_of_script('README: examples/quickstart.sh', 'examples/quickstart.sh')
    build()
    packages()
    record_and_look()
    step_of_script('README: tests/run.sh --quick', 'tests/run.sh --quick')
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed > 0)


main()
