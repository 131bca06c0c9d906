//! Specs run backwards: each record that `xdr generate` makes becomes the very event that was worked out for it, without the mapper's
//! help, from the values that were chosen; and what somebody means harm with keeps what is promised of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;

use xdr_codegen::ir::Module;
use xdr_runtime::engine::Source;
use xdr_workbench::generate::{Attack, Generator, Options, Run};

/// Seeds, and how many records of each. The more kinds of records a source has, the more have to be made until chance fills all rows.
const SEEDS: [u64; 3] = [1, 20_240_314, u64::MAX];
const RECORDS: usize = 700;
const MANY_RECORDS: usize = 3000;

fn run() -> Run {
    let settings = support::settings();
    Run {
        customer_id: settings.customer_id,
        collector_id: settings.collector_id,
        event_source_id: settings.event_source_id,
        device_host: settings.device_host,
        ..Run::new(settings.clock.received)
    }
}

fn options(seed: u64) -> Options {
    Options { seed, hostile: false, message: None, run: run() }
}

fn module(name: &str) -> Module {
    let inputs = xdr_codegen::load(&support::root().join("mapping-specs").join(name)).unwrap();
    xdr_codegen::resolve(&inputs[0]).unwrap()
}

/// Normalises each record that a generator makes; gives how many there were.
fn agree(source: &Source, generator: &mut Generator<'_>, count: usize) -> usize {
    agree_from(source, generator, count, 0).0
}

/// As [`agree`], for records from a place of the input on; gives the place behind them too.
fn agree_from(
    source: &Source,
    generator: &mut Generator<'_>,
    count: usize,
    mut position: u64,
) -> (usize, u64) {
    let settings = run().settings();
    let (mut made, mut wrong) = (0, Vec::new());
    for pair in generator.by_ref().take(count) {
        made += 1;
        let mut out = Vec::new();
        for record in source.records(&pair.record) {
            source.normalize(record, position, &settings, support::KEEP, &mut out);
        }
        position += pair.record.len() as u64 + 1;
        if let Err(why) = pair.holds(&out) {
            wrong.push(format!("{:?}\n{}\n{why}\n", pair.attack, String::from_utf8_lossy(&pair.record)));
        }
    }
    let some: String = wrong.iter().take(5).map(|text| text.chars().take(2000).collect::<String>()).collect();
    assert!(wrong.is_empty(), "{} of {made} disagree, such as\n{some}", wrong.len());
    (made, position)
}

/// What a source's records may leave out.
struct Bounds {
    /// Rows with a field or a constant that no record fills.
    rows: usize,
    /// Kinds of records, such as messages, that cannot be made.
    kinds: usize,
    /// Templates that are never the first to read a text, and other ways to write a message that cannot be.
    ways: usize,
}

/// Generates records with several seeds. What is never shown by one of them must be within the bounds.
fn identity(name: &str, records: usize, bounds: &Bounds) {
    let module = module(name);
    let mut missing: Option<BTreeSet<String>> = None;
    for seed in SEEDS {
        let mut generator = Generator::new(&module, options(seed)).unwrap();
        assert_eq!(agree(support::source(name), &mut generator, records), records);
        let rows = |note: &String| note.starts_with("row ") && note.ends_with("no record gave it a value");
        let notes: BTreeSet<String> = generator.notes().into_iter().filter(rows).collect();
        missing = Some(match missing {
            None => notes,
            Some(before) => before.intersection(&notes).cloned().collect(),
        });
    }
    let missing = missing.unwrap();
    assert!(missing.len() <= bounds.rows, "{name}: {missing:#?}");
    every_message(name, &module, bounds);
}

/// Generates each message in each way that its catalogue has for its text.
fn every_message(name: &str, module: &Module, bounds: &Bounds) {
    let mut generator = Generator::new(module, options(1)).unwrap();
    let (_, kinds) = generator.kinds();
    let mut position = 0;
    for kind in 0..kinds {
        generator.only(Some(kind));
        let ways = generator.ways(kind);
        position = agree_from(support::source(name), &mut generator, ways, position).1;
    }
    // More looks at what did not come off: chance may have been against it.
    for _ in 0..12 {
        for kind in generator.missing() {
            generator.only(Some(kind));
            let ways = 2 * generator.ways(kind);
            position = agree_from(support::source(name), &mut generator, ways, position).1;
        }
    }
    let (made, _) = generator.kinds();
    let notes = generator.notes();
    let about = |note: &&String| !note.starts_with("row ") && !note.contains(", alternative ");
    assert!(made + bounds.kinds >= kinds, "{:#?}", notes.iter().filter(about).collect::<Vec<_>>());
    let of_message = |site: &str| {
        (site.starts_with("message ") || site.starts_with("family ")) && !site.contains(", template ")
    };
    let never: Vec<_> = generator.never().into_iter().filter(|never| of_message(&never.site)).collect();
    assert!(never.len() <= bounds.ways, "{name}: {} ways were not shown: {never:#?}", never.len());
}

