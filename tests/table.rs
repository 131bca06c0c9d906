//! `--format parquet`: what is read back from the files, value by value, is what the lines of JSON say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType, UInt16Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use chrono::{DateTime, Datelike, Utc};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use serde_json::{Map, Value, json};

use support::{entries, root, sample_files};

/// An empty folder of a test.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("table").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn xdr(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xdr"));
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

/// Runs over a file; gives what was written to standard output.
fn normalize(source: &str, args: &[&str], file: &Path) -> Output {
    let fixed = ["normalize", "--source", source, "--received-at", "2024-03-14T07:08:09.1234567Z", "--quiet"];
    let output = xdr(&[&fixed[..], args, &[file.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn lines(text: &[u8]) -> Vec<Value> {
    String::from_utf8(text.to_vec())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

/// The rows of a file as objects, in the form of the lines; times are microseconds since 1970.
fn rows(path: &Path) -> Vec<Value> {
    let mut rows = Vec::new();
    for batch in read(path) {
        for row in 0..batch.num_rows() {
            let mut event = Map::new();
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                if let Some(value) = value(column.as_ref(), row) {
                    event.insert(field.name().clone(), value);
                }
            }
            rows.push(Value::Object(event));
        }
    }
    rows
}

fn value(column: &dyn Array, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Timestamp(_, Some(zone)) => {
            assert_eq!(&**zone, "UTC");
            json!({ "micros": column.as_primitive::<TimestampMicrosecondType>().value(row) })
        }
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            (0..list.len()).map(|at| value(list.as_ref(), at).unwrap()).collect()
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let member = |(at, field): (usize, &arrow_schema::FieldRef)| {
                value(parts.column(at).as_ref(), row).map(|value| (field.name().clone(), value))
            };
            Value::Object(fields.iter().enumerate().filter_map(member).collect())
        }
        other => panic!("{other}"),
    })
}

/// A line in the form of the rows: only what the types of columns change is changed.
fn expected(line: &Value) -> Value {
    let mut event = line.as_object().unwrap().clone();
    let mut exact = Map::new();
    let mut time = |name: &str, value: &mut Value| {
        let text = value.as_str().unwrap().to_owned();
        let at: DateTime<Utc> = text.parse().unwrap();
        if !at.timestamp_subsec_nanos().is_multiple_of(1000) {
            exact.insert(name.to_owned(), text.into());
        }
        *value = json!({ "micros": at.timestamp_micros() });
    };
    for token in xdr_model::Token::ALL {
        if let Some(value) = event.get_mut(token.name())
            && token.kind() == xdr_model::Kind::Timestamp
        {
            time(token.name(), value);
        }
    }
    let account = event["xdr"].as_object_mut().unwrap();
    if let Some(value) = account.get_mut("received") {
        time("received", value);
    }
    for name in ["unmapped", "issues"] {
        if let Some(value) = account.get_mut(name) {
            // Compared as JSON, see `parsed`.
            *value = json!({ "json": value });
        }
    }
    if !exact.is_empty() {
        account.insert("exact".to_owned(), json!({ "json": exact }));
    }
    Value::Object(event)
}

/// A row whose texts of JSON are read.
fn parsed(mut row: Value) -> Value {
    for name in ["unmapped", "issues", "exact"] {
        if let Some(value) = row["xdr"].get_mut(name) {
            let read: Value = serde_json::from_str(value.as_str().unwrap()).unwrap();
            *value = json!({ "json": read });
        }
    }
    row
}

fn must_equal(path: &Path, text: &[u8]) {
    let (found, lines) = (rows(path), lines(text));
    assert_eq!(found.len(), lines.len(), "{}", path.display());
    for (at, (row, line)) in found.into_iter().zip(&lines).enumerate() {
        assert_eq!(parsed(row), expected(line), "row {at} of {}", path.display());
    }
}

/// Every sample of a source in one file.
fn samples(name: &str, folder: &Path, times: usize) -> PathBuf {
    let path = folder.join(format!("{name}.log"));
    let all: Vec<u8> = sample_files(name)
        .iter()
        .flat_map(|path| [fs::read(path).unwrap(), b"\n".to_vec()].concat())
        .collect();
    fs::write(&path, all.repeat(times)).unwrap();
    path
}

#[test]
fn a_table_holds_what_the_lines_hold() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let folder = folder(&format!("same-{name}"));
        let table = folder.join("events.parquet");
        let to = ["--format", "parquet", "--output", table.to_str().unwrap()];
        let file = samples(name, &folder, 1);
        for more in [&[][..], &["--raw", "--compress", "zstd"], &["--unmapped", "drop"]] {
            let plain = match more {
                ["--raw", ..] => normalize(name, &["--raw"], &file),
                _ => normalize(name, more, &file),
            };
            let none = normalize(name, &[&to[..], more].concat(), &file);
            assert!(none.stdout.is_empty());
            must_equal(&table, &plain.stdout);
        }
        // So many that rows are made by all threads.
        let file = samples(name, &folder, 8);
        let plain = normalize(name, &[], &file);
        for threads in ["1", "5"] {
            normalize(name, &[&to[..], &["--threads", threads]].concat(), &file);
            must_equal(&table, &plain.stdout);
        }
        assert_eq!(entries(&folder).len(), 2, "nothing else is left behind");
    }
}

