"""Runs examples/spark/xdr_spark.py on two workers, disturbs it, and compares its events with those of the program by itself.

Arguments: the program, and `table` to measure instead.
"""

import collections
import gzip
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyspark

from upstream_parts import records, until

PROGRAM = Path(sys.argv[1])
HOME = Path(pyspark.__file__).parent
ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/spark/xdr_spark.py"
SOURCE, RECEIVED = "cisco-anyconnect", "2024-03-14T08:00:00Z"
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
# Java compiles less and starts sooner.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def spark(work, arguments, workers=2):
    """Starts the example in a process group of its own."""
    command = [
        HOME / "bin/spark-submit", "--master", f"local-cluster[{workers},1,1024]", "--driver-java-options", JAVA,
        "--conf", f"spark.executor.extraJavaOptions={JAVA}", "--conf", "spark.ui.enabled=false",
        "--conf", f"spark.local.dir={work / 'scratch'}", EXAMPLE, "--program", PROGRAM, "--source", SOURCE, *arguments,
    ]  # fmt: skip
    environment = {**os.environ, "SPARK_HOME": str(HOME), "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable,
                   "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(work / "workers")}  # fmt: skip
    with open(work / "spark.err", "ab") as said:
        return subprocess.Popen(list(map(str, command)), env=environment, cwd=work, stdout=said, stderr=said, start_new_session=True)


def finish(process, work, seconds=600):
    if process.wait(seconds):
        sys.exit(f"Spark failed:\n{(work / 'spark.err').read_text(errors='replace')[-4000:]}")


def below(process):
    """The ids and command lines of the processes that descend from this one, and of itself."""
    parents, commands = collections.defaultdict(list), {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                commands[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            parents[parent].append(int(folder.name))
    found, waiting = {}, [process.pid]
    while waiting:
        one = waiting.pop()
        found[one] = commands.get(one, "")
        waiting += parents[one]
    return found


def executors(process):
    return [one for one, command in below(process).items() if "CoarseGrainedExecutorBackend" in command and "java" in command]


def files_of(folder, per_file, names, first=0):
    """Files of records with unique users: plain ones, a packed one, one whose last line has no line break."""
    folder.mkdir()
    for number, name in enumerate(names):
        text = b"\n".join(records(first + number * per_file, per_file)) + (b"" if number == 1 else b"\n")
        (folder / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return sorted(folder.iterdir())


def alone(files, *options):
    """The events of the program by itself."""
    run = [PROGRAM, "normalize", "--quiet", "--source", SOURCE, "--received-at", RECEIVED, *options, *files]
    return subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout


def parts(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.glob("part-*")))


def batch_with_a_killed_executor(work, files):
    """NDJSON in many pieces; one of two executors is killed between them."""
    output = work / "events"
    process = spark(work, ["--received-at", RECEIVED, "--piece", "0.25", "--output", output, files[0].parent])
    until("tasks are done", lambda: len(list(output.glob("_temporary/0/task_*"))) >= 3 or process.poll() is not None, 400)
    found = executors(process)
    os.kill(random.Random(SEED).choice(found), signal.SIGKILL)
    finish(process, work)
    log = (work / "spark.err").read_text(errors="replace")
    assert "Lost executor" in log, "no executor was lost, so nothing was shown"
    tasks = len(list(output.glob("part-*")))
    assert tasks > 20 and parts(output) == alone(files), f"other events than those of the program: {work}"
    print(f"batch of {tasks} tasks, one of {len(found)} executors killed: the bytes are those of the program alone", flush=True)


def plain(value):
    """A value of a Parquet file as it is in a line of JSON, but for how many zeros a time has."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value


def as_told(name, value):
    if name in ("eventTime", "startTime", "endTime", "collectorReceivedTime") or name.endswith("Time"):
        told = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return (told - (told.utcoffset() or timedelta())).replace(tzinfo=None)
    return value


def batch_to_parquet(work, files):
    output = work / "table"
    finish(spark(work, ["--received-at", RECEIVED, "--format", "parquet", "--output", output, files[0].parent]), work)
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    table = db.execute(f"SELECT * REPLACE (to_json(xdr) AS xdr) FROM read_parquet('{output}/*.parquet')")
    names, found = [column[0] for column in table.description], collections.Counter()
    for row in table.fetchall():
        event = {name: plain(value) for name, value in zip(names, row) if value is not None}
        account = {name: value for name, value in json.loads(event["xdr"]).items() if value is not None}
        for name in {"unmapped", "issues", "reject"} & set(account):
            account[name] = json.loads(account[name])
        found[json.dumps({**event, "xdr": account}, sort_keys=True, default=str)] += 1
    wanted = collections.Counter()
    for line in alone(files).splitlines():
        event = json.loads(line)
        told = {name: value if name == "xdr" else as_told(name, value) for name, value in event.items()}
        wanted[json.dumps(told, sort_keys=True, default=str)] += 1
    if found != wanted:
        sys.exit(f"Parquet holds other values: {next(iter((found - wanted)), None)}, expected {next(iter((wanted - found)), None)}")
    print(f"Parquet: {sum(found.values())} rows hold the values of the program alone", flush=True)


def stream_with_a_killed_driver(work):
    """Files arrive, the driver is killed twice, and the third one ends the work."""
    inputs, output = work / "arriving", work / "stream"
    inputs.mkdir()
    made = files_of(work / "made", 2_000, [f"{number:02}.log" for number in range(30)], 10_000_000)
    arguments = ["--received-at", RECEIVED, "--piece", "0.1", "--option=--raw", "--files-per-batch", "4", "--output", output,
                 "--checkpoint", work / "state", inputs]  # fmt: skip
    waiting, chance, done = list(made), random.Random(SEED), lambda: len(list(output.glob("batch=*/_SUCCESS")))
    for turn in range(2):
        for path in [waiting.pop(0) for _ in range(12)]:
            # Complete or not there: written elsewhere and renamed.
            path.rename(inputs / path.name)
        before, process = done(), spark(work, arguments)
        until("a batch is done", lambda: done() > before or process.poll() is not None, 400)
        time.sleep(chance.uniform(0, 4))
        assert process.poll() is None, (work / "spark.err").read_text(errors="replace")[-4000:]
        family, mine = below(process), executors(process)
        for one in family:
            if one not in mine and "pyspark.daemon" not in family[one]:
                try:
                    os.kill(one, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        process.wait(60)
        # Executors end by themselves without their driver.
        until("the executors end", lambda: not any(Path(f"/proc/{one}").exists() for one in mine), 120)
        print(f"driver killed after {done()} batches", flush=True)
    for path in waiting:
        path.rename(inputs / path.name)
    finish(spark(work, [*arguments[:-1], "--once", inputs]), work)
    found = collections.Counter()
    ids = set()
    for folder in output.glob("batch=*"):
        for line in parts(folder).splitlines():
            event = json.loads(line)
            ids.add(event.get("eventId") or (event["xdr"]["position"], event["xdr"]["raw"]))
            event["xdr"].pop("position", None)
            event.pop("eventId", None)
            found[json.dumps(event, sort_keys=True)] += 1
    wanted = collections.Counter()
    for line in alone(sorted(inputs.iterdir()), "--raw").splitlines():
        event = json.loads(line)
        event["xdr"].pop("position", None)
        event.pop("eventId", None)
        wanted[json.dumps(event, sort_keys=True)] += 1
    assert found == wanted, f"{sum((wanted - found).values())} records lost, {sum((found - wanted).values())} doubled"
    assert len(ids) == sum(found.values()), "an id came twice"
    print(f"stream, driver killed twice: each of {sum(found.values())} records once, in {done()} batches", flush=True)


def spent_cpu():
    """The processor time of all processes that were begun here and have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(work, size=400_000):
    """How long the program by itself and Spark take for the same files. Processor time says more where others use the machine too."""
    files = files_of(work / "big", size, ["a.log", "b.log"])
    lines, volume = 2 * size, sum(path.stat().st_size for path in files) / 2**20
    print(f"{lines} records, {volume:.0f} MiB, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print("| run | s | records/s | processor s |\n|---|---:|---:|---:|")
    for threads in (1, 2):
        began, used = time.monotonic(), spent_cpu()
        alone(files, "--threads", str(threads))
        took = time.monotonic() - began
        print(f"| program, --threads {threads} | {took:.1f} | {lines / took:,.0f} | {spent_cpu() - used:.1f} |", flush=True)
    for workers in (1, 2):
        began, used = time.monotonic(), spent_cpu()
        output = work / f"out{workers}"
        options = ["--received-at", RECEIVED, "--option=--threads=1", "--piece", "8", "--output", output, files[0].parent]
        process = spark(work, options, workers)
        # Without the start of Java: from the moment at which the job began.
        until("tasks begin", lambda output=output: output.exists() or process.poll() is not None, 400)
        tasks = time.monotonic()
        finish(process, work)
        took, whole = time.monotonic() - tasks, time.monotonic() - began
        cpu = spent_cpu() - used
        print(f"| Spark, workers: {workers} | {took:.1f} ({whole:.1f} with its start) | {lines / took:,.0f} | {cpu:.1f} |", flush=True)


def main():
    work = Path(tempfile.mkdtemp(prefix="spark-"))
    (work / "scratch").mkdir()
    if sys.argv[2:] == ["table"]:
        table(work)
    else:
        print(f"PySpark {pyspark.__version__}, seed {SEED}", flush=True)
        files = files_of(work / "files", 15_000, ["a.log", "b.log", "c.log.gz", "d.log"])
        batch_with_a_killed_executor(work, files)
        batch_to_parquet(work, files)
        stream_with_a_killed_driver(work)
    shutil.rmtree(work)


main()
