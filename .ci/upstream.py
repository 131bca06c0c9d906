"""Runs the recipes of examples/rsyslog and examples/syslog-ng, disturbs them, and compares record by record.

Arguments: the program, and the folder that has Debian's packages unpacked, or `/`. What is asserted is what docs/upstream.md
says; what is only counted is printed.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from upstream_parts import Daemon, Lines, Relp, Tcp, compare, connect, lines_of, moments, raws, records, running, strike, until

PROGRAM, DEBIAN = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SOURCE = "cisco-anyconnect"
# Ports of the examples, and those of the test.
PORTS = {"514": "15514", "2514": "15515", "601": "15601"}
TCP, RELP, COUNTED = 15514, 15515, 15601
# What a killed xdr can hold: a pipe's worth in the pipe, and in each of its blocks.
HELD = 65536 * (1 + 2 * (os.cpu_count() or 1) + 2 + 1)
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)


def library(module):
    """The folder of modules that has this one."""
    return next(DEBIAN.glob(f"usr/lib/{module}")).parent


class Place:
    """A folder of a test, the example's files in it with its own paths and ports, and the daemon that runs them."""

    def __init__(self, kind, config, program_of=None):
        self.work = Path(tempfile.mkdtemp(prefix="upstream-"))
        self.kind, self.kept = kind, None
        for name in ("spool", "log", "out"):
            (self.work / name).mkdir()
        self.xdr = self.work / "xdr"
        self.xdr.symlink_to(PROGRAM)
        for name in ("events", config, "logrotate.conf"):
            folder = program_of if name == "events" and program_of else kind
            path = self.work / name
            path.write_text(self.moved((EXAMPLES / folder / name).read_text()))
            path.chmod(0o755 if name == "events" else 0o600)
        environment = {}
        if DEBIAN != Path("/"):
            paths = sorted({str(path.parent) for path in DEBIAN.glob("**/lib*.so.*")})
            environment["LD_LIBRARY_PATH"] = ":".join(paths)
        if kind == "rsyslog":
            command = [DEBIAN / "usr/sbin/rsyslogd", "-n", "-f", config, "-i", self.work / "pid", "-M", library("*/rsyslog/imtcp.so")]
        else:
            command = [DEBIAN / "usr/sbin/syslog-ng", "-F", "-f", config, "-p", self.work / "pid", "-c", self.work / "control",
                       "-R", self.work / "spool/persist", "--module-path", library("syslog-ng/*/libafprog.so"), "--no-caps", "--stderr"]  # fmt: skip
        self.daemon = Daemon(kind, list(map(str, command)), self.work, environment)
        self.environment = environment

    def moved(self, text):
        """An example's file with the paths and ports of this place."""
        for path, here in {
            "/var/spool/rsyslog": "spool", "/var/lib/syslog-ng": "spool", "/var/lib/xdr": "out", "/var/log/xdr": "log",
            "/etc/xdr": "", "/run/rsyslogd.pid": "pid", "/run/syslog-ng.pid": "pid",
        }.items():  # fmt: skip
            text = text.replace(path, str(self.work / here).rstrip("/"))
        text = re.sub(r'port(="|\()(\d+)', lambda found: f"port{found[1]}{PORTS[found[2]]}", text)
        # The record is kept with its event, to be compared.
        return re.sub(r"\bxdr normalize", f"{self.xdr} normalize --raw", text)

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, kind, *_):
        self.stop_following()
        if self.daemon.alive():
            self.daemon.process.kill()
            self.daemon.process.wait()
        strike(self.xdr)
        if kind:
            print(f"kept for a look: {self.work}", file=sys.stderr)
            print((self.work / f"{self.kind}.err").read_text(errors="replace")[-2000:], file=sys.stderr)
        else:
            shutil.rmtree(self.work)

    def restart(self):
        self.daemon.end()
        self.daemon.start()

    def settle(self):
        """Ends the daemon as its user would, and waits until xdr has read its pipe to the end."""
        self.daemon.end()
        until("end of xdr", lambda: not running(self.xdr), 60)

    def events(self):
        return lines_of(sorted((self.work / "out").glob("events*.ndjson")))

    def follow(self):
        """Starts xdr on the file of records, and again whenever it ends, as systemd does."""
        (self.work / "log/records.log").touch()
        self.kept = Daemon("xdr", [
            str(self.xdr), "normalize", "--raw", "--quiet", "--source", SOURCE, "--follow", "--checkpoint", "state",
            "--output", "out/events.ndjson", "log/records.log",
        ], self.work)  # fmt: skip
        self.following = True

        def tend():
            while self.following:
                if self.kept.process is None or not self.kept.alive():
                    self.kept.start()
                time.sleep(0.1)

        self.tender = threading.Thread(target=tend, daemon=True)
        self.tender.start()

    def stop_following(self):
        if self.kept:
            self.following = False
            self.tender.join()
            self.kept.end()
            self.kept = None

    def rotate(self):
        command = [DEBIAN / "usr/sbin/logrotate", "--force", "--state", self.work / "rotated", self.work / "logrotate.conf"]
        subprocess.run(command, check=True, env={**os.environ, **self.environment})


