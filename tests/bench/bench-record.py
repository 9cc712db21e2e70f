#!/usr/bin/env python3
"""What it costs to record packets, and to tap UDP, beside other programs.

Sends frames at full speed over a veth pair in a network namespace of its own.
Recorders take turns, each alone with the same traffic; then udpsrc and afringsrc
take turns as taps of UDP datagrams. Runs as root, or in a user namespace.
"""

import argparse
import dataclasses
import datetime
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
IN_NAMESPACE = HERE.parent / 'net' / 'in-namespace.sh'

RING = 64  # MiB, of each recorder
VB_MAC = '02:00:00:00:00:02'
OTHER_MAC = '02:00:00:00:00:99'  # frames that the network stack leaves alone
VB_IP = '10.9.0.2'
SENDER_IP = '10.9.0.1'  # nobody here: a local one would be refused
PORT = 5004
HEADERS = 42  # Ethernet, IPv4, UDP
LIBPCAP_TIMEOUT = 1.0  # for so long tcpdump and dumpcap leave packets unread

FRAME = """{{ eth(da={mac}, sa=02:00:00:00:00:01)
  ipv4(sa={sender}, da={receiver}) udp(sp=1000, dp={port}) fill('A', {fill}) }}
"""


class Unable(Exception):
    """A program that cannot be measured here, and why."""


@dataclasses.dataclass
class Program:
    name: str
    command: list  # with {file}
    settle: float  # seconds until what was sent has been read
    extension: str = 'pcapng'


@dataclasses.dataclass
class Run:
    user: float  # seconds
    system: float
    packets: int
    lost: int
    size: int
    peak: int  # KiB


def first_line(*command):
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        return result.stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def print_machine(args, features):
    with open('/proc/cpuinfo') as cpuinfo:
        model = re.search(r'model name\s*:\s*(.+)', cpuinfo.read())
    system = platform.uname()
    print(f'{datetime.date.today()}; {system.system} {system.release} '
          f'{system.machine}; {model.group(1) if model else "unknown processor"}, '
          f'{os.cpu_count()} processors')
    versions = [first_line('gst-launch-1.0', '--version'),
                f'gst-afring {features.version}']
    versions += filter(None, (first_line('tcpdump', '--version'),
                              first_line('dumpcap', '--version'),
                              first_line('netsniff-ng', '--version')))
    print('; '.join(re.sub(r'(, the packet|, Git id|\s*\(Git).*', '', version)
                    for version in versions))
    filesystem = first_line('findmnt', '-no', 'FSTYPE', '-T', args.directory)
    print(f'{args.rounds} rounds, rings of {RING} MiB, files on {filesystem}')


# What this build can do.

@dataclasses.dataclass
class Features:
    version: str
    block_mode: bool


def inspect():
    result = subprocess.run(['gst-inspect-1.0', 'afringsrc'], text=True,
                            stdout=subprocess.PIPE)
    if result.returncode != 0:
        sys.exit('The element afringsrc is not to be found: give --build')
    version = re.search(r'^\s+Version\s+(\S+)', result.stdout, re.M).group(1)
    return Features(version, 'application/x-pcapng' in result.stdout)


def find_recorders(features, build):
    source = ['gst-launch-1.0', '-e', 'afringsrc', 'name=source', 'interface=vb', '!']
    sink = ['pcapsink', 'location={file}']
    # into classic pcap, for which pcapsink prefers packets, and as tcpdump writes
    programs = [Program('afringsrc, packet mode', source + sink, 0.4, 'pcap')]
    if features.block_mode:
        blocks = ['application/x-pcapng', '!']
        programs += [
            Program('afringsrc, block mode', source + blocks + sink, 0.4),
            Program('without an index', source + blocks + sink + ['index=false'], 0.4),
            Program('the same ! fakesink', [get_tap(build)] + source[2:] + blocks
                    + ['fakesink'], 0.4)]
    else:
        print('left out: block mode (afringsrc has no application/x-pcapng)')
    libpcap = LIBPCAP_TIMEOUT + 0.3
    peers = [
        Program('tcpdump', ['tcpdump', '-i', 'vb', '-w', '{file}', '-Z', 'root',
                            '-B', str(RING * 1024)], libpcap, 'pcap'),
        Program('dumpcap', ['dumpcap', '-q', '-i', 'vb', '-w', '{file}',
                            '-B', str(RING)], libpcap),
        Program('netsniff-ng', ['netsniff-ng', '--in', 'vb', '--out', '{file}',
                                '--silent', '-S', f'{RING}MiB'], 0.7, 'pcap'),
    ]
    for peer in peers:
        if shutil.which(peer.command[0]):
            programs.append(peer)
        else:
            print(f'left out: {peer.name} (not installed)')
    return programs


