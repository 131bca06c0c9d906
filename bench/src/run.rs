//! One run: for each source records, checks, rounds and a report.

use std::path::PathBuf;

use crate::check::{Checked, check};
use crate::contestant::Contestant;
use crate::contestants;
use crate::corpus::Corpus;
use crate::measure::measure;
use crate::report::{Line, Report};

/// What is measured, and how often.
#[derive(Debug)]
pub struct Plan {
    /// Rounds.
    pub rounds: usize,
    /// Names of contestants; none for all.
    pub only: Vec<String>,
    /// The release binary of xdr.
    pub program: Option<PathBuf>,
}

/// Checks and measures the contestants over a corpus.
///
/// # Errors
/// A contestant that cannot be set up, or fails after it was checked.
pub fn run(corpus: &Corpus, plan: &Plan) -> Result<Report, String> {
    let mut contestants = contestants::all(corpus, plan.program.as_deref())?;
    contestants
        .retain(|contestant| plan.only.is_empty() || plan.only.iter().any(|name| name == contestant.name()));
    report(corpus, &mut contestants, plan.rounds)
}

/// Checks these contestants and measures those that pass.
///
/// # Errors
/// A contestant that fails after it was checked.
pub fn report(
    corpus: &Corpus,
    contestants: &mut [Box<dyn Contestant>],
    rounds: usize,
) -> Result<Report, String> {
    let Checked { verdicts, mapped } = check(corpus, contestants);
    let (mut checked, mut lines): (Vec<&mut Box<dyn Contestant>>, Vec<Line>) = (Vec::new(), Vec::new());
    for (contestant, verdict) in contestants.iter_mut().zip(verdicts) {
        let (name, note) = (contestant.name(), contestant.note().to_owned());
        lines.push(Line { name, note, trouble: verdict.err(), rounds: None });
        if lines.last().is_some_and(|line| line.trouble.is_none()) {
            checked.push(contestant);
        }
    }
    let mut rounds = measure(corpus, &mut checked, rounds)?.into_iter();
    for line in lines.iter_mut().filter(|line| line.trouble.is_none()) {
        line.rounds = rounds.next();
    }
    Ok(Report {
        source: corpus.source.info.name.to_owned(),
        records: corpus.records,
        bytes: corpus.bytes.len(),
        mapped,
        lines,
    })
}
