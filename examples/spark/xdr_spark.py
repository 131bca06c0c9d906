"""Maps files of logs with Spark: each task pipes pieces of the files through `xdr normalize`. See README.md beside this file."""

import argparse
import gzip
import json
import os
import shlex
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

# What a task does with its pieces, a line each: the place of the piece in the whole input, the moment of receipt, where the piece
# begins in its file and how long it is (or `-`, if the file is packed and taken whole), and the file.
SCRIPT = r"""set -euo pipefail
while IFS=$'\t' read -r place received offset length file; do
    run=("$@" --quiet --position "$place" --received-at "$received")
    if [ "$length" = - ]; then
        "${run[@]}" "$file"
    elif [ "$(stat -Lc %s "$file")" -lt $((offset + length)) ]; then
        echo "$file has become shorter" >&2
        exit 1
    else
        dd if="$file" iflag=skip_bytes,count_bytes,fullblock skip="$offset" count="$length" bs=1M status=none | "${run[@]}"
    fi
done"""
# Kinds of tokens that are not text in Parquet, and the members of the account.
KINDS = dict.fromkeys(["string list", "ip list"], "ARRAY<STRING>") | dict.fromkeys(["integer", "duration"], "BIGINT")
KINDS |= {"port": "INT", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP"}
ACCOUNT = "source status message unmapped issues reject raw rawEncoding position received part"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="xdr", help="xdr, as every worker finds it")
    parser.add_argument("--source", required=True, help="the source of the records")
    parser.add_argument("--option", action="append", default=[], help="a further option of `xdr normalize`; --option=--raw")
    parser.add_argument("--format", choices=["ndjson", "parquet"], default="ndjson", help="the form of events")
    parser.add_argument("--output", required=True, help="the folder of events; of a batch, it must not be there")
    parser.add_argument("--piece", type=lambda mib: max(1, int(float(mib) * 2**20)), default="64", help="the size of pieces in MiB")
    parser.add_argument("--received-at", help="the moment of receipt; else now, of a stream the time of each file")
    parser.add_argument("--checkpoint", help="maps a stream, and keeps in this folder how far it has come")
    parser.add_argument("--once", action="store_true", help="ends a stream when all files that are there are done")
    parser.add_argument("--files-per-batch", type=int, default=100, help="how many files of a stream are one batch at most")
    parser.add_argument("inputs", nargs="+", help="files and folders that all workers see; of a stream one folder")
    args = parser.parse_args()
    if args.checkpoint and len(args.inputs) != 1:
        parser.error("a stream has one folder")
    return args


def unpacked_size(path):
    """The length of what is in a packed file, on which places in all files behind it depend. Of plain files, none."""
    with open(path, "rb") as file:
        head = file.read(4)
    if head[:2] == b"\x1f\x8b":
        with gzip.open(path) as unpacked:
            return sum(map(len, iter(lambda: unpacked.read(1 << 20), b"")))
    if head != b"\x28\xb5\x2f\xfd":
        return None
    with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as unpacked:
        size = sum(map(len, iter(lambda: unpacked.stdout.read(1 << 20), b"")))
    if unpacked.returncode:
        raise SystemExit(f"zstd cannot unpack {path}")
    return size


def pieces(files, place, piece):
    """The lines of SCRIPT for files that are one input from this place on. Pieces end where a line does."""
    for path, received in files:
        assert not set(path) & set("\t\n"), f"a file's name has a tab or a line break: {path!r}"
        unpacked = unpacked_size(path)
        if unpacked is not None:
            yield f"{place}\t{received}\t0\t-\t{path}"
            place += unpacked
            continue
        with open(path, "rb") as file:
            size, offset = os.path.getsize(path), 0
            while offset < size:
                file.seek(min(offset + piece, size) - 1)
                file.readline()
                end = min(file.tell(), size)
                yield f"{place + offset}\t{received}\t{offset}\t{end - offset}\t{path}"
                offset = end
        place += size


def schema(program):
    """The columns: all tokens, in the schema's order, and the account, whose objects are JSON texts."""
    tokens = json.loads(subprocess.run([program, "tokens", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout)
    columns = [f"`{token['name']}` {KINDS.get(token['kind'], 'STRING')}" for token in tokens]
    account = ", ".join(f"{name}: {'BIGINT' if name == 'position' else 'STRING'}" for name in ACCOUNT.split())
    return ", ".join(columns) + f", xdr STRUCT<{account}>"


def write(spark, args, listed, output, mode):
    """Maps pieces, a task each, and writes their events in the order of the input."""
    run = [args.program, "normalize", "--source", args.source, *args.option]
    command = shlex.join(["bash", "-c", SCRIPT, "pieces", *run])
    tasks = spark.sparkContext.parallelize(listed, max(len(listed), 1))
    events = tasks.pipe(command, env={"PATH": os.environ["PATH"]}, checkCode=True)
    if args.format == "parquet":
        frame = spark.read.schema(schema(args.program)).option("mode", "FAILFAST").json(events)
    else:
        frame = spark.createDataFrame(events.map(lambda line: (line,)), "value STRING")
    writer = frame.write.mode(mode)
    writer.parquet(output) if args.format == "parquet" else writer.text(output)


def moment(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def batch(spark, args):
    found = [sorted(path.rglob("*")) if path.is_dir() else [path] for path in map(Path, args.inputs)]
    files = [file for some in found for file in some if not file.is_dir()]
    received = args.received_at or moment(time.time())
    listed = pieces([(os.path.abspath(file), received) for file in files], 0, args.piece)
    write(spark, args, list(listed), args.output, "errorifexists")


def stream(spark, args):
    def done(frame, number):
        # A batch that was begun before comes again with the same number and the same files: its folder is made anew.
        rows = ((unquote(urlparse(row.path).path), row.millis / 1000) for row in frame.collect())
        files = [(path, args.received_at or moment(time)) for path, time in sorted(rows)]
        write(spark, args, list(pieces(files, number << 40, args.piece)), f"{args.output}/batch={number}", "overwrite")

    columns = "path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY"
    reader = spark.readStream.format("binaryFile").schema(columns).option("maxFilesPerTrigger", args.files_per_batch)
    # Without the content, which is not read then.
    files = reader.load(args.inputs[0]).select("path", F.unix_millis("modificationTime").alias("millis"))
    trigger = {"availableNow": True} if args.once else {"processingTime": "1 second"}
    writer = files.writeStream.foreachBatch(done).option("checkpointLocation", args.checkpoint).trigger(**trigger)
    writer.start().awaitTermination()


def main():
    args = arguments()
    spark = SparkSession.builder.appName(f"xdr {args.source}").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    (stream if args.checkpoint else batch)(spark, args)
    spark.stop()


if __name__ == "__main__":
    main()
