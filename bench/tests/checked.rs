//! What is measured is checked: every contestant makes xdr's events of the generated records.

use xdr_bench::check::{Checked, check};
use xdr_bench::contestants;
use xdr_bench::corpus::Corpus;
use xdr_bench::generate;
use xdr_bench::run::{self, Plan};

const RECORDS: usize = 2_000;

#[test]
fn every_contestant_makes_the_events_of_xdr() {
    for name in generate::sources() {
        let corpus = Corpus::made_up(name, RECORDS).expect("a corpus");
        let mut all = contestants::all(&corpus, None).expect("contestants");
        let Checked { verdicts, mapped } = check(&corpus, &mut all);
        assert!(mapped * 100 > RECORDS * 99, "{name}: {mapped}");
        assert_eq!(verdicts.len(), all.len());
        for (contestant, verdict) in all.iter().zip(verdicts) {
            assert_eq!(verdict, Ok(()), "{name}: {}", contestant.name());
        }
        let names: Vec<_> = all.iter().map(|contestant| contestant.name()).collect();
        assert!(names.starts_with(&["xdr", "xdr event", "vrl", "vrl tuned"]), "{names:?}");
        assert!(names.len() >= 8, "{names:?}");
        assert!(names.iter().all(|name| contestants::NAMES.contains(name)), "{names:?}");
    }
}

#[test]
fn records_that_a_contestant_reads_otherwise_cost_it_its_figure() {
    // A connection of a protocol that no pattern of the peers knows; xdr's catalogue does.
    let mut bytes = generate::corpus("cisco-anyconnect", 10).expect("records");
    bytes.extend_from_slice(
        b"<166>Mar 11 2024 00:00:09 gw1 : %ASA-6-302020: Built inbound ICMP connection for faddr 203.0.113.64/8 gaddr 192.0.2.139/1 laddr 198.51.100.42/6\n",
    );
    let corpus = Corpus::temporary("cisco-anyconnect", bytes).expect("a corpus");
    assert!(corpus.file.exists());
    let plan = Plan { rounds: 1, only: vec!["xdr".to_owned(), "regex".to_owned()], program: None };
    let report = run::run(&corpus, &plan).expect("a report");
    let figures: Vec<_> =
        report.lines.iter().map(|line| (line.name, line.rounds.is_some(), line.trouble.is_none())).collect();
    assert_eq!(figures, [("xdr", true, true), ("regex", false, false)]);
    let file = corpus.file.clone();
    drop(corpus);
    assert!(!file.exists());
}