#[test]
fn rejects_are_rows_or_lines_of_their_own() {
    let folder = folder("rejects");
    let file = folder.join("input.log");
    fs::write(&file, b"nonsense\n\xff\xfe\n{}\nx\n").unwrap();
    let (table, rejects) = (folder.join("events.parquet"), folder.join("rejects.ndjson"));
    let to = ["--format", "parquet", "--output", table.to_str().unwrap()];
    let plain = normalize("citrix-vpn", &[], &file);
    normalize("citrix-vpn", &to, &file);
    must_equal(&table, &plain.stdout);
    let found = rows(&table);
    assert_eq!(found[0]["xdr"]["reject"]["reason"], "no form of the source matches");
    assert_eq!(
        (&found[1]["xdr"]["raw"], &found[1]["xdr"]["rawEncoding"]),
        (&json!("//4="), &json!("base64"))
    );

    normalize("citrix-vpn", &[&to[..], &["--rejects", rejects.to_str().unwrap()]].concat(), &file);
    assert_eq!((rows(&table).len(), fs::read(&rejects).unwrap()), (0, plain.stdout));
    // A replay can write a table too.
    let replay = xdr(&[&["replay", "--quiet"], &to[..], &[rejects.to_str().unwrap()]].concat());
    assert!(replay.status.success());
    must_equal(&table, &fs::read(&rejects).unwrap());
}

#[test]
fn times_finer_than_a_microsecond_and_far_years_are_kept() {
    let folder = folder("times");
    let file = folder.join("input.log");
    let mut out = File::create(&file).unwrap();
    let times = [
        "2024-03-14T07:08:09.123456789Z",
        "9999-12-31T23:59:59.999999Z",
        "0002-01-01T00:00:00Z",
        "1969-12-31T23:59:59.9Z",
    ];
    for time in times {
        writeln!(out, r#"{{"event":"user.login","code":"T1000I","time":"{time}","user":"kim"}}"#).unwrap();
    }
    let table = folder.join("events.parquet");
    let plain = normalize("teleport", &[], &file);
    normalize("teleport", &["--format", "parquet", "--output", table.to_str().unwrap()], &file);
    must_equal(&table, &plain.stdout);
    let found = rows(&table);
    let exact: Value = serde_json::from_str(found[0]["xdr"]["exact"].as_str().unwrap()).unwrap();
    assert_eq!(exact["eventTime"], times[0]);
    let micros: Vec<_> = found.iter().map(|row| row["eventTime"]["micros"].as_i64().unwrap()).collect();
    let years = micros.iter().map(|micros| DateTime::from_timestamp_micros(*micros).unwrap().year());
    assert!(years.eq([2024, 9999, 2, 1969]), "{micros:?}");
}

/// The files below a folder, by their paths from there.
fn below(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for path in entries(folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(below(&path).into_iter().map(|(rest, path)| (format!("{name}/{rest}"), path)));
        } else {
            found.insert(name, path);
        }
    }
    found
}

