"""kill -9 at a random moment of a recording, so many times: what it leaves is completed, each
file is whole, and the packets in them are the first ones, each once, without a gap.

kills.py FAULTRUN AFRING-RECORD TIMES
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../net'))
import conservation

LONGEST = 0.6           # seconds of a recording, from its first bytes on
SINKS = [
    'location={0}/f-%05d.pcapng max-file-size=3000000',
    'location={0}/f-%05d.pcapng max-file-size=3000000 direct-io=never',
    'location={0}/f-%05d.pcapng flush-interval=0',
    'location={0}/f-%05d.pcap max-file-size=3000000 flush-interval=10000000',
    'location={0}/f-%05d.pcapng.gz compression=gzip max-file-size=9000000',
    'location={0}/f-%05d.pcapng.zst compression=zstd max-file-size=9000000',
]


def record_and_kill(faultrun, folder, sink):
    process = subprocess.Popen(
        [faultrun, '60', *'afringmocksrc packet-size=1400 ! queue ! pcapsink'.split(),
         *sink.format(folder).split()], stdout=subprocess.PIPE, text=True)
    while process.poll() is None and not any(
            entry.stat().st_size for entry in os.scandir(folder)):
        time.sleep(0.01)
    time.sleep(random.uniform(0, LONGEST))
    process.kill()
    process.wait()


def unpack(path):
    program = {'.gz': 'gzip', '.zst': 'zstd'}.get(os.path.splitext(path)[1])
    if not program:
        return path
    # the program says so if it is not whole
    subprocess.run([program, '-dqf', path], check=True)
    return os.path.splitext(path)[0]


def judge(recorder, folder):
    """How many packets were in the files; fails if they are not as they should be."""
    recovery = subprocess.run([recorder, '--recover', folder], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    files = sorted(glob.glob(folder + '/f-*'), key=lambda path: os.stat(path).st_mtime_ns)
    left = [path for path in files if path.endswith(('.part', '.recovering'))]
    if recovery.returncode != 0 or left:
        raise AssertionError(f'{left}: {recovery.stdout}')
    numbers = conservation.numbers_of([unpack(path) for path in files])
    wrong = conservation.breach(numbers, len(numbers), 0)
    if wrong:
        raise AssertionError(f'{files}: {wrong}')
    return len(numbers), len(files)


def main():
    faultrun, recorder = map(os.path.abspath, sys.argv[1:3])
    times, packets, files = int(sys.argv[3]), 0, 0
    seed = int(os.environ.get('KILLS_SEED', random.randrange(1 << 32)))
    random.seed(seed)
    print('seed', seed, flush=True)
    sinks = [sink for sink in SINKS if 'zst' not in sink or shutil.which('zstd')]
    for i in range(times):
        sink = sinks[i % len(sinks)]
        # a disk, where the folder for temporary files may be none
        with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
            record_and_kill(faultrun, folder, sink)
            try:
                n, m = judge(recorder, folder)
            except (AssertionError, subprocess.CalledProcessError) as wrong:
                sys.exit(f'FAIL kill {i + 1}, {sink}: {wrong}')
            packets, files = packets + n, files + m
    print(f'{times} kills, {files} files, {packets} packets, none torn, lost between '
          'others or twice')


main()