def get_tap(build):
    return str(build / 'tests' / 'bench' / 'bench-tap')


def find_taps(build):
    program = get_tap(build)
    return [
        Program('udpsrc', [program, 'udpsrc', f'address={VB_IP}', f'port={PORT}',
                           f'buffer-size={RING << 20}', '!', 'fakesink'], 0.4),
        Program('afringsrc ! packetdepay', [
            program, 'afringsrc', 'interface=vb', f'filter="udp port {PORT}"', '!',
            'packetdepay', '!', 'fakesink'], 0.4),
    ]


# One run.

def make_link():
    for command in (
            f'ip link add va type veth peer name vb address {VB_MAC}',
            f'ip address add {VB_IP}/24 dev vb',
            'ip link set vb up',
            'ip link set va up'):
        subprocess.run(command.split(), check=True)
    for name in ('all', 'vb'):
        pathlib.Path(f'/proc/sys/net/ipv4/conf/{name}/rp_filter').write_text('0')


def get_link_index():
    output = subprocess.run(['ip', '-o', 'link', 'show', 'vb'], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return output.split(':')[0]


def count_arrived():
    with open('/proc/net/dev') as devices:
        fields = re.search(r'^\s*vb:\s*(.+)$', devices.read(), re.M).group(1).split()
    return int(fields[1])


def send(config, frames):
    """Returns how many frames have arrived."""
    before = count_arrived()
    subprocess.run(['trafgen', '-i', str(config), '-o', 'va', '-n', str(frames),
                    '-P', '1', '-q'], check=True, timeout=60,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return count_arrived() - before


def is_listening(index):
    """Is there a packet socket bound to vb, or a UDP socket on the port?"""
    with open('/proc/net/packet') as sockets:
        for line in list(sockets)[1:]:
            fields = line.split()
            if fields[4] == index and fields[5] == '1':
                return True
    with open('/proc/net/udp') as sockets:
        return any(line.split()[1].endswith(f':{PORT:04X}')
                   for line in list(sockets)[1:])


def get_cpu(pid):
    """Seconds of user and of system time until now. Their sum is exact, its parts
    are counted in hundredths."""
    total = 0
    for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
        total += int((task / 'schedstat').read_text().split()[0])
    stat = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    user, system = int(stat[11]), int(stat[12])
    share = user / (user + system) if user + system > 0 else 0.5
    return total / 1e9 * share, total / 1e9 * (1 - share)


def get_peak(pid):
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'^VmHWM:\s*(\d+)', status, re.M).group(1))


def await_listening(process, log):
    index = get_link_index()
    end = time.monotonic() + 10
    while not is_listening(index):
        if process.poll() is not None or time.monotonic() > end:
            lines = log.read_text().split('\n')
            raise Unable(next(filter(None, reversed(lines)), 'does not start'))
        time.sleep(0.02)
    time.sleep(0.4)


def end(process, log):
    """Interrupts it and returns what it has used in all."""
    process.send_signal(signal.SIGINT)
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        time.sleep(0.01)
    raise Unable('does not end')


