//! The same input and settings give the same bytes, and every record has an id of its own.
//!
//! An id is made of the source, the place of the record in its input, and its text. So a replay of an input gives the same
//! ids, two records that read alike get different ones, and the same lines in another input, or behind other lines, get
//! different ids too: a file that is split between two runs is two inputs.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Members, lines, normalize, sample_files, source};
use xdr_sources::sources;

/// The events of an input, one a line.
fn run(name: &str, input: &[u8]) -> Vec<u8> {
    let source = source(name);
    let mut out = Vec::new();
    for (at, line) in lines(input) {
        for record in source.records(line) {
            // Records of one line begin at different bytes of it.
            let inside = (record.as_ptr() as usize - line.as_ptr() as usize) as u64;
            out.extend(normalize(source, record, at + inside).0);
        }
    }
    out
}

/// The ids of events.
fn ids(events: &[u8]) -> Vec<String> {
    std::str::from_utf8(events)
        .unwrap()
        .lines()
        .filter_map(|event| Members::of(event).get("eventId").map(str::to_owned))
        .collect()
}

/// All samples of a source as one input.
fn all(name: &str) -> Vec<u8> {
    sample_files(name).iter().flat_map(|path| fs::read(path).unwrap()).collect()
}

fn program(name: &str, file: &Path) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_xdr"))
        .args(["normalize", "--quiet", "--received-at", "2024-03-14T08:00:00Z", "--source", name])
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for source in sources() {
        let name = source.info.name;
        let input = all(name);
        assert!(run(name, &input) == run(name, &input), "{name}");
    }
}

#[test]
fn the_program_gives_the_same_bytes_in_every_run() {
    for source in sources() {
        let name = source.info.name;
        let file = &sample_files(name)[0];
        let first = program(name, file);
        assert!(!first.is_empty());
        assert!(first == program(name, file), "{name}");
    }
}

#[test]
fn no_two_records_of_an_input_have_the_same_id() {
    for source in sources() {
        let name = source.info.name;
        let mut input = all(name);
        // Everything twice: each line is then there at least two times.
        input.extend(input.clone());
        let ids = ids(&run(name, &input));
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert!(!ids.is_empty());
        assert_eq!(distinct.len(), ids.len(), "{name}");
    }
}

#[test]
fn an_id_depends_on_the_place_but_not_on_what_follows() {
    for source in sources() {
        let name = source.info.name;
        let input = all(name);
        let half = input.len() / 2;
        let border = half + input[half..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let (front, back) = input.split_at(border);
        let whole = ids(&run(name, &input));
        let front = ids(&run(name, front));
        let back = ids(&run(name, back));
        assert_eq!(whole[..front.len()], front, "{name}");
        // The same lines as an input of their own begin at other bytes.
        let whole: BTreeSet<_> = whole.into_iter().collect();
        assert!(!back.is_empty());
        assert!(back.iter().all(|id| !whole.contains(id)), "{name}");
    }
}

#[test]
fn ids_do_not_change_between_versions() {
    // Whoever stored events finds them again after an update. If this fails, say so in the change log.
    let record = br#"{"event":"user.login","code":"T1000I","user":"kim","time":"2024-03-14T07:08:09Z"}"#;
    let (event, _) = normalize(source("teleport"), record, 4711);
    assert_eq!(ids(&event), ["\"9c8fd8fa-d8a1-86b8-80d1-45e1d254c5f2\""]);
}
