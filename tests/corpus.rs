//! Every file of samples is a snapshot: each record as it came, then its event with one member a line.
//!
//! A new folder of `mapping-specs`, or a new file of samples in one, is a new snapshot by itself. A snapshot stands in
//! `tests/corpus/SOURCE/FILE.snap`. What is the same for all records of a file stands once, at its top; `eventId` is left out,
//! since it changes with every byte: `tests/determinism.rs` is about it. `customerId` is shown where it is not the setting's.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;

use support::{CUSTOMER, Members, entries, lines, normalize, root, sample_files, samples, source};

/// Members that constants and settings fill, mostly; those that are the same in all events of a file are shown once.
const SAME: [&str; 6] =
    ["deviceType", "deviceVendor", "deviceModel", "collectorId", "eventSourceId", "collectorReceivedTime"];

#[test]
fn samples_become_these_events() {
    insta::glob!("../mapping-specs", "*/samples/*.log", |path| {
        let name = path.ancestors().nth(2).and_then(|folder| folder.file_name()).unwrap();
        let name = name.to_str().unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("corpus/{name}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.remove_input_file();
        settings.set_omit_expression(true);
        let file = path.file_stem().unwrap().to_str().unwrap();
        settings.bind(|| insta::assert_snapshot!(file, shown(name, &fs::read(path).unwrap())));
    });
}

#[test]
fn every_snapshot_has_its_samples() {
    for folder in entries(&root().join("tests/corpus")) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let files: BTreeSet<_> = sample_files(name).iter().map(|path| path.with_extension("")).collect();
        for snapshot in entries(&folder) {
            let samples = root().join("mapping-specs").join(name).join("samples");
            let expected = samples.join(snapshot.file_stem().unwrap());
            assert!(files.contains(&expected), "{} belongs to no samples: remove it", snapshot.display());
        }
    }
}

#[test]
fn no_address_of_a_record_is_lost() {
    let part = |character: char| character.is_ascii_digit() || character == '.';
    let mut lost = Vec::new();
    for source in xdr_runtime::sources() {
        for record in samples(source.info.name) {
            let text = String::from_utf8_lossy(&record);
            let (event, _) = normalize(source, &record, 0);
            let event = String::from_utf8(event).unwrap();
            let words = text.split(|character| !part(character)).map(|word| word.trim_matches('.'));
            for address in words.filter(|word| word.parse::<Ipv4Addr>().is_ok()) {
                if !event.contains(address) {
                    lost.push(format!("{}: {address} of {text}", source.info.name));
                }
            }
        }
    }
    assert!(lost.is_empty(), "neither in a token nor in the account:\n{}", lost.join("\n"));
}

/// A file of samples and its events.
fn shown(name: &str, input: &[u8]) -> String {
    let source = source(name);
    let events = |line| {
        source.records(line).map(|record| {
            let (event, _) = normalize(source, record, 0);
            Members::of(std::str::from_utf8(&event).unwrap())
        })
    };
    let all: Vec<Members> = lines(input).flat_map(|(_, line)| events(line)).collect();
    // A reject has none of them.
    let mapped = all.iter().filter(|event| SAME.iter().any(|key| event.get(key).is_some()));
    let mut same: Vec<(&str, String)> = Vec::new();
    for key in SAME {
        let mut values = mapped.clone().map(|event| event.get(key).map(ToString::to_string));
        if let Some(Some(first)) = values.next()
            && values.all(|value| value.as_ref() == Some(&first))
        {
            same.push((key, first));
        }
    }
    let mut out = String::new();
    for (key, value) in &same {
        let _ = writeln!(out, "{key} {value}");
    }
    if same.is_empty() {
        out.push('\n');
    }
    for (number, (_, line)) in lines(input).enumerate() {
        let _ = writeln!(out, "\n#{} {}", number + 1, visible(line));
        for event in events(line) {
            members(&mut out, &event, &same);
        }
    }
    out
}

/// An event, one member a line. The members of the account have the key `xdr` in front, and so have its unmapped fields.
fn members(out: &mut String, event: &Members, same: &[(&str, String)]) {
    for (key, value) in &event.0 {
        match key.as_str() {
            "eventId" => {}
            "customerId" if value.get().trim_matches('"') == CUSTOMER => {}
            "xdr" => account(out, &Members::of(value.get())),
            key if same.iter().any(|(known, _)| *known == key) => {}
            key => {
                let _ = writeln!(out, "  {key} {}", value.get());
            }
        }
    }
}

fn account(out: &mut String, account: &Members) {
    for (key, value) in &account.0 {
        match key.as_str() {
            "source" => {}
            // The record stands above; what counts is that it is all there.
            "raw" => out.push_str("  xdr.raw …\n"),
            "unmapped" => {
                for (field, value) in &Members::of(value.get()).0 {
                    let _ = writeln!(out, "  xdr.unmapped.{field} {}", value.get());
                }
            }
            "issues" => {
                let issues: Vec<&serde_json::value::RawValue> = serde_json::from_str(value.get()).unwrap();
                for issue in issues {
                    let _ = writeln!(out, "  xdr.issue {}", issue.get());
                }
            }
            key => {
                let _ = writeln!(out, "  xdr.{key} {}", value.get());
            }
        }
    }
}

/// A record as text: control characters and bytes that are not UTF-8 are escaped.
fn visible(record: &[u8]) -> String {
    let mut out = String::new();
    for chunk in record.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                out.extend(character.escape_default());
            } else {
                out.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}