def count_in_file(path):
    output = subprocess.run(['capinfos', '-TrMc', str(path)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    try:
        return int(output.split('\t')[1])
    except (IndexError, ValueError):
        raise Unable('capinfos cannot read its file')


def find_file(path):
    if not path.exists():
        raise Unable('left no file')
    return path


def measure(program, config, frames, directory):
    path = directory / f'record.{program.extension}'
    log = directory / 'log'
    command = [word.format(file=path) for word in program.command]
    with open(log, 'w') as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        await_listening(process, log)
        user, system = get_cpu(process.pid)
        sent = send(config, frames)
        time.sleep(program.settle)
        peak = get_peak(process.pid)
        usage = end(process, log)
        if any('{file}' in word for word in program.command):
            packets = count_in_file(find_file(path))
            size = path.stat().st_size
        else:
            packets, size = int(log.read_text().split()[-1]), 0
        return Run(usage.ru_utime - user, usage.ru_stime - system, packets,
                   sent - packets, size, peak)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        path.unlink(missing_ok=True)


# All runs.

def spread(values):
    return [statistics.median(values), min(values), max(values)]


def get_cost(run):
    """Nanoseconds of CPU for each packet that was recorded."""
    return (run.user + run.system) / max(run.packets, 1) * 1e9


def print_row(name, cells):
    widths = 8, 8, 8, 8, 8, 9, 9, 9, 9, 7, 9
    print(f'{name:23}' + ''.join(
        f'{cell if isinstance(cell, str) else format(cell, ".0f"):>{width}}'
        for cell, width in zip(cells, widths)))


def print_table(title, results, base):
    print(f'\n{title}')
    print_row('', ['CPU ns', 'least', 'most', 'user', 'system', 'lost', 'least',
                   'most', 'bytes', 'peak', 'CPU to'])
    print_row('', ['a packet', '', '', '', '', 'packets', '', '', 'a packet', 'MiB',
                   base])
    cost = {name: spread([get_cost(run) for run in runs])
            for name, runs in results.items()}
    for name, runs in results.items():
        user, size = (statistics.median(getattr(run, part) / max(run.packets, 1)
                                        for run in runs) for part in ('user', 'size'))
        user = min(user * 1e9, cost[name][0])
        ratio = f'{cost[name][0] / cost[base][0]:.3f}' if base in cost else '-'
        print_row(name, cost[name] + [user, cost[name][0] - user]
                  + spread([run.lost for run in runs])
                  + [size, statistics.median(run.peak for run in runs) / 1024, ratio])


def measure_all(args, programs, mac, sizes, title, base, directory):
    results = {size: {program.name: [] for program in programs} for size in sizes}
    unable = {}
    for _ in range(args.rounds):
        for size in sizes:
            config = directory / 'frame.cfg'
            config.write_text(FRAME.format(mac=mac, sender=SENDER_IP, receiver=VB_IP,
                                           port=PORT, fill=size - HEADERS))
            for program in programs:
                if program.name in unable:
                    continue
                try:
                    run = measure(program, config, args.frames, directory)
                    results[size][program.name].append(run)
                except Unable as reason:
                    unable[program.name] = reason
    for name, reason in unable.items():
        print(f'left out: {name} ({reason})')
    for size in sizes:
        runs = {name: runs for name, runs in results[size].items() if runs}
        if runs:
            print_table(title.format(frames=args.frames, size=size), runs, base)


def run_all(args, directory):
    build = args.build.resolve()
    sizes = [int(size) for size in args.sizes.split(',')]
    features = inspect()
    print_machine(args, features)
    make_link()
    if args.only != 'tap':
        measure_all(args, find_recorders(features, build), OTHER_MAC, sizes,
                    'recording {frames} frames of {size} bytes', 'tcpdump', directory)
    if args.only != 'record':
        measure_all(args, find_taps(build), VB_MAC, sizes,
                    'tapping {frames} UDP datagrams in frames of {size} bytes',
                    'udpsrc', directory)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', type=pathlib.Path, metavar='DIRECTORY',
                        default=HERE.parent.parent / 'build',
                        help='where this project was built (build in the source tree)')
    parser.add_argument('--frames', type=int, default=1000000, metavar='N',
                        help='frames that are sent in each run (%(default)s)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N')
    parser.add_argument('--sizes', default='60,512,1442', metavar='N,...',
                        help='bytes of a frame (%(default)s)')
    parser.add_argument('--directory', default=tempfile.gettempdir(), metavar='NAME',
                        help='where to record; files are removed (%(default)s)')
    parser.add_argument('--only', choices=('record', 'tap'))
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    args = parse_arguments()
    if not args.inside:
        os.execv(IN_NAMESPACE, [str(IN_NAMESPACE), sys.executable, __file__,
                                '--inside', *sys.argv[1:]])
    os.environ.pop('G_SLICE', None)
    os.environ['GST_PLUGIN_PATH'] = str(args.build.resolve() / 'plugin')
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    for needed in ('trafgen', 'capinfos'):
        if not shutil.which(needed):
            sys.exit(f'{needed} is needed (packages netsniff-ng and tshark)')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it is removed
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        directory = pathlib.Path(directory)
        directory.chmod(0o777)  # netsniff-ng and dumpcap may give up root
        # made by the first who looks, so that no recorder has to
        os.environ['GST_REGISTRY'] = str(directory / 'registry.bin')
        run_all(args, directory)


if __name__ == '__main__':
    main()
