//! The samples use all that the specs say: every row, every case of every value map, every message that has templates, and nearly all branches.
//!
//! What no sample uses is listed by name. A row counts as used when it gave a token its value, not when its field was there; what is looked up in is
//! given here, so that rows of enrichments fill their tokens too.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;
use std::fs;

use support::{enriched, lines, root, sample_files, samples};
use xdr_runtime::engine::{Source, Told};
use xdr_runtime::info::Row;
use xdr_sources::sources;
use xdr_workbench::coverage::{Coverage, Figure, Kind, measure};

/// The rows that fill a token.
fn rows(source: &Source) -> BTreeSet<usize> {
    let settings = enriched();
    let told =
        samples(source.info.name).into_iter().flat_map(|record| source.explain(&record, &settings).told);
    told.filter_map(|told| match told {
        Told::Value { row, .. } => Some(row),
        _ => None,
    })
    .collect()
}

/// What the samples of every source use.
fn coverages() -> Vec<Coverage> {
    let inputs = xdr_codegen::load(&root().join("mapping-specs")).unwrap();
    let measured = inputs.iter().map(|input| {
        let texts: Vec<Vec<u8>> =
            sample_files(&input.name).iter().map(|path| fs::read(path).unwrap()).collect();
        measure(input, texts.iter().flat_map(|text| lines(text)).map(|(_, line)| line)).expect("a sound spec")
    });
    measured.collect()
}

/// Fails with what is missing, all of it.
fn none_missing(what: &str, missing: &[String]) {
    assert!(missing.is_empty(), "{what} that no sample uses: {}\n{}", missing.len(), missing.join("\n"));
}

/// The items of these kinds that no sample uses, as a report names them.
fn unused(coverage: &Coverage, kinds: &[Kind]) -> Vec<String> {
    let unused = coverage.unused().filter(|item| kinds.contains(&item.kind));
    unused
        .map(|item| {
            let place = &item.place;
            format!("{}:{}:{}: {} {}", place.file, place.line, place.column, item.kind.word(), item.name)
        })
        .collect()
}

#[test]
fn every_row_fills_its_token_in_some_sample() {
    let mut missing = Vec::new();
    for source in sources() {
        let used = rows(source);
        for (number, row) in source.info.rows.iter().enumerate() {
            if row.waived.is_empty() && !used.contains(&number) {
                missing.push(format!("{}: {}", source.info.name, shown(row)));
            }
        }
    }
    none_missing("rows", &missing);
}

fn shown(row: &Row) -> String {
    let from = row.from.join(".");
    let token = row.token.map_or("", xdr_model::Token::name);
    format!("{} `{from}` → {token}", row.section.word())
}

#[test]
fn the_samples_reach_all_rows_and_nearly_all_branches() {
    for coverage in coverages() {
        let name = &coverage.source;
        none_missing(
            "rows, cases, ranges and forms",
            &unused(&coverage, &[Kind::Row, Kind::Case, Kind::Range, Kind::Form]),
        );
        for (figure, least) in [(Figure::Rows, 100.0), (Figure::Templates, 90.0), (Figure::Branches, 90.0)] {
            let share = coverage.share(figure);
            assert!(share.percent() >= least, "{name}: {} % of {}", share.shown(), figure.word());
        }
    }
}

#[test]
fn every_message_with_templates_and_every_family_is_read_in_some_sample() {
    for coverage in coverages() {
        let with_templates: BTreeSet<&str> = coverage
            .items
            .iter()
            .filter(|item| item.kind == Kind::Template)
            .filter_map(|item| item.name.split_once(" of ").map(|(_, of)| of))
            .collect();
        let unread: Vec<String> = coverage
            .unused()
            .filter(|item| item.kind == Kind::Message)
            .filter(|item| item.name.starts_with("family") || with_templates.contains(item.name.as_str()))
            .map(|item| format!("{}: {}", coverage.source, item.name))
            .collect();
        none_missing("messages", &unread);
    }
}

#[test]
fn what_is_counted_does_not_depend_on_the_order_of_the_lines() {
    let inputs = xdr_codegen::load(&root().join("mapping-specs/citrix-vpn")).unwrap();
    let records = samples("citrix-vpn");
    let forth = measure(&inputs[0], records.iter().map(Vec::as_slice)).expect("a sound spec");
    let back = measure(&inputs[0], records.iter().rev().map(Vec::as_slice)).expect("a sound spec");
    assert_eq!(forth, back);
    let twice = measure(&inputs[0], records.iter().chain(&records).map(Vec::as_slice)).expect("a sound spec");
    for (once, twice) in forth.items.iter().zip(&twice.items) {
        assert_eq!(2 * once.hits, twice.hits, "{}", once.name);
    }
}
