"""Compares a Parquet file, or a folder of parts, with lines of JSON, as DuckDB reads both.

Columns of tokens are compared by DuckDB itself: what is in one and not in the other, counted with repeats. The account is compared
member by member, its texts of JSON read.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import duckdb

table, lines = Path(sys.argv[1]), sys.argv[2]
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
if table.is_dir():
    db.execute(f"CREATE VIEW parts AS FROM read_parquet('{table}/**/*.parquet', hive_partitioning = true)")
    wrong = db.execute(
        "SELECT count(*) FROM parts WHERE day IS DISTINCT FROM eventTime::DATE OR source <> xdr.source"
    ).fetchone()[0]
    if wrong:
        sys.exit(f"{table}: {wrong} rows stand in the folder of another day or source")
    db.execute("CREATE TABLE found AS SELECT * EXCLUDE (day, source) FROM parts")
else:
    db.execute(f"CREATE TABLE found AS FROM read_parquet('{table}')")
types = {name: kind for name, kind, *_ in db.execute("DESCRIBE found").fetchall() if name != "xdr"}
for name, kind in {"eventTime": "TIMESTAMP WITH TIME ZONE", "sourcePort": "USMALLINT", "userRole": "VARCHAR[]"}.items():
    if types[name] != kind:
        sys.exit(f"{table}: `{name}` is {types[name]}, expected {kind}")
columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
db.execute(
    f"CREATE TABLE expected AS FROM read_json('{lines}', format = 'newline_delimited', columns = {{{columns}}},"
    " maximum_object_size = 100000000)"
)
names = ", ".join(f'"{name}"' for name in types)
for here, there in [("found", "expected"), ("expected", "found")]:
    rows = db.execute(f"SELECT {names} FROM {here} EXCEPT ALL SELECT {names} FROM {there}").fetchall()
    if rows:
        row = {name: value for name, value in zip(types, rows[0]) if value is not None}
        sys.exit(f"{table}: {len(rows)} rows {here} only, the first is {row}")


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def account(row):
    """The account of a row in the form of the lines."""
    given = {name: value for name, value in json.loads(row).items() if value is not None}
    if "received" in given:
        given["received"] = moment(given["received"] + ":00")
    for name in ("unmapped", "issues"):
        if name in given:
            given[name] = json.loads(given[name])
    given.pop("exact", None)
    return given


def read(line):
    given = json.loads(line)["xdr"]
    if "received" in given:
        given["received"] = moment(given["received"])
    return given


def key(value):
    return json.dumps(value, sort_keys=True, default=str)


accounts = sorted(key(account(row)) for (row,) in db.execute("SELECT to_json(xdr) FROM found").fetchall())
with open(lines, encoding="utf-8") as file:
    wanted = sorted(key(read(line)) for line in file)
if accounts != wanted:
    first = next((pair for pair in zip(accounts, wanted) if pair[0] != pair[1]), (len(accounts), len(wanted)))
    sys.exit(f"{table}: the accounts differ, the first one is {first[0]}, expected {first[1]}")
print(f"{wanted and json.loads(wanted[0])['source']}: {len(wanted)} rows, {len(types)} columns and the account are the same")
