#!/usr/bin/python3
"""Every command of README.md and docs/, as it stands there, on a link as the recipes
make it, with the senders of the recipes.

lines.py SOURCE BUILD [PAGE[:LINE]...]

In a network namespace of its own, as root in it. A command that would go on for ever is
ended by Ctrl-C. None may say ERROR or CRITICAL, leave objects behind, as GStreamer's
tracer tells, or end with another status than it should, and the captures that it writes have packets in them, as capinfos says.
SPDX-License-Identifier: LGPL-2.1-or-later
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import statements

SECONDS = 1.5           # of a command that goes on, at least
ENOUGH = 4096           # bytes, of a file
PATIENCE = 60
AGAIN = 10
SKIPPED = 77
TOOLS = ['capinfos', 'mergecap', 'tcpdump', 'tshark', 'zstd', 'ping', 'setcap',
         'setpriv', 'cc']
ELEMENTS = ['vp8enc', 'alawenc', 'rtpvp8pay', 'audiomixer', 'mpegtsmux', 'pcapparse',
            'openh264enc', 'opusenc', 'matroskamux', 'wavenc', 'pngenc', 'packetscope',
            'capssetter', 'rtpssrcdemux']

# tells at the end of a program (gst_deinit) what is left
TRACE = {'GST_TRACERS': 'leaks', 'GST_DEBUG': 'GST_TRACER:7',
         'GST_DEBUG_NO_COLOR': '1'}

RECIPES = 'docs/recipes.md'
# What other tests run, or what needs what is not here, by the words of the command.
ELSEWHERE = [
    (r'quickstart\.sh|tests/run\.sh', 'that is what runs this'),
    (r'apt-get|meson |ninja |ldconfig|dpkg-', 'the build: tests/fresh/newcomer.sh'),
    (r'build-release|compare\.sh', 'benchmarks'),
    (r'pkg-config|^\./|/count', 'programs: tests/api/programs.py'),
    (r'^unshare -Urn bash', 'a shell'),
    (r'^ip (link|address|neighbour) ', 'the link that this test makes of it'),
    (r'src port (5060|8000)', 'no such traffic here: tests/pipelines/http.sh'),
    (r'src port 554', 'no such traffic here: tests/pipelines/rtsp.py'),
    (r'/proc/PID', 'PID is whose you like'),
    (r'/srv/capture|--pre-roll', 'a user and folders: tests/net/recorderweeks.sh'),
]
# they go on until they are ended
ENDLESS = re.compile(r'launch.*afringsrc(?!.*num-buffers)|tcpclientsrc|tail -c|'
                     r'tshark -i|/dev/tcp/|rtp-tap --interface|afring-record -i|watch\.py',
                     re.DOTALL)
# of a packet, as tshark and tcpdump print it
PACKET = re.compile(r'^ *\d+ +\d+\.\d+ |^\d\d:\d\d:\d\d\.\d+ ', re.MULTILINE)
# the exit status of "timeout", which a page has in front of a command
TIMED_OUT = 124


class Page:
    """Where commands run: a folder with what they read."""

    def __init__(self, source, build):
        self.source = source
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.background = []
        self.failures = 0
        self.count = 0
        (self.folder / 'build').symlink_to(build)
        (self.folder / 'bin').mkdir()
        # as installed
        for name in 'afring-record', 'afring-find', 'afring-replay':
            (self.folder / 'bin' / name).symlink_to(
                pathlib.Path(build) / 'examples' / name)
        # of Wireshark up to 4.0, and of later ones
        for name in '.config', '.local/lib':
            extcap = self.folder / name / 'wireshark' / 'extcap'
            extcap.mkdir(parents=True)
            (extcap / 'afring-extcap').symlink_to(
                pathlib.Path(build) / 'examples' / 'afring-extcap')
        # whoever reads a page has it; here everything is root's
        sudo = self.folder / 'bin' / 'sudo'
        sudo.write_text('#!/bin/sh\nexec "$@"\n')
        sudo.chmod(0o755)
        self.environment = dict(
            os.environ, HOME=str(self.folder), LC_ALL='C',
            PATH=f'{self.folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin',
            PYTHONDONTWRITEBYTECODE='1',
            # those that show and play take any screen, which can be broken here
            GST_PLUGIN_FEATURE_RANK='fakevideosink:MAX,fakeaudiosink:MAX')

    def start(self, text):
        """In a group of its own, as a shell would do; without a terminal."""
        log = tempfile.TemporaryFile()
        # of stream headers it leaves one behind, GStreamer's own ones (oggmux) too
        trace = {} if 'tcpserversink' in text else TRACE
        process = subprocess.Popen(
            ['bash', '-c', text], cwd=self.folder, env=self.environment | trace,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True)
        process.log = log
        return process

    def said(self, process):
        process.log.seek(0)
        return process.log.read().decode(errors='replace')

    @contextlib.contextmanager
    def running(self, *texts):
        """Beside what is in the block."""
        processes = [self.start(text.rstrip('& \n')) for text in texts]
        try:
            for text in texts:
                self.wait_ready(text)
            yield processes
        finally:
            for process in processes:
                interrupt(process)

    def wait_ready(self, text):
        """Until there is something to be read of what the text starts."""
        ready = lambda: True
        if 'tcpserversink' in text:
            ready = lambda: ':DEB4 00000000:0000 0A' in pathlib.Path(
                '/proc/net/tcp').read_text()
        elif 'pcapsink' in text:
            ready = lambda: any(path.stat().st_size > 4096 for path
                                in self.folder.glob('*.part'))
        end = time.monotonic() + PATIENCE
        while not ready() and time.monotonic() < end:
            time.sleep(0.02)

    def fail(self, statement, why, text=''):
        print(f'FAIL {statement}: {why}\n{statement.text}\n{text[-2000:]}')
        self.failures += 1

    def outputs(self, statement):
        """What sinks are told to write, as patterns of file names."""
        for name in re.findall(r"sink location=([^\s!']+)", statement.text):
            if not name.startswith('/dev/'):
                yield re.sub(r'(%\d*[a-zA-Z])+', '*', name)

    def find(self, name, before):
        """Files that are new or longer."""
        return [path for path in self.folder.glob(name)
                if path.stat().st_mtime_ns > before and path.stat().st_size > 0]

    def have_begun(self, process, statement, before):
        """In each file there is something, and who prints packets has printed some:
        tshark that has not begun to read yet takes Ctrl-C for an error."""
        if (re.search(r'\b(tshark|tcpdump)\b', statement.text)
                and not PACKET.search(self.said(process))):
            return False
        return all(any(path.stat().st_size > ENOUGH for path in
                       self.find(name, before) + self.find(name + '.part', before))
                   for name in self.outputs(statement))

    def check_outputs(self, statement, before):
        for name in self.outputs(statement):
            found = self.find(name, before)
            if not found:
                self.fail(statement, f'there is no {name}')
            for path in found:
                if '.pcap' in path.name and path.suffix != '.zst':
                    self.check_capture(statement, path)

    def check_capture(self, statement, path):
        info = subprocess.run(['capinfos', '-MTrc', path], text=True,
                              capture_output=True)
        packets = info.stdout.strip().split('\t')[-1]
        if info.returncode or not packets.isdigit() or packets == '0':
            self.fail(statement, f'capinfos of {path}: {info.stdout}{info.stderr}')

    def wait(self, process, statement, endless, before):
        """For the end, or, if it has none, until there is something in all files."""
        start = time.monotonic()
        while process.poll() is None:
            age = time.monotonic() - start
            if age > PATIENCE:
                self.fail(statement, 'it does not end' if not endless else
                          'its files stay empty', self.said(process))
                return interrupt(process)
            if (endless and age > SECONDS
                    and self.have_begun(process, statement, before)):
                return interrupt(process)
            time.sleep(0.05)
        if endless:
            self.fail(statement, 'it ended by itself', self.said(process))
        return process.returncode

    def run(self, statement):
        before = time.time_ns()
        process = self.start(statement.text)
        endless = ENDLESS.search(statement.text) is not None
        status = self.wait(process, statement, endless, before)
        wait_for_readers()
        text, leaks = split_trace(self.said(process))
        allowed = {0}
        if 'timeout' in statement.text:
            allowed.add(TIMED_OUT)
        if endless and not re.search(r'gst-launch.* -e', statement.text):
            # 1, 2: tcpdump and tshark, whose pipe ends in the middle of a packet
            allowed |= {-signal.SIGINT, 128 + signal.SIGINT, 1, 2}
        if status not in allowed:
            self.fail(statement, f'it ends with {status}', text)
        elif re.search(r'\bERROR\b|CRITICAL|WARNING \*\*|Traceback|Permission', text):
            self.fail(statement, 'it complains', text)
        elif leaks:
            self.fail(statement, 'it leaves objects behind', '\n'.join(leaks))
        else:
            self.check_outputs(statement, before)
        self.count += 1
        took = (time.time_ns() - before) / 1e9
        print(f'{"ended" if endless else "ran":5} {statement}, {took:.1f} s',
              flush=True)

    def close(self):
        shutil.rmtree(self.folder)


def split_trace(said):
    """What a command says, and the objects that it leaves behind."""
    words, leaks = [], []
    for line in said.splitlines():
        if 'GST_TRACER' not in line:
            words.append(line)
        elif re.search(r'object-alive, type-name=\(string\)\w', line):
            leaks.append(line)
    return '\n'.join(words), leaks


def interrupt(process):
    """Ctrl-C, and what it leads to. tshark does not always hear the first one."""
    for _ in range(PATIENCE // AGAIN):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(AGAIN)
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def wait_for_readers():
    """What is behind a pipe, with setsid, goes on until that ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        users = subprocess.run(
            ['pgrep', '-f', r'zstd -q -o|tcpdump -n -l'], capture_output=True)
        if users.returncode:
            return
        time.sleep(0.05)