STARTED = time.monotonic()


def judge(what, verdict, lost, doubled=0, foreign=0):
    """Prints what was found, and fails if it is more than what may be."""
    print(f"  {time.monotonic() - STARTED:3.0f} s  {what}: {verdict[0]} lost, {verdict[1]} doubled, {verdict[2]} foreign", flush=True)
    if any(found > most for found, most in zip(verdict, (lost, doubled, foreign))):
        raise SystemExit(f"at most {lost} lost, {doubled} doubled and {foreign} foreign were expected (SEED={SEED})")


def quiet(kind, senders):
    """Every framing and header, undisturbed; and a record by itself is not held back."""
    with Place(kind, "program.conf") as place:
        first, link = next(records(1, 1)), connect(TCP)
        link.sendall(first + b"\n")
        until("the event of a lone record", lambda: len(place.events()[0]) == 1, 20)
        link.close()
        sent = [first]
        running_senders = []
        for number, (make, port) in enumerate(senders):
            lines = list(records(10 + number * 10_000, 10_000))
            sent += lines
            running_senders.append(make(port, lines))
            running_senders[-1].start()
        for sender in running_senders:
            sender.finish()
        until("events stop", lambda: not grows(place), 30)
        place.settle()
        events, torn = place.events()
        mapped = sum(b'"status":"mapped"' in line for line in events)
        print(f"  {len(events)} events and rejects, {mapped} mapped")
        judge("undisturbed", compare(sent, raws(events)), 0)
        assert torn == 0 and mapped >= len(sent) * 99 // 100


def restarts(seed):
    """rsyslog stops and starts under load; senders keep what it did not confirm."""
    with Place("rsyslog", "program.conf") as place:
        lines = list(records(0, 40_000))
        sender = Relp(RELP, lines, 0.005)
        sender.start()
        for _ in moments(sender, 4, len(lines), seed):
            place.restart()
        sender.finish()
        place.settle()
        judge("4 restarts of rsyslog, RELP", compare(lines, raws(place.events()[0])), 0, sender.again)


def bare(seed):
    """The same with bare TCP, whose sender cannot know what was read. Only counted."""
    with Place("rsyslog", "program.conf") as place:
        lines = list(records(0, 40_000))
        sender = Tcp(TCP, lines, 0.005)
        sender.start()
        for _ in moments(sender, 4, len(lines), seed):
            place.restart()
        sender.finish()
        place.settle()
        judge("4 restarts of rsyslog, bare TCP (counted only)", compare(lines, raws(place.events()[0])), len(lines), 4, 8)


def kills(kind, sender_of, port, number, seed):
    """xdr is killed, or stopped by a signal, under load."""
    with Place(kind, "program.conf") as place:
        lines = list(records(0, 40_000))
        sender, hits, at = sender_of(port, lines, 0.007), 0, time.monotonic()
        sender.start()
        for _ in moments(sender, 5, len(lines), seed):
            until("xdr runs again", lambda: running(place.xdr) or not sender.is_alive(), 30)
            hits += strike(place.xdr, number) > 0
        sender.finish()
        time.sleep(1.5)
        # What waited while xdr was down is handed on before the daemon ends.
        until("events stop", lambda: not grows(place), 30)
        place.settle()
        events, torn = place.events()
        most = hits * HELD // min(len(line) for line in lines)
        name = signal.Signals(number).name
        judge(f"{hits} × {name} for xdr behind {kind}, {time.monotonic() - at:.0f} s", compare(lines, raws(events)), most, 0)
        assert hits > 0 and torn <= hits


def grows(place):
    """Whether there are more events than a second ago."""
    before = sum(path.stat().st_size for path in (place.work / "out").iterdir())
    time.sleep(1.5)
    return sum(path.stat().st_size for path in (place.work / "out").iterdir()) > before