#[test]
fn parts_hold_the_rows_of_their_day_and_source_and_together_all() {
    let folder = folder("parts");
    let file = folder.join("input.log");
    let mut out = File::create(&file).unwrap();
    // More days than files may be open, one after the other and mixed, and records without a time.
    for number in 0..4000 {
        let day = if number < 3000 { number / 100 } else { number % 29 };
        let line = format!(
            r#"{{"event":"user.login","code":"T1000I","time":"2024-03-{:02}T07:08:09Z","user":"kim{number}"}}"#,
            day + 1
        );
        writeln!(out, "{}", if number % 50 == 7 { "nonsense" } else { &line }).unwrap();
    }
    let plain = normalize("teleport", &[], &file);
    for by in ["day,source", "source", "day", "source,day"] {
        let to = folder.join(by);
        let args = ["--format", "parquet", "--partition", by, "--output", to.to_str().unwrap()];
        normalize("teleport", &args, &file);
        let mut found = Vec::new();
        for (name, path) in below(&to) {
            assert!(name.ends_with(".parquet"), "{name}");
            for row in rows(&path) {
                let day = match row["eventTime"]["micros"].as_i64() {
                    Some(micros) => {
                        DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%d").to_string()
                    }
                    None => "__HIVE_DEFAULT_PARTITION__".to_owned(),
                };
                for part in by.split(',') {
                    let value = if part == "day" { &day } else { "teleport" };
                    assert!(name.contains(&format!("{part}={value}/")), "{name}: {row}");
                }
                found.push(parsed(row).to_string());
            }
        }
        let mut expected: Vec<String> =
            lines(&plain.stdout).iter().map(|line| expected(line).to_string()).collect();
        found.sort();
        expected.sort();
        assert!(found == expected, "{by}: {} of {} rows", found.len(), expected.len());
        // Another run adds files and touches none.
        let before = below(&to);
        normalize("teleport", &args, &file);
        let after = below(&to);
        assert_eq!(after.len(), 2 * before.len());
        assert!(before.keys().all(|name| after.contains_key(name)));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_is_complete_or_not_there() {
    let folder = folder("complete");
    let input = folder.join("input.log");
    let line = |number: u64| {
        let name = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!(r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":"{name:x}"}}"#)
            + "\n"
    };
    fs::write(&input, (0..30_000).map(line).collect::<String>()).unwrap();
    let to = folder.join("to");
    fs::create_dir(&to).unwrap();
    let table = to.join("events.parquet");
    let program = env!("CARGO_BIN_EXE_xdr");
    // A disk that is full, as the shell's limit of the size of files makes it.
    let script = format!(
        "trap '' XFSZ; ulimit -f 200; exec '{program}' normalize --quiet --source teleport --format parquet '{}' --output '{}'",
        input.display(),
        table.display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with(&format!("xdr: error: cannot write `{}`: File too large", table.display())),
        "{said}"
    );
    assert!(entries(&to).is_empty(), "{:?}", entries(&to));
    // An old file stays as long as there is no new one.
    fs::write(&table, b"old").unwrap();
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!((output.status.code(), fs::read(&table).unwrap()), (Some(1), b"old".to_vec()));
    // Killed at any moment: the old one, or the new one and all of it.
    for wait in [1, 20, 100, 300, 500, 700, 900, 1100, 1300] {
        let args = ["normalize", "--quiet", "--source", "teleport", "--format", "parquet", "--output"];
        let mut command = Command::new(program);
        let mut child = command.args(args).args([&table, &input]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        if fs::read(&table).unwrap() != b"old" {
            assert_eq!(read(&table).iter().map(RecordBatch::num_rows).sum::<usize>(), 30_000);
        }
    }
    // A signal: what was done is a complete file.
    let mut command = Command::new(program);
    let args = ["normalize", "--quiet", "--source", "teleport", "--format", "parquet", "--output"];
    let mut child =
        command.args(args).arg(&table).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all((0..500).map(line).collect::<String>().as_bytes()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(rows(&table).len(), 500);
}

#[test]
#[cfg(unix)]
fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
    let folder = folder("link");
    let (file, link) = (folder.join("events.parquet"), folder.join("latest.parquet"));
    fs::write(&file, b"old").unwrap();
    std::os::unix::fs::symlink("events.parquet", &link).unwrap();
    let input = root().join("mapping-specs/citrix-vpn/samples/guide.log");
    let args = ["normalize", "--quiet", "--source", "citrix-vpn", "--format", "parquet", "--output"];
    let (input, to) = (input.to_str().unwrap(), link.to_str().unwrap());
    assert!(xdr(&[&args[..], &[to, input]].concat()).status.success());
    assert!(link.is_symlink());
    assert!(!rows(&file).is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn a_group_that_cannot_be_written_ends_the_run_whoever_maps() {
    let folder = folder("group");
    let input = folder.join("input.log");
    // More than a group holds, of texts that nothing makes shorter.
    let mut state = 1_u64;
    let mut word = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        format!("{:016x}", state ^ state >> 29)
    };
    let mut text = String::new();
    for _ in 0..60 {
        let name: String = (0..43_000).map(|_| word()).collect();
        text += r#"{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":""#;
        text += &name;
        text += "\"}\n";
    }
    fs::write(&input, text).unwrap();
    let to = folder.join("to");
    fs::create_dir(&to).unwrap();
    let (program, table) = (env!("CARGO_BIN_EXE_xdr"), to.join("events.parquet"));
    for threads in [1, 2] {
        let script = format!(
            "trap '' XFSZ; ulimit -f 2000; exec '{program}' normalize --quiet --threads {threads} --source teleport --format parquet '{}' --output '{}'",
            input.display(),
            table.display()
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let expected = format!("xdr: error: cannot write `{}`: File too large", table.display());
        assert!(said.starts_with(&expected), "{said}");
        assert!(entries(&to).is_empty(), "{:?}", entries(&to));
    }
    // The same without that limit is a table, of two groups.
    let output = xdr(&[
        "normalize",
        "--quiet",
        "--source",
        "teleport",
        "--format",
        "parquet",
        input.to_str().unwrap(),
        "--output",
        table.to_str().unwrap(),
    ]);
    assert!(output.status.success());
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&table).unwrap()).unwrap();
    let groups: Vec<_> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!((groups.len(), groups.iter().sum::<i64>()), (2, 60), "{groups:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_ends_a_table_behind_a_record_whoever_maps() {
    let folder = folder("signal");
    let input = folder.join("input.log");
    let line = |number: u64| match number % 10 {
        3 => format!("bad {number}\n"),
        _ => format!(
            "{{\"event\":\"user.login\",\"code\":\"T1000I\",\"time\":\"2024-03-14T07:08:09Z\",\"user\":\"user{number}\"}}\n"
        ),
    };
    let text: String = (0..60_000).map(line).collect();
    fs::write(&input, &text).unwrap();
    let names = |table: &Path| -> Vec<Value> {
        rows(table).into_iter().map(|mut row| row["userName"].take()).collect()
    };
    for (threads, wait) in [("1", 400), ("2", 200), ("2", 500), ("2", 800), ("3", 600), ("8", 400)] {
        let (table, rejects) = (folder.join("events.parquet"), folder.join("rejects.ndjson"));
        let args = ["normalize", "--source", "teleport", "--format", "parquet", "--threads", threads];
        let mut command = Command::new(env!("CARGO_BIN_EXE_xdr"));
        command.args(args).arg("--output").arg(&table).arg("--rejects").arg(&rejects).arg(&input);
        let child = command.stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let at = match output.status.code() {
            // A fast machine may be done.
            Some(0) => text.len(),
            Some(143) => {
                let last = said.lines().last().unwrap();
                let at = last.strip_prefix("xdr: error: stopped by SIGTERM, the records before byte ");
                at.and_then(|at| at.strip_suffix(" of the input are done")).unwrap().parse().unwrap()
            }
            other => panic!("{other:?}: {said}"),
        };
        // All before is in the table or among the rejects, and nothing behind.
        let (bad, good): (Vec<&str>, Vec<&str>) =
            text[..at].lines().partition(|line| line.starts_with("bad"));
        let good = good.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["user"].take());
        assert!(names(&table).into_iter().eq(good), "{threads} threads, {wait} ms");
        assert_eq!(lines(&fs::read(&rejects).unwrap()).len(), bad.len(), "{threads} threads, {wait} ms");
    }
}

#[test]
fn options_that_do_not_go_together_are_wrong_usage() {
    let folder = folder("usage");
    let input = root().join("mapping-specs/citrix-vpn/samples/guide.log");
    let table = folder.join("x.parquet");
    let (input, table, here) = (input.to_str().unwrap(), table.to_str().unwrap(), folder.to_str().unwrap());
    let pipe = folder.with_extension("pipe");
    let pipe = pipe.to_str().unwrap();
    #[cfg(unix)]
    assert!(Path::new(pipe).exists() || Command::new("mkfifo").arg(pipe).status().unwrap().success());
    for (args, message) in [
        (
            &["--format", "parquet"][..],
            "--format parquet writes a file, and standard output is none".to_owned(),
        ),
        (
            &["--partition", "day", "--output", table],
            "--partition is for Parquet files, and the format is `ndjson`".to_owned(),
        ),
        (
            &["--format", "parquet", "--output", table, "--compress", "gzip"],
            "pages of Parquet files are packed by zstd or snappy, not by gzip".to_owned(),
        ),
        (
            &["--format", "parquet", "--partition", "day,source,day", "--output", here],
            "--partition names the same twice".to_owned(),
        ),
        (
            &["--format", "parquet", "--output", here],
            format!("cannot write `{here}`: it is a folder, a file is expected"),
        ),
        #[cfg(unix)]
        (
            &["--format", "parquet", "--output", pipe],
            format!("cannot write `{pipe}`: it is no regular file, and a Parquet file would take its place"),
        ),
    ] {
        let output = xdr(&[&["normalize", "--source", "citrix-vpn", input], args].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().next(), Some(&*format!("xdr: error: {message}")));
    }
    assert!(entries(&folder).is_empty());
}
