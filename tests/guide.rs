//! `xdr guide` gives back every row of the guides: their number, and each row as it was transcribed.
//!
//! The snapshots were laid beside the guides, row by row, when they were taken. A row that changes is a change of the
//! transcription, and wants the guide at hand.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;
use xdr_sources::sources;

/// The rows of a source's guide, as the program prints them.
fn rows(name: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xdr"));
    let output = command.args(["guide", name, "--format", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_row_of_the_guides_is_there() {
    // Field rows, derived rows, rows of internal fields, and the sizes of the value maps.
    let expected: [(&str, [usize; 3], &[usize]); 5] = [
        ("cisco-anyconnect", [23, 0, 9], &[7, 13]),
        // Five rows of its field table are internal fields, fifteen stand in the table of those.
        ("citrix-vpn", [30, 0, 5 + 15], &[2]),
        ("juniper-pulse-secure", [19, 5, 9], &[]),
        ("qualys-endpoint", [47, 0, 9], &[5, 5, 7]),
        ("teleport", [82, 0, 9], &[]),
    ];
    for (name, [field, derived, internal], maps) in expected {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows(name) {
            *count.entry(row["section"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let counted =
            ["field", "derived", "internal", "value-map"].map(|section| count.remove(section).unwrap_or(0));
        assert_eq!(counted, [field, derived, internal, maps.iter().sum()], "{name}");
        assert!(count.is_empty(), "{name}: other sections: {count:?}");
        let sizes: Vec<usize> = support::source(name)
            .info
            .values
            .iter()
            .filter(|map| !map.beyond)
            .map(|map| map.cases.len())
            .collect();
        assert_eq!(sizes, maps, "{name}");
    }
}

#[test]
fn rows_are_those_of_the_guides() {
    for source in sources() {
        let name = source.info.name;
        let mut text = String::new();
        for row in rows(name) {
            let _ = writeln!(text, "{row}");
        }
        insta::with_settings!({ omit_expression => true, snapshot_path => "guide", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn a_row_is_mapped_or_waived_with_a_reason() {
    for source in sources() {
        for row in source.info.rows {
            let from = row.from.join(".");
            assert!(row.token.is_some() || !row.waived.is_empty(), "{}: `{from}`", source.info.name);
        }
    }
}
