"""A veth pair in a namespace, and who captures on it: for benchmarks.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import pathlib
import subprocess
import time

PACKETS_PER_SECOND = 86655      # of a gigabit, in packets of SIZE, with what is between frames
SIZE = 1442
HEADERS = 42                    # of those: Ethernet, IPv4, UDP


def make_link():
    """va and vb, up."""
    for words in ('link add va type veth peer name vb', 'link set va up', 'link set vb up'):
        subprocess.run(['ip', *words.split()], check=True)
    while subprocess.run("ip -o link show vb | grep -q ' state UP '", shell=True).returncode:
        time.sleep(0.01)


def is_listening():
    """Somebody captures."""
    return any(line.split()[5] == '1' for line in
               pathlib.Path('/proc/net/packet').read_text().splitlines()[1:])


def start(line, log, *options):
    """gst-launch-1.0, once it captures."""
    with open(log, 'w') as out:
        process = subprocess.Popen(['gst-launch-1.0', *options, *line.split()], stdout=out)
    while not is_listening():
        if process.poll() is not None:
            raise RuntimeError(f'{line}: {process.returncode}')
        time.sleep(0.01)
    return process


def cpu_of(pid):
    """Of all its threads, in nanoseconds."""
    return sum(int((task / 'schedstat').read_text().split()[0])
               for task in pathlib.Path(f'/proc/{pid}/task').iterdir())


def use_build(build, folder):
    """Its elements are those that gst-launch-1.0 finds, with a registry in the folder."""
    build = pathlib.Path(build).resolve()
    os.environ['GST_PLUGIN_PATH'] = str(build / 'plugin')
    os.environ['LD_LIBRARY_PATH'] = str(build / 'gst' / 'afring')
    os.environ['GST_REGISTRY'] = f'{folder}/registry.bin'
    subprocess.run(['gst-inspect-1.0', 'pcapsink'], stdout=subprocess.DEVNULL, check=True)
