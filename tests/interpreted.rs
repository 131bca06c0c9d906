//! The oracle: a source that is interpreted gives the very bytes, and the very explanations, that the compiled one gives.
//!
//! The interpreter is the second reading of the IR. Where it differs from the generated code, one of them does not do what the spec says.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::sync::LazyLock;

use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::Config;
use support::mutate::{Mutation, mutate, mutation};
use support::{KEEP, enriched, root, samples, settings};
use xdr_model::Event;
use xdr_runtime::engine::{Engine, Explanation, Outcome};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::record::{Reject, Scratch};
use xdr_runtime::settings::Settings;
use xdr_sources::sources;
use xdr_workbench::interpret::Interpreted;
use xdr_workbench::interpret::observe::Observer;

/// Each compiled source, interpreted, in the order of [`sources`].
static INTERPRETED: LazyLock<Vec<Interpreted>> = LazyLock::new(|| {
    let inputs = xdr_codegen::load(&root().join("mapping-specs")).unwrap();
    let find = |name| inputs.iter().find(|input| input.name == name).expect("a spec");
    sources()
        .iter()
        .map(|source| Interpreted::load(find(source.info.name)).0.expect("a sound spec"))
        .collect()
});

/// The samples of every source, in the order of [`sources`].
static SAMPLES: LazyLock<Vec<Vec<Vec<u8>>>> =
    LazyLock::new(|| sources().iter().map(|source| samples(source.info.name)).collect());

/// An observer that asks for everything and keeps nothing: to be watched must not change what a record becomes.
struct Busy;

impl Observer for Busy {}

/// All that a source makes of a record.
#[derive(Debug, PartialEq)]
struct Made {
    line: String,
    outcome: Outcome,
    explanation: Explanation,
    event: Result<String, Reject>,
}

fn made(source: &dyn Engine, record: &[u8], settings: &Settings, keep: Keep) -> Made {
    let mut line = Vec::new();
    let outcome = source.normalize(record, 7, settings, keep, &mut line);
    let scratch = Scratch::new();
    let json = |event: Event<'_>| {
        let mut json = Vec::new();
        event.write_json(&mut json);
        String::from_utf8(json).unwrap()
    };
    let event = source.event(record, 7, settings, &scratch).map(json);
    Made {
        line: String::from_utf8(line).unwrap(),
        outcome,
        explanation: source.explain(record, settings),
        event,
    }
}

/// What differs between the compiled and the interpreted source with this number.
fn compare(number: usize, record: &[u8], settings: &Settings, keep: Keep) -> Result<(), Box<(Made, Made)>> {
    let compiled = made(sources()[number].engine(), record, settings, keep);
    let source = &INTERPRETED[number];
    for interpreted in
        [made(source, record, settings, keep), made(&source.observed(&Busy), record, settings, keep)]
    {
        if interpreted != compiled {
            return Err(Box::new((interpreted, compiled)));
        }
    }
    Ok(())
}

#[test]
fn samples_become_the_same_interpreted_and_compiled() {
    let bare = Settings::new("2025-02-28T23:59:59Z".parse().unwrap());
    let runs = [(settings(), KEEP), (enriched(), KEEP), (bare, Keep { unmapped: false, raw: true })];
    for (number, samples) in SAMPLES.iter().enumerate() {
        for (record, (settings, keep)) in
            samples.iter().flat_map(|record| runs.iter().map(move |run| (record, run)))
        {
            if let Err(differ) = compare(number, record, settings, *keep) {
                let (interpreted, compiled) = *differ;
                let record = String::from_utf8_lossy(record);
                panic!("{record}\ninterpreted: {interpreted:#?}\ncompiled: {compiled:#?}");
            }
        }
    }
}

#[test]
fn a_source_says_the_same_of_itself_interpreted_and_compiled() {
    for (source, interpreted) in sources().iter().zip(INTERPRETED.iter()) {
        assert_eq!(*source.info, *interpreted.info());
    }
}

/// A source, and one of its samples changed a few times.
fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let mutations = prop::collection::vec(mutation(), 1..5);
    (0..sources().len(), any::<Index>(), mutations).prop_map(
        |(source, sample, mutations): (_, _, Vec<Mutation>)| {
            let samples = &SAMPLES[source];
            let mut line = samples[sample.index(samples.len())].clone();
            for mutation in &mutations {
                mutate(&mut line, mutation, samples);
            }
            (source, line)
        },
    )
}

proptest! {
    #![proptest_config(Config { cases: 1000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn changed_samples_become_the_same_interpreted_and_compiled((number, line) in mutated()) {
        let settings = settings();
        let records: Vec<_> = sources()[number].records(&line).collect();
        prop_assert_eq!(&records, &INTERPRETED[number].records(&line).collect::<Vec<_>>());
        for record in records {
            if let Err(differ) = compare(number, record, &settings, KEEP) {
                prop_assert_eq!(differ.0, differ.1);
            }
        }
    }

    #[test]
    fn any_bytes_become_the_same_interpreted_and_compiled(
        number in 0..sources().len(),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        if let Err(differ) = compare(number, &bytes, &settings(), KEEP) {
            prop_assert_eq!(differ.0, differ.1);
        }
    }
}