#[test]
fn records_of_cisco_anyconnect_give_their_events() {
    // A record without a tag that is no message by its text is a reject.
    identity("cisco-anyconnect", RECORDS, &Bounds { rows: 0, kinds: 1, ways: 0 });
}

#[test]
fn records_of_citrix_vpn_give_their_events() {
    identity("citrix-vpn", MANY_RECORDS, &Bounds { rows: 0, kinds: 0, ways: 0 });
}

#[test]
fn records_of_juniper_pulse_secure_give_their_events() {
    identity("juniper-pulse-secure", RECORDS, &Bounds { rows: 0, kinds: 0, ways: 0 });
}

#[test]
fn records_of_qualys_endpoint_give_their_events() {
    identity("qualys-endpoint", RECORDS, &Bounds { rows: 0, kinds: 0, ways: 0 });
}

#[test]
fn records_of_teleport_give_their_events() {
    identity("teleport", MANY_RECORDS, &Bounds { rows: 0, kinds: 0, ways: 0 });
}

#[test]
fn harmful_records_keep_what_is_promised() {
    for source in xdr_sources::sources() {
        let module = module(source.info.name);
        for seed in SEEDS {
            let hostile = Options { hostile: true, ..options(seed) };
            let mut generator = Generator::new(&module, hostile).unwrap();
            assert_eq!(agree(source, &mut generator, 150), 150);
        }
        // Each attack has its turn, and some of them promise more than a line.
        let hostile = Options { hostile: true, ..options(7) };
        let pairs: Vec<_> = Generator::new(&module, hostile).unwrap().take(300).collect();
        let attacks: BTreeSet<Attack> = pairs.iter().filter_map(|pair| pair.attack).collect();
        assert!(attacks.len() >= Attack::ALL.len() - 1, "{}: {attacks:?}", source.info.name);
        assert!(pairs.iter().any(|pair| !pair.promises.is_empty()));
    }
}

#[test]
fn the_same_seed_gives_the_same_records() {
    let module = module("citrix-vpn");
    let records = |seed| Generator::new(&module, options(seed)).unwrap().take(200).collect::<Vec<_>>();
    assert_eq!(records(7), records(7));
    assert_ne!(records(7), records(8));
}

#[test]
fn rows_that_no_record_gave_a_value_are_sought() {
    // By chance alone each of these seeds leaves some of the rows out that speak only where many others are silent.
    let module = module("teleport");
    for seed in 1..=3 {
        let mut generator = Generator::new(&module, options(seed)).unwrap();
        assert_eq!(generator.by_ref().take(RECORDS).count(), RECORDS);
        let silent = |note: &String| note.starts_with("row ") && note.ends_with("no record gave it a value");
        let silent: Vec<_> = generator.notes().into_iter().filter(silent).collect();
        assert!(silent.is_empty(), "{seed}: {silent:#?}");
    }
}

#[test]
fn only_records_of_the_message_that_was_asked_for_are_made() {
    let module = module("cisco-anyconnect");
    let only = Options { message: Some("113005".to_owned()), ..options(1) };
    let pairs: Vec<_> = Generator::new(&module, only).unwrap().take(50).collect();
    assert_eq!(pairs.len(), 50);
    for pair in pairs {
        assert_eq!(pair.event.unwrap()["xdr"]["message"], "113005");
    }
    let near = Options { message: Some("11300".to_owned()), ..options(1) };
    let error = Generator::new(&module, near).unwrap_err();
    assert!(error.contains("did you mean `11300"), "{error}");
}

#[test]
fn a_mapping_that_differs_from_the_spec_is_found() {
    // The records of one spec against the mapper of another: the test can fail.
    let module = module("teleport");
    let pair = Generator::new(&module, options(1)).unwrap().next().unwrap();
    let mut out = Vec::new();
    support::source("qualys-endpoint").normalize(&pair.record, 0, &run().settings(), support::KEEP, &mut out);
    assert!(pair.holds(&out).is_err());
}
