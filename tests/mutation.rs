//! Samples and tables of messages notice at least 95 % of the changes that could be made to the five specs by mistake.
//!
//! Of the large sources every so-manieth change is made, always the same ones, so that this takes seconds; `xdr mutate NAME` makes all of them. The
//! steps are primes: changes come in the order of the spec, a few of each message, and each kind is to have its share.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;

use support::{root, sample_files};
use xdr_workbench::mutate::{self, Report};

/// The share that must be noticed, in percent.
const LEAST: f64 = 95.0;

fn report(name: &str, every: usize) -> Report {
    let inputs = xdr_codegen::load(&root().join("mapping-specs").join(name)).unwrap();
    let samples: Vec<Vec<u8>> = sample_files(name).iter().map(|path| fs::read(path).unwrap()).collect();
    mutate::run(&inputs[0], &samples, every).expect("a sound spec")
}

fn notices(name: &str, every: usize, at_least: usize) {
    let report = report(name, every);
    assert!(report.mutants() >= at_least, "{name}: only {} changes were made", report.mutants());
    let left: Vec<String> = report
        .survivors
        .iter()
        .map(|one| format!("{}:{}:{}: {} {}", one.file, one.line, one.column, one.operator, one.what))
        .collect();
    let score = report.score();
    assert!(score >= LEAST, "{name}: {score:.1} % are noticed; not so\n{}", left.join("\n"));
}

#[test]
fn changes_of_cisco_anyconnect_are_noticed() {
    notices("cisco-anyconnect", 17, 600);
}

#[test]
fn changes_of_citrix_vpn_are_noticed() {
    notices("citrix-vpn", 5, 400);
}

#[test]
fn changes_of_juniper_pulse_secure_are_noticed() {
    notices("juniper-pulse-secure", 23, 900);
}

#[test]
fn changes_of_qualys_endpoint_are_noticed() {
    notices("qualys-endpoint", 1, 150);
}

#[test]
fn changes_of_teleport_are_noticed() {
    notices("teleport", 5, 550);
}

#[test]
fn without_samples_most_changes_of_rows_are_not_noticed() {
    // The table alone does not carry the bar: what rows and steps do is shown by records.
    let inputs = xdr_codegen::load(&root().join("mapping-specs/qualys-endpoint")).unwrap();
    let report = mutate::run(&inputs[0], &[], 1).expect("a sound spec");
    assert!(report.score() < 50.0, "{:.1} %", report.score());
    assert_eq!(report.by_samples(), 0);
}
