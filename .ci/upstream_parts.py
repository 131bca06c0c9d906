"""What the tests of rsyslog and syslog-ng are made of: records, senders, the daemons, and the comparison."""

import base64
import collections
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path


def records(first, count):
    """Records with an id each: RFC 5424 and RFC 3164 headers by turns, and some that are no good."""
    for number in range(first, first + count):
        user = f"kim{number:07}"
        text = (
            "%ASA-6-113005: AAA user authentication Rejected : reason = Account has been locked out : "
            f"server = 192.0.2.1 : user = {user} : user IP = 198.51.100.44"
        )
        if number % 1000 == 500:
            yield f"<166>nonsense {user}".encode()
        elif number % 1000 == 600:
            yield f"<166>Mar 14 07:08:09 gw1 : %ASA-6-113005: not UTF-8 \xff\xfe {user}".encode("latin-1")
        elif number % 1000 == 700:
            yield f"<166>Mar 14 07:08:09 gw1 : %ASA-6-113005: long {'x' * 20_000} {user}".encode()
        elif number % 1000 == 800:
            yield f"<166>Mar 14 07:08:09 gw1 : %ASA-6-113005: a tab\t{user}".encode()
        elif number % 2:
            yield f"<166>1 2024-03-14T07:08:09Z gw1 asa - - - {text}".encode()
        else:
            yield f"<166>Mar 14 2024 07:08:09 gw1 : {text}".encode()


def until(what, done, seconds):
    """Waits until something is done."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def connect(port):
    """A connection to a daemon that may be about to start."""
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Sender(threading.Thread):
    """Sends records in a thread of its own; `sent` counts them. `pause` is slept behind each hundred."""

    def __init__(self, port, lines, pause=0.0):
        super().__init__(daemon=True)
        self.port, self.lines, self.pause = port, lines, pause
        self.sent, self.failed = 0, None

    def run(self):
        try:
            self.send()
        except Exception as error:  # told by finish()
            self.failed = error

    def rest(self):
        self.sent += 1
        if self.pause and self.sent % 100 == 0:
            time.sleep(self.pause)

    def finish(self, seconds=90):
        self.join(seconds)
        if self.is_alive() or self.failed:
            raise SystemExit(f"sender at record {self.sent}: {self.failed or f'not done within {seconds} s'}")


class Tcp(Sender):
    """Syslog over TCP: octet counts (RFC 6587), or line breaks. At the end it waits until the daemon has read all."""

    counted = True

    def send(self):
        link = connect(self.port)
        for line in self.lines:
            data = b"%d %s" % (len(line), line) if self.counted else line + b"\n"
            try:
                link.sendall(data)
            except OSError:
                # As devices do: nobody knows what of the records before was read.
                link = connect(self.port)
                link.sendall(data)
            self.rest()
        # The daemon closes its side when it has read to the end.
        link.shutdown(socket.SHUT_WR)
        while link.recv(4096):
            pass


class Lines(Tcp):
    counted = False


class Relp(Sender):
    """Syslog over RELP: keeps what is not confirmed and sends it again. `again` counts what was sent twice."""

    window = 100

    def send(self):
        self.again = 0
        waiting, lines = collections.OrderedDict(), iter(self.lines)
        done = False
        while not done:
            try:
                done = self.session(waiting, lines)
            except OSError:
                time.sleep(0.05)

    def session(self, waiting, lines):
        with connect(self.port) as link:
            self.link, self.got, number = link, b"", 1
            self.put(number, b"open", b"relp_version=0\nrelp_software=test\ncommands=syslog")
            if not self.answer()[1].startswith(b"200"):
                raise OSError("refused")
            # What the session before left unconfirmed is first.
            left = list(waiting.values())
            self.again += len(left)
            waiting.clear()
            more = True
            while more or waiting or left:
                while (left or more) and len(waiting) < self.window:
                    line = left.pop(0) if left else next(lines, None)
                    if line is None:
                        more = False
                        break
                    number += 1
                    waiting[number] = line
                    try:
                        self.put(number, b"syslog", line)
                    except OSError:
                        self.keep(waiting, left)
                        raise
                try:
                    if waiting:
                        which, said = self.answer()
                        if said.startswith(b"200") and waiting.pop(which, None) is not None:
                            self.rest()
                except OSError:
                    self.keep(waiting, left)
                    raise
            return True

    def keep(self, waiting, left):
        """Nothing that was to be sent again is forgotten if the session ends before it was."""
        for line in left:
            waiting[max(waiting, default=0) + 1] = line

    def put(self, number, command, data):
        self.link.sendall(b"%d %s %d %s\n" % (number, command, len(data), data))

    def answer(self):
        """The number and the text of the next answer."""
        while True:
            head = self.got.split(b" ", 3)
            if len(head) == 4:
                length = int(head[2])
                if len(head[3]) > length:
                    self.got = head[3][length + 1 :]
                    if head[1] == b"serverclose":
                        raise OSError("closed")
                    return int(head[0]), head[3][:length]
            elif self.got.startswith(b"0 serverclose"):
                raise OSError("closed")
            more = self.link.recv(65536)
            if not more:
                raise OSError("closed")
            self.got += more


class Daemon:
    """A process that is started and stopped again and again."""

    def __init__(self, name, command, work, environment=None):
        self.name, self.command, self.work = name, command, work
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def start(self):
        with open(self.work / f"{self.name}.err", "ab") as said:
            self.process = subprocess.Popen(
                self.command, cwd=self.work, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            )  # fmt: skip
        return self

    def end(self, number=signal.SIGTERM, seconds=60):
        """Ends it by a signal, and waits."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise SystemExit(f"{self.name} did not end within {seconds} s of signal {number}") from None

    def alive(self):
        return self.process.poll() is None


def running(program):
    """The processes that run this program, by their ids."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if words[0] == os.fsencode(program) and state != "Z":
                found.append(int(folder.name))
    return found


def strike(program, number=signal.SIGKILL):
    """Sends a signal to the processes that run this program; gives how many there were."""
    ids = running(program)
    for process in ids:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass
    return len(ids)


def lines_of(paths):
    """All lines of files, and how many files end in half a line."""
    lines, torn = [], 0
    for path in paths:
        whole, _, half = path.read_bytes().rpartition(b"\n")
        lines += whole.split(b"\n") if whole else []
        torn += bool(half)
    return lines, torn


def raws(events):
    """The record that each event or reject was made of; each must have its own user, or be a reject."""
    for line in events:
        event = json.loads(line)
        account = event["xdr"]
        raw = account["raw"].encode()
        if account.get("rawEncoding") == "base64":
            raw = base64.b64decode(raw)
        if account["status"] == "mapped":
            assert f"user = {event['sourceUser']} :".encode() in raw, line
        yield raw


def compare(wanted, found):
    """How many records are lost, doubled, and nobody's."""
    wanted, found = collections.Counter(wanted), collections.Counter(found)
    lost = sum((wanted - found).values())
    doubled = sum(count - wanted[record] for record, count in found.items() if record in wanted and count > wanted[record])
    foreign = sum(count for record, count in found.items() if record not in wanted)
    return lost, doubled, foreign


def moments(sender, count, total, seed):
    """Yields at random moments of the sending, so many, in order."""
    points = sorted(random.Random(seed).sample(range(total // 20, total * 19 // 20), count))
    for point in points:
        until(f"record {point} sent", lambda point=point: sender.sent >= point or sender.failed, 60)
        yield point