class Senders:
    """The senders of the recipes, by what a command is about."""

    def __init__(self, source):
        every = list(statements.read(source, RECIPES))
        find = lambda words: next(s.text for s in every if words in s.text)
        self.video = find('videotestsrc is-live=true ! vp8enc')
        self.speakers = find('bind-port=4001')
        self.call = find('rtppcmapay ssrc=')
        self.ping = find('ping -q -i 0.01')
        self.mpegts = find('mpegtsmux name=m')
        self.server = find('tcpserversink')
        self.recorder = next(
            s.text for s in statements.read(source, 'docs/pcapsink.md')
            if 'location=eth0.pcapng' in s.text)
        self.lo_video = self.video.replace('10.9.0.2', '127.0.0.1')

    def of(self, statement):
        text = statement.text
        found = [self.ping, 'ping -q -i 0.02 127.0.0.1', DNS]
        if 'stream.ts' in text or 'mpegts' in text:
            found.append(self.mpegts)
        elif 'rtpssrcdemux' in text:
            found.append(self.call)
        elif 'VP8' not in text and re.search(
                r'decodebin|audio|wav|--show first', text):
            found.append(self.speakers)
        else:
            found += [self.video, self.lo_video]
        if '57012' in text and 'tcpserversink' not in text:
            found.append(self.server)
        if 'eth0.pcapng.part' in text:
            found.append(self.recorder)
        return found


