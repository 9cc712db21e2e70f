"""What the system does wrong, by the faults of faults.c, and what becomes of a recording: an
error on the bus that says it, or a loss that is counted; what was recorded is whole, and
nothing hangs.

faults.py FAULTRUN FAULTS PART...
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import glob
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../net'))
import conservation

PATIENCE = 60
N = 20000
MOCK = f'afringmocksrc name=source num-buffers={N} packet-size=500'
SINK = 'pcapsink name=sink location={folder}/f-%05d.pcapng max-file-size=1000000'
failures = []


class Run:
    """A pipeline under faults, to its end or killed as one that hangs."""

    def __init__(self, programs, folder, faults, pipeline, limit=None):
        self.folder, self.log = folder, os.path.join(folder, 'faults.log')
        environment = dict(os.environ, AFRING_FAULTS=faults, LD_PRELOAD=programs[1],
                           AFRING_FAULTS_FOLDER=folder + '/f-',
                           AFRING_FAULTS_LOG=self.log)
        self.process = subprocess.Popen(
            [programs[0], str(PATIENCE), *pipeline.format(folder=folder).split()],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=limit)

    def end(self):
        self.output = self.process.communicate()[0]
        self.status = self.process.returncode
        stats = re.findall(r'^stats (\S+) (\S+) (\d+)$', self.output, re.MULTILINE)
        self.stats = {(name, field): int(value) for name, field, value in stats}
        self.error = (re.findall(r'^error (.*)$', self.output, re.MULTILINE)
                      or [None])[0]
        self.faults = 0
        if os.path.exists(self.log):
            with open(self.log) as log:
                self.faults = sum(int(line.split()[1]) for line in log if ' of ' in line)
        return self

    def wait_until_asleep(self):
        """Or until it captures without."""
        while self.process.poll() is None and not captures():
            if os.path.exists(self.log) and 'sleeping' in open(self.log).read():
                return
            time.sleep(0.005)

    def files(self):
        """In the order in which they were written: a clock can be in their names."""
        return sorted(glob.glob(self.folder + '/f-*.pcap*'),
                      key=lambda path: os.stat(path).st_mtime_ns)


def wrong_with_end(run, expected, least_faults):
    """What is wrong with how it ended; None if nothing is."""
    if run.status == -signal.SIGALRM:
        return 'it hangs'
    if run.status != 0:
        return f'it died: {run.status}'
    if run.faults < least_faults:
        return f'{run.faults} faults, and not {least_faults}'
    if run.error and (run.error.startswith('state 0 ') or re.search(r': *$', run.error)):
        return 'an error that says nothing'
    if expected and expected.startswith('either'):
        words = expected.partition(' ')[2]
        if run.error and not re.search(words, run.error):
            return f'"{run.error}", and not "{words}"'
        return None
    if expected is None:
        return run.error and f'an error: {run.error}'
    if not run.error or not re.search(expected, run.error):
        return f'"{run.error}", and not "{expected}"'
    return None


def wrong_with_files(run):
    """Of a pipeline with mock and sink. Whole files whose packets are as many as the
    sink says, from the first on, all of them where it came to its end."""
    files = run.files()
    if any(file.endswith('.part') for file in files):
        return f'there are {files}'
    try:
        numbers = conservation.numbers_of(files)
    except AssertionError as torn:
        return str(torn)
    recorded = run.stats.get(('sink', 'packets'), 0)
    sent = N if not run.error else recorded
    if len(numbers) != recorded:
        return f'{len(numbers)} are in files, {recorded} counted as recorded'
    return conservation.breach(numbers, sent, 0)


def report(name, run, wrong):
    if wrong:
        failures.append(name)
        print(f'FAIL {name}: {wrong}\n{run.output[-3000:]}', flush=True)
    else:
        print(f'ok   {name}: {run.faults} faults, '
              f'{run.stats.get(("sink", "packets"), 0)} recorded, {run.error or "eos"}',
              flush=True)


def try_one(programs, name, faults, expected=None, pipeline=f'{MOCK} ! {SINK}',
            least_faults=1, limit=None, files=wrong_with_files):
    with tempfile.TemporaryDirectory() as folder:
        run = Run(programs, folder, faults, pipeline, limit).end()
        report(name, run, wrong_with_end(run, expected, least_faults) or files(run))


# The parts.

def disk(programs):
    no_space = r'^gst-resource-error-quark 14 '
    for sink in (SINK, SINK + ' direct-io=never', SINK.replace('pcapng', 'pcap')):
        what = sink.split('f-%05d')[1]
        pipeline = f'{MOCK} ! {sink}'
        for error, expected in (('ENOSPC', no_space), ('EDQUOT', no_space),
                                ('EIO', 'Input/output error'),
                                ('EROFS', 'Read-only file system')):
            # whichever of them this sink writes with
            faults = f'pwrite={error}@3- pwritev={error}@3- fallocate={error}@3-'
            try_one(programs, f'{error} in the middle, {what}', faults, expected, pipeline)
        try_one(programs, f'short writes, {what}', 'pwrite=short@1-/2 pwritev=short@1-/2',
                None, pipeline)
    try_one(programs, 'fsync fails', 'fsync=EIO@1-', 'Cannot sync.*Input/output error')
    try_one(programs, 'fdatasync fails', 'fdatasync=EIO@2-',
            'Cannot sync.*Input/output error',
            f'{MOCK} ! {SINK} sync-mode=interval flush-interval=0')
    try_one(programs, 'the name cannot be given', 'rename=EIO@2', 'Cannot rename',
            files=lambda run: None)
    try_one(programs, 'no file can be opened', 'open=EROFS@1-', 'Read-only file system')
    try_one(programs, 'the third cannot be opened', 'open=EMFILE@5-/1', 'Too many open files')
    try_one(programs, 'a disk that hangs ten seconds',
            'pwrite=sleep:10000@4 pwritev=sleep:10000@4')
    for name in ('zst', 'gz'):
        # half a frame is none
        try_one(programs, f'ENOSPC, .{name}', 'pwrite=ENOSPC@2-', no_space,
                f'{MOCK} ! pcapsink name=sink location={{folder}}/f-%05d.pcapng.{name} '
                f'compression={"zstd" if name == "zst" else "gzip"} max-file-size=4000000',
                files=lambda run: None)


def memory(programs):
    """Where the ring, its windows, evictions and a pre-roll want memory."""
    held = (f'{MOCK.replace("500", "9000")} ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 '
            f'min-threshold-buffers=15000 ! {SINK}')
    for n in range(1, 13):
        try_one(programs, f'ENOMEM at mmap {n}', f'mmap=ENOMEM@{n}', 'either memory', held,
                least_faults=0)
    try_one(programs, 'ENOMEM at each mmap', 'mmap=ENOMEM@1-', 'memory', held)
    for n in (1, 2, 5):
        try_one(programs, f'ENOMEM from mremap {n} on', f'mremap=ENOMEM@{n}-',
                'either memory', held, least_faults=0)
    armed = f'{MOCK} ! {SINK} pre-roll-time=1000000000000'
    try_one(programs, 'no memory for a pre-roll', 'mmap=ENOMEM@1-',
            'no memory for a pre-roll', armed, files=lambda run: None)
    # by then the ring is mapped, in whatever order that went, and some pieces are full
    armed = armed.replace('500', '9000', 1)
    try_one(programs, 'ENOMEM in a pre-roll', 'mmap=ENOMEM@20-', None, armed,
            files=lambda run: None if sum(
                run.stats[('sink', field)] for field in
                ('packets', 'held-packets', 'aged-out', 'cut', 'lost')) == N
            else 'they are not all counted')


def interrupted(programs):
    for each in (2, 3):
        for more in ('', ' direct-io=never', ' sync-mode=interval flush-interval=0'):
            try_one(programs, f'EINTR at each {each}.{more}', f'all=EINTR@1-/{each}', None,
                    f'{MOCK} ! {SINK}{more}')


def no_more_threads(programs):
    # the fifth is of GStreamer's pool, without which it waits for ever by itself
    for n in range(1, 5):
        try_one(programs, f'no thread from the {n}. on', f'thread=EAGAIN@{n}-', 'thread',
                files=lambda run: None)


def clock(programs):
    pipeline = f'{MOCK} ! {SINK} max-file-duration=3600000000000'
    try_one(programs, 'an hour forward', 'clock=jump:3600@40-', None, pipeline)
    try_one(programs, 'an hour back', 'clock=jump:-3600@40-', None, pipeline)
    try_one(programs, 'forward and back', 'clock=jump:86400@40-60 clock=jump:-86400@61-',
            None, f'{MOCK} ! {SINK.replace("%05d", "%Y%m%d-%H%M%S")}')


# The kernel's ring.

class Link:
    def __init__(self):
        run('ip link add va type veth peer name vb')
        for name in ('va', 'vb'):
            run(f'ip link set {name} up')
        while ' state UP ' not in subprocess.run(
                ['ip', '-o', 'link', 'show', 'vb'], stdout=subprocess.PIPE,
                text=True).stdout:
            time.sleep(0.01)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(('va', 0))

    def send(self, first, n):
        for number in range(first, first + n):
            udp = struct.pack('!HHHHI', 1, 5004, 72, 0, number) + bytes(60)
            ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 92, 0, 0, 64, 17, 0,
                             bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
            self.socket.send(bytes.fromhex('0200000000990200000000010800') + ip + udp)

    def remove(self):
        self.socket.close()
        subprocess.run('ip link del va'.split(), stderr=subprocess.DEVNULL)


def run(command):
    subprocess.run(command.split(), check=True)


def captures():
    with open('/proc/net/packet') as sockets:
        # bound, running, and not the sender's, which has protocol 0
        return any(line.split()[3] != '0000' and line.split()[5] == '1'
                   for line in list(sockets)[1:])


# an interface that goes is waited for unless that is an error
LIVE = ('afringsrc name=source interface=vb on-link-down=error num-buffers={n} ! '
        + SINK)


# what the user can do something with
SAYS = {'ENOMEM': 'memory', 'ENODEV': 'vb|interface|device',
        'EPERM': 'permitted|CAP_'}


def ring(programs):
    """Each call of the opening order fails; and then the interface goes during it."""
    link = Link()
    for call in ('socket', 'setsockopt', 'bind', 'mmap'):
        for n in range(1, 9 if call == 'setsockopt' else 5):
            for error in ('ENOMEM', 'ENODEV', 'EPERM'):
                with tempfile.TemporaryDirectory() as folder:
                    faults = f'{call}={error}@{n}'
                    one = Run(programs, folder, faults, LIVE.replace('{n}', '1'))
                    # without an error on the way it captures
                    while one.process.poll() is None and not captures():
                        time.sleep(0.01)
                    while one.process.poll() is None:
                        try:
                            link.send(0, 1)
                        except OSError:
                            pass
                        time.sleep(0.05)
                    one.end()
                    report(faults, one, wrong_with_end(one, f'either {SAYS[error]}', 0))
    for call, most in (('socket', 3), ('setsockopt', 9), ('bind', 2), ('mmap', 3)):
        for n in range(1, most + 1):
            with tempfile.TemporaryDirectory() as folder:
                one = Run(programs, folder, f'{call}=sleep:400@{n}',
                          LIVE.replace('{n}', '1'))
                one.wait_until_asleep()
                link.remove()
                one.end()
                report(f'gone at {call} {n}', one, wrong_with_end(
                    one, 'vb|interface|link|device', 0))
                link = Link()
    link.remove()


def stopped(programs):
    """SIGSTOP for five seconds: what the ring cannot hold is counted."""
    link, sent = Link(), 0
    with tempfile.TemporaryDirectory() as folder:
        one = Run(programs, folder, '', 'afringsrc name=source interface=vb '
                  'block-size=65536 block-count=8 num-buffers=12000 ! ' + SINK)
        while not captures():
            time.sleep(0.01)
        link.send(0, 1000)
        one.process.send_signal(signal.SIGSTOP)
        link.send(1000, 10000)
        time.sleep(5)
        one.process.send_signal(signal.SIGCONT)
        sent = 11000
        while one.process.poll() is None:
            link.send(sent, 500)
            sent += 500
            time.sleep(0.02)
        one.end()
        wrong = wrong_with_end(one, None, 0)
        numbers = conservation.numbers_of(one.files(), 5004)
        # it ends by a count: what came behind is not asked for
        asked = max(numbers, default=0) + 1
        dropped = one.stats.get(('source', 'packets-dropped'), 0)
        missing = asked - len(numbers)
        if not wrong and not 0 < missing <= dropped:
            wrong = f'{missing} are missing, {dropped} counted as dropped'
        report('SIGSTOP for five seconds', one, wrong
               or conservation.breach(numbers, asked, missing))
    link.remove()


# What is on the way to it, by whichever part finds it first.
TOO_MANY = 'Too many open files|open files|descriptor'


def descriptors(programs):
    """One after the other is not to be had, here by a fault and there by the limit."""
    for call, most in (('memfd', 2), ('eventfd', 5), ('open', 5)):
        for n in range(1, most + 1):
            try_one(programs, f'EMFILE at {call} {n}', f'{call}=EMFILE@{n}-',
                    f'either {TOO_MANY}', least_faults=0)
    # with fewer GLib ends the program, which has none for itself
    for n in range(6, 17):
        # in which the judge itself has as many as it wants
        try_one(programs, f'{n} descriptors', '', f'either {TOO_MANY}', least_faults=0,
                limit=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n)))


PARTS = {'disk': disk, 'memory': memory, 'interrupted': interrupted,
         'threads': no_more_threads, 'clock': clock, 'descriptors': descriptors,
         'ring': ring, 'stopped': stopped}


def main():
    programs = [os.path.abspath(path) for path in sys.argv[1:3]]
    for part in sys.argv[3:]:
        PARTS[part](programs)
    sys.exit(bool(failures))


main()
