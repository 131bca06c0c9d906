//! Every file of samples is a snapshot: each record as it came, then its event with one member a line.
//!
//! A new folder of `mapping-specs`, or a new file of samples in one, is a new snapshot by itself. A snapshot stands in
//! `tests/corpus/SOURCE/FILE.snap`; `xdr_workbench::snapshot` says what is shown. `tests/determinism.rs` is about `eventId`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;

use support::{entries, lines, normalize, root, sample_files, samples, settings, source};
use xdr_runtime::map::REQUIRED;
use xdr_runtime::sink::Reason;
use xdr_workbench::snapshot;

/// How the names of files begin whose records may lack a token that they must have.
const LACKING: [&str; 2] = ["incomplete", "rubbish"];

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
        let (source, input) = (source(name), fs::read(path).unwrap());
        let shown = snapshot::shown(source.engine(), source.info.records, &input);
        settings.bind(|| insta::assert_snapshot!(file, shown));
    });
}

#[test]
fn no_snapshot_lacks_what_its_source_requires() {
    let mut lacking = Vec::new();
    for source in xdr_sources::sources() {
        let mut marked = BTreeSet::new();
        for path in sample_files(source.info.name) {
            let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let is_marked = LACKING.iter().any(|word| file.starts_with(word));
            for (number, (_, line)) in lines(&fs::read(&path).unwrap()).enumerate() {
                for record in source.records(line) {
                    let (_, outcome) = normalize(source, record, 0);
                    let lack = outcome.issues.iter().find(|(_, reason)| *reason == Reason::Other(REQUIRED));
                    if let Some((token, _)) = lack {
                        if is_marked {
                            marked.insert(file.clone());
                        } else {
                            let token = token.map_or("", xdr_model::Token::name);
                            lacking.push(format!("{}:{}: {token}", path.display(), number + 1));
                        }
                    }
                }
            }
        }
        assert!(!source.info.required.is_empty(), "{} requires nothing", source.info.name);
        assert!(
            !marked.is_empty(),
            "{}: no sample shows what becomes of a record that lacks a token",
            source.info.name
        );
    }
    assert!(
        lacking.is_empty(),
        "these samples lack a token that they must have; if that is what they show, move them to a file whose name begins \
         with {}:\n{}",
        LACKING.join(" or "),
        lacking.join("\n")
    );
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
    for source in xdr_sources::sources() {
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

#[test]
fn snapshots_are_made_with_the_settings_of_the_tests() {
    assert_eq!(format!("{:?}", snapshot::settings()), format!("{:?}", settings()));
}