def tails(kind, program_of, what, most, least=0):
    """The daemon is restarted while xdr is behind, so that the pipe is full; its senders have closed their connections."""
    with Place(kind, "program.conf", program_of) as place:
        sent = []
        for part in range(3):
            lines = list(records(part * 10_000, 10_000))
            sent += lines
            sender = Tcp(COUNTED if kind == "syslog-ng" else TCP, lines)
            sender.start()
            until("xdr runs", lambda: running(place.xdr), 30)
            strike(place.xdr, signal.SIGSTOP)
            sender.finish()
            # xdr goes on while the daemon ends.
            threading.Timer(0.7, strike, (place.xdr, signal.SIGCONT)).start()
            place.daemon.end()
            time.sleep(0.7)
            until("end of xdr", lambda: not running(place.xdr), 60)
            place.daemon.start()
        # What was kept over the restart comes now.
        time.sleep(1.5)
        until("events stop", lambda: not grows(place), 30)
        place.settle()
        verdict = compare(sent, raws(place.events()[0]))
        # Of a record that is longer than what a pipe takes in one piece, a half may be there.
        judge(f"3 restarts of {kind} with a full pipe, {what}", verdict, most, 0, min(most, 3))
        assert verdict[0] >= least, "syslog-ng keeps its tail now: docs/upstream.md says otherwise"


def files(kind, seed, counts):
    """The daemon writes files, xdr follows them: both are killed and stopped at random, and the files rotated."""
    with Place(kind, "files.conf") as place:
        place.follow()
        lines, chance = list(records(0, 60_000)), random.Random(seed)
        acts = [act for act, count in counts.items() for _ in range(count)]
        chance.shuffle(acts)
        again = 0

        def act(name):
            if name == "kill xdr":
                place.kept.process.send_signal(signal.SIGKILL)
            elif name == "stop xdr":
                place.kept.process.send_signal(signal.SIGTERM)
            elif name == "rotate":
                place.rotate()
            else:
                place.daemon.end(signal.SIGKILL if name == "kill daemon" else signal.SIGTERM)
                place.daemon.start()

        if kind == "rsyslog":
            sender = Relp(RELP, lines, 0.01)
            sender.start()
            for name, _ in zip(acts, moments(sender, len(acts), len(lines), seed)):
                act(name)
            sender.finish()
            again = sender.again
        else:
            # Bare TCP: the daemon is stopped between connections, everything else happens at any time.
            parts = acts.count("stop daemon") + 1
            others = [name for name in acts if name != "stop daemon"]
            size = len(lines) // parts
            for part in range(parts):
                chunk = lines[part * size : (part + 1) * size if part + 1 < parts else len(lines)]
                mine = others[part::parts]
                sender = (Tcp(COUNTED, chunk, 0.01) if part % 2 else Lines(TCP, chunk, 0.01))
                sender.start()
                for name, _ in zip(mine, moments(sender, len(mine), len(chunk), seed + part)):
                    act(name)
                sender.finish()
                if part + 1 < parts:
                    act("stop daemon")
        place.daemon.end()

        def written():
            found = b"\n".join(path.read_bytes() for path in (place.work / "log").glob("records.log*"))
            return [line for line in found.split(b"\n") if line]

        until("all events", lambda: len(place.events()[0]) >= len(written()), 60)
        time.sleep(0.5)
        place.stop_following()
        found, torn = place.events()
        assert torn == 0
        did = ", ".join(f"{count} × {name}" for name, count in counts.items())
        judge(f"{kind} files, {did}: files against events", compare(written(), raws(found)), 0)
        # A record whose writing was killed is there as its half, a reject, too.
        verdict = compare(lines, raws(found))
        judge(f"{kind} files: sent against events ({again} sent again)", verdict, 0, again, counts.get("kill daemon", 0))


def main():
    print(f"seed {SEED}", flush=True)
    print("rsyslog, omprog", flush=True)
    quiet("rsyslog", [(Tcp, TCP), (Lines, TCP), (Relp, RELP)])
    for turn in range(2):
        restarts(SEED + turn)
    bare(SEED)
    tails("rsyslog", None, "bare TCP", 0)
    kills("rsyslog", Relp, RELP, signal.SIGKILL, SEED)
    kills("rsyslog", Relp, RELP, signal.SIGTERM, SEED)
    print("rsyslog, omfile", flush=True)
    for turn in range(3):
        files("rsyslog", SEED + turn, {"kill xdr": 5, "stop xdr": 2, "rotate": 4, "kill daemon": 2, "stop daemon": 1})
    print("syslog-ng, program()", flush=True)
    quiet("syslog-ng", [(Tcp, COUNTED), (Lines, TCP)])
    tails("syslog-ng", None, "xdr in a session of its own", 3)
    tails("syslog-ng", "rsyslog", "without a session of its own", 30_000, 10)
    kills("syslog-ng", Tcp, COUNTED, signal.SIGKILL, SEED)
    print("syslog-ng, file()", flush=True)
    for turn in range(2):
        files("syslog-ng", SEED + turn, {"kill xdr": 5, "stop xdr": 2, "rotate": 4, "stop daemon": 2})


main()