# from another port each time
DNS = 'while :; do echo x >/dev/udp/10.9.0.2/53; sleep 0.02; done'


def make_link(source):
    for statement in statements.read(source, RECIPES):
        if statement.text.startswith('ip ') and 'lo up' not in statement.text:
            subprocess.run(statement.text, shell=True, check=True)


def record(page, senders):
    """Some seconds of video and pings."""
    with page.running(senders.video, senders.ping):
        recorder = page.start('exec gst-launch-1.0 -e afringsrc interface=eth0 ! '
                              'pcapsink location=recorded.pcapng')
        page.wait_ready('pcapsink')
        time.sleep(3)
        interrupt(recorder)


def make_inputs(page):
    """What pages call a.pcapng and the like."""
    recorded = page.folder / 'recorded.pcapng'
    for name in 'a.pcapng', 'record.pcapng', 'eth0.pcapng', 'made.pcapng':
        shutil.copy(recorded, page.folder / name)
    for name in 'record.pcap', 'old.pcap':
        subprocess.run(['editcap', '-F', 'pcap', recorded, page.folder / name],
                       check=True)
    (page.folder / 'capture').mkdir(exist_ok=True)
    shutil.copy(recorded, page.folder / 'capture' / 'eth0-a.pcapng')
    (page.folder / 'watch.py').write_text(
        statements.read_program(page.source, 'README.md', 'watch.py'))


def is_elsewhere(statement):
    return (statement.text.rstrip().endswith('&')
            or any(re.search(words, statement.text) for words, _ in ELSEWHERE))


def missing():
    for tool in TOOLS:
        if shutil.which(tool, path='/usr/bin:/bin:/usr/sbin:/sbin') is None:
            return tool
    for element in ELEMENTS:
        # of any version: ours is not GStreamer's
        if subprocess.run(['gst-inspect-1.0', '--exists', '--atleast-version=0.0',
                           element]).returncode:
            return element
    return None


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    wanted = sys.argv[3:]
    if (what := missing()) is not None:
        print(f'skipped: there is no {what}')
        sys.exit(SKIPPED)
    pages = ['README.md'] + sorted(
        f'docs/{path.name}' for path in (source / 'docs').glob('*.md'))
    make_link(source)
    page, senders = Page(source, build), Senders(source)
    record(page, senders)
    for name in pages:
        make_inputs(page)
        for statement in statements.read(source, name):
            if is_elsewhere(statement) or (
                    wanted and name not in wanted and str(statement) not in wanted):
                continue
            with page.running(*senders.of(statement)):
                page.run(statement)
    page.close()
    print(f'{page.count} commands, {page.failures} failures')
    sys.exit(page.failures > 0 or page.count == 0)


if __name__ == '__main__':
    main()
