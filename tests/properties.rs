//! What holds for any input: no panic, one line of JSON for each record with an account of it, events that read back, and
//! explanations that point at the text they speak of.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError};
use support::mutate::{mutate, mutation};
use support::{Members, endings, lines, normalize, samples, settings};
use xdr_model::Event;
use xdr_runtime::engine::{Source, Told};
use xdr_runtime::record::Status;
use xdr_sources::sources;

/// The samples of every source, in the order of [`sources`].
static SAMPLES: LazyLock<Vec<Vec<Vec<u8>>>> =
    LazyLock::new(|| sources().iter().map(|source| samples(source.info.name)).collect());

/// A source, and one of its samples changed a few times.
fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
    (0..sources().len(), any::<Index>(), prop::collection::vec(mutation(), 1..5)).prop_map(
        |(source, sample, mutations)| {
            let samples = &SAMPLES[source];
            let mut line = samples[sample.index(samples.len())].clone();
            for mutation in &mutations {
                mutate(&mut line, mutation, samples);
            }
            (source, line)
        },
    )
}

/// All that holds for a record.
fn holds(source: &Source, record: &[u8]) -> Result<(), TestCaseError> {
    let (line, outcome) = normalize(source, record, 7);
    // One line, whatever the record holds.
    let text = std::str::from_utf8(&line).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(text.ends_with('\n'));
    let text = text.trim_end_matches('\n');
    prop_assert!(!text.contains(['\n', '\r']));
    // An account with a status.
    let event = Members::of(text);
    let keys: BTreeSet<&String> = event.0.iter().map(|(key, _)| key).collect();
    prop_assert_eq!(keys.len(), event.0.len(), "a key comes twice: {}", text);
    let account = Members::of(event.get("xdr").ok_or_else(|| TestCaseError::fail("no account"))?);
    let status = account.get("status").unwrap_or_default().trim_matches('"').to_owned();
    prop_assert!(["mapped", "partial", "rejected"].contains(&status.as_str()), "{}", status);
    prop_assert_eq!(outcome.status.map(Status::word), Some(status.as_str()));
    prop_assert_eq!(outcome.reject.is_some(), status == "rejected");
    // The tokens read back and are printed as they were.
    let read = Event::from_json(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    let mut again = Vec::new();
    read.write_json(&mut again);
    let mut tokens = text[..text.find("\"xdr\":").unwrap_or(0)].trim_end_matches(',').to_owned();
    tokens.push('}');
    prop_assert_eq!(String::from_utf8_lossy(&again), tokens);
    explained(source, record, &read)
}

/// What an explanation says stands in the record where it says.
fn explained(source: &Source, record: &[u8], event: &Event<'_>) -> Result<(), TestCaseError> {
    let settings = settings();
    let explanation = source.explain(record, &settings);
    let mut tokens = BTreeSet::new();
    for told in &explanation.told {
        let Told::Value { token, row, piece, .. } = told else { continue };
        prop_assert!(tokens.insert(*token), "`{}` has two values", token);
        prop_assert_eq!(source.info.rows[*row].waived, "");
        if let Some((at, text)) = piece {
            prop_assert_eq!(explanation.text.get(*at..at + text.len()), Some(text.as_str()));
        }
    }
    let read: BTreeSet<_> = event.iter().map(|(token, _)| token).collect();
    prop_assert_eq!(tokens, read);
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bytes_become_one_line_each(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for source in sources() {
            holds(source, &bytes)?;
        }
    }

    #[test]
    fn any_text_becomes_one_line((source, text) in (0..sources().len(), "\\PC{0,120}")) {
        holds(&sources()[source], text.as_bytes())?;
    }

    #[test]
    fn changed_samples_become_one_line_each((source, line) in mutated()) {
        let source = &sources()[source];
        for record in source.records(&line) {
            holds(source, record)?;
        }
    }

    #[test]
    fn as_many_events_come_out_as_records_go_in(
        (source, picks, ending) in (0..sources().len(), prop::collection::vec(any::<Index>(), 0..12), 0..3_usize)
    ) {
        let samples = &SAMPLES[source];
        let source = &sources()[source];
        let ending: &[u8] = [&b"\n"[..], b"\r\n", b"\n\n"][ending];
        let mut input = Vec::new();
        let mut records = 0;
        for pick in picks {
            input.extend(&samples[pick.index(samples.len())]);
            input.extend(ending);
            records += 1;
        }
        let mut out = Vec::new();
        for (at, line) in lines(&input) {
            for record in source.records(line) {
                out.extend(normalize(source, record, at).0);
            }
        }
        prop_assert_eq!(endings(&out), records);
    }
}

#[test]
fn samples_hold_too() {
    for (source, samples) in sources().iter().zip(SAMPLES.iter()) {
        for record in samples {
            if let Err(error) = holds(source, record) {
                panic!("{}: {error}: {}", source.info.name, String::from_utf8_lossy(record));
            }
        }
    }
}
